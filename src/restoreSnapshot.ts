// Makes a data directory of a snapshot: genesis, state, expiry index, the block log from the snapshot's block on (or from its first one).
// Everything is checked before the directory gets its name: chunks by their hashes, blocks by their links, the state by its root, the root by
// the block's certificate.

import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { equalBytes, fromHex, toHex } from "./base/bytes.js";
import { nodeDisk } from "./base/disk.js";
import { saveGenesis } from "./consensus/solo/chainFiles.js";
import { blockHash, decodeResult } from "./protocol/block.js";
import { blockMatchesHeader, verifyCertificate } from "./protocol/certificate.js";
import { decodeDelegates, delegateSetHash } from "./protocol/delegates.js";
import { genesisHash } from "./protocol/genesis.js";
import { receiptsRoot } from "./protocol/receipt.js";
import { Reader } from "./protocol/wire.js";
import { writeSetHash } from "./protocol/writeSet.js";
import { putLeaves } from "./state/snapshot/leafChunks.js";
import { type SnapshotManifest, SnapshotReader } from "./state/snapshot/snapshotFile.js";
import { State } from "./state/state.js";
import { readDelegates } from "./state/views.js";
import { BlockLog } from "./storage/blockLog.js";
import { type CommittedBlock, decodeCommittedBlock } from "./storage/committedBlock.js";
import { openLmdbStore, STATE_STORE } from "./storage/lmdbStore.js";
import { DamageError } from "./storage/storageErrors.js";

const CACHE_BYTES = 256 * 1024 * 1024;
/** Appends under way at once: they share syncs. */
const APPENDS_MAX = 256;

export interface RestoreOptions {
  file: string;
  /** Must not exist, or be empty. */
  dataDirectory: string;
  /** What the snapshot's block must be, as others of the network show it; hex. */
  blockHash?: string;
  tell?: (line: string) => void;
}

/** The snapshot's block, after its certificate was checked. */
function certifiedBlock(manifest: SnapshotManifest, expectedHash: string | undefined): CommittedBlock {
  const hash = genesisHash(manifest.genesis);
  const block = decodeCommittedBlock(fromHex(manifest.block)!);
  const delegates = decodeDelegates(fromHex(manifest.delegates)!);
  const result = decodeResult(block.block.result);
  verifyCertificate(block.certificate, block.block.header, hash, delegates);
  if (
    toHex(hash) !== manifest.genesisHash ||
    block.height !== manifest.height ||
    toHex(block.hash) !== manifest.blockHash ||
    !equalBytes(block.hash, blockHash(hash, block.block.header)) ||
    !equalBytes(result.delegateSetHash, delegateSetHash(delegates)) ||
    toHex(result.stateRoot) !== manifest.stateRoot
  ) {
    throw new DamageError("the snapshot contradicts itself: its block is not the one that it names");
  }
  expectWhole(block);
  if (expectedHash !== undefined && expectedHash !== manifest.blockHash) {
    throw new DamageError(`expected a snapshot of block ${expectedHash}, got ${manifest.blockHash}`);
  }
  return block;
}

/** Whether everything in a block's record is what its header covers. */
function expectWhole({ height, block, receipts, writeSet }: CommittedBlock): void {
  const result = decodeResult(block.result);
  if (
    !blockMatchesHeader(block.header, block.result, block.transactions) ||
    !equalBytes(result.receiptsRoot, receiptsRoot(receipts)) ||
    !equalBytes(result.writeSetHash, writeSetHash(writeSet))
  ) {
    throw new DamageError(`block ${height} of the snapshot is not the one that its header covers`);
  }
}

function* recordsOf(content: Uint8Array): Generator<Uint8Array> {
  const reader = new Reader(content);
  while (reader.remaining > 0) {
    yield reader.raw(reader.u32());
  }
}

async function restoreBlocks(reader: SnapshotReader, directory: string, last: CommittedBlock): Promise<number> {
  const { manifest } = reader;
  const hash = genesisHash(manifest.genesis);
  const log = await BlockLog.open(nodeDisk, join(directory, "blocks"), { genesisHash: hash });
  try {
    if (manifest.firstBlock === undefined) {
      await log.append(last.height, [fromHex(manifest.block)!]);
      return 1;
    }
    let before: Uint8Array | undefined;
    let count = 0;
    let appends: Promise<void>[] = [];
    for (const [index, chunk] of manifest.chunks.entries()) {
      for (const record of chunk.kind === "blocks" ? recordsOf(await reader.chunk(index)) : []) {
        const block = decodeCommittedBlock(record);
        const isFirst = block.height === 1 ? hash : before;
        const follows = isFirst === undefined || equalBytes(block.block.header.parentHash, isFirst);
        if (block.height !== manifest.firstBlock + count || !follows) {
          throw new DamageError(`block ${block.height} of the snapshot does not follow the one before it`);
        }
        before = blockHash(hash, block.block.header);
        expectWhole(block);
        count++;
        appends.push(log.append(block.height, [record]));
        if (appends.length >= APPENDS_MAX) {
          await Promise.all(appends);
          appends = [];
        }
      }
    }
    await Promise.all(appends);
    if (before === undefined || !equalBytes(before, last.hash)) {
      throw new DamageError("the snapshot's blocks do not lead to the block that its certificate proves");
    }
    return count;
  } finally {
    await log.close();
  }
}

/** Puts the state in place; returns the hash of the delegates that it names. */
async function restoreState(reader: SnapshotReader, directory: string): Promise<Uint8Array> {
  const { manifest } = reader;
  const store = openLmdbStore(join(directory, "state"), STATE_STORE);
  try {
    const state = State.open(store, { pageCacheBytes: CACHE_BYTES, historyHeights: 0 });
    const contents = async function* (): AsyncGenerator<Uint8Array> {
      for (const [index, { kind }] of manifest.chunks.entries()) {
        if (kind === "state") {
          yield await reader.chunk(index);
        }
      }
    };
    await putLeaves(state, manifest.height, manifest.leaves, contents());
    if (toHex(state.root) !== manifest.stateRoot) {
      throw new DamageError(`the snapshot's leaves have root ${toHex(state.root)}, its block ${manifest.stateRoot}`);
    }
    return delegateSetHash(readDelegates(state));
  } finally {
    await store.close();
  }
}

async function expectFree(directory: string): Promise<void> {
  const found = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") {
      return [];
    }
    throw error;
  });
  if (found.length > 0) {
    throw new Error(`expected ${directory} to be empty or absent, got ${found.length} files in it`);
  }
}

export interface Restored {
  manifest: SnapshotManifest;
  blocks: number;
  /** Whether the delegates that agreed on the snapshot's block are those of its state: then the state's root proves the block too. */
  delegatesProven: boolean;
}

/** Restores the snapshot; the directory appears only when all of it is there and checked. */
export async function restoreSnapshot(options: RestoreOptions): Promise<Restored> {
  const target = resolve(options.dataDirectory);
  await expectFree(target);
  const reader = await SnapshotReader.open(options.file);
  const temporary = `${target}.restoring`;
  try {
    const { manifest } = reader;
    const last = certifiedBlock(manifest, options.blockHash);
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    await saveGenesis(temporary, manifest.genesis);
    options.tell?.(`putting ${manifest.leaves} leaves in place`);
    const setHash = await restoreState(reader, temporary);
    options.tell?.("putting blocks in place");
    const blocks = await restoreBlocks(reader, temporary, last);
    // What is in it first, or a power failure could leave the directory's name with nothing behind it.
    await nodeDisk.syncDirectory(temporary);
    await rm(target, { recursive: true, force: true });
    await rename(temporary, target);
    await nodeDisk.syncDirectory(dirname(target));
    const delegatesProven = equalBytes(setHash, decodeResult(last.block.result).delegateSetHash);
    return { manifest, blocks, delegatesProven };
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  } finally {
    await reader.close();
  }
}
