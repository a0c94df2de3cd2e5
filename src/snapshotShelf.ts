// The snapshots that a running node makes of its state now and then and hands to nodes that join. A shelf holds a few; each is a file that
// `ttchain snapshot restore` takes too. What is made while blocks go on is the state of one height, which the state keeps meanwhile.

import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { equalBytes, toHex } from "./base/bytes.js";
import type { SnapshotSource } from "./consensus/comet/cometEngine.js";
import type { SnapshotName } from "./consensus/comet/snapshotMessages.js";
import { decodeResult } from "./protocol/block.js";
import { CERTIFICATE_PENDING } from "./protocol/certificate.js";
import { delegateSetHash, encodeDelegates } from "./protocol/delegates.js";
import type { Genesis } from "./protocol/genesis.js";
import { writeLeaves } from "./state/snapshot/leafChunks.js";
import { encodePieceHashes, manifestPieces, SHARED_FORMAT } from "./state/snapshot/manifestPieces.js";
import { SnapshotReader, SnapshotWriter } from "./state/snapshot/snapshotFile.js";
import type { State } from "./state/state.js";
import { readDelegates } from "./state/views.js";
import { type CommittedBlock, encodeCommittedBlock } from "./storage/committedBlock.js";
import { sha256 } from "./wasm/sha256.js";

/** Read in one go between blocks; the collector's and the store's share included some ten milliseconds. */
const CONTENT_BYTES = 1024 * 1024;
const SUFFIX = ".snapshot";
const PARTIAL = ".partial";

export interface ShelfOptions {
  directory: string;
  /** Blocks from one snapshot to the next. */
  every: number;
  /** Snapshots that are kept. */
  keep: number;
  genesis: Genesis;
  genesisHash: Uint8Array;
  /** Told of one that could not be made; the node goes on. */
  onFailure: (height: number, error: unknown) => void;
}

interface Shelved extends SnapshotName {
  path: string;
}

export class SnapshotShelf implements SnapshotSource {
  private making: Promise<void> | undefined;

  private constructor(
    private readonly state: State,
    private readonly options: ShelfOptions,
    /** The oldest first. */
    private shelved: Shelved[],
  ) {}

  /** Opens the directory, which is made where there is none; what is not a whole snapshot goes. */
  static async open(state: State, options: ShelfOptions): Promise<SnapshotShelf> {
    const { directory } = options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const shelved: Shelved[] = [];
    for (const file of await readdir(directory)) {
      const path = join(directory, file);
      const found = file.endsWith(SUFFIX) ? await nameOf(path).catch(() => undefined) : undefined;
      if (found === undefined) {
        await rm(path, { force: true });
      } else {
        shelved.push({ ...found, path });
      }
    }
    return new SnapshotShelf(
      state,
      options,
      shelved.sort((a, b) => a.height - b.height),
    );
  }

  list(): SnapshotName[] {
    return this.shelved;
  }

  /** The hashes of the manifest's pieces as chunk 0, the pieces, then the file's chunks; undefined where it is not kept. */
  async chunk(height: number, index: number): Promise<Uint8Array | undefined> {
    const found = this.shelved.find((name) => name.height === height && index < name.chunks);
    if (found === undefined) {
      return undefined;
    }
    const reader = await SnapshotReader.open(found.path);
    try {
      const pieces = manifestPieces(reader.manifestBytes);
      return index === 0
        ? encodePieceHashes(pieces)
        : (pieces[index - 1] ?? (await reader.chunkBytes(index - 1 - pieces.length)));
    } finally {
      await reader.close();
    }
  }

  /** Begins to make a snapshot where it is time. `block` is the latest, whose state is the present one. */
  onCommitted(block: CommittedBlock): void {
    const { every, onFailure } = this.options;
    const last = this.shelved.at(-1)?.height ?? 0;
    if (this.making === undefined && block.height - last >= every && this.provesItself(block)) {
      this.making = this.make(block)
        .catch((error: unknown) => onFailure(block.height, error))
        .finally(() => {
          this.making = undefined;
        });
    }
  }

  /** Whoever joins trusts the state's root alone: the delegates in it must be those that the block's certificate names. */
  private provesItself({ certificate, block }: CommittedBlock): boolean {
    const { delegateSetHash: setHash } = decodeResult(block.result);
    return certificate.kind !== CERTIFICATE_PENDING && equalBytes(delegateSetHash(readDelegates(this.state)), setHash);
  }

  private async make(block: CommittedBlock): Promise<void> {
    const { state, options } = this;
    const { directory, genesis, genesisHash, keep } = options;
    const { height } = block;
    const delegates = readDelegates(state);
    const path = join(directory, `${height}${SUFFIX}`);
    const partial = path + PARTIAL;
    await rm(partial, { force: true });
    const writer = await SnapshotWriter.create(partial);
    try {
      const leaves = await writeLeaves(state.leaves(height), writer, CONTENT_BYTES);
      await writer.finish({
        height,
        genesis,
        genesisHash: toHex(genesisHash),
        blockHash: toHex(block.hash),
        stateRoot: toHex(decodeResult(block.block.result).stateRoot),
        leaves,
        block: toHex(encodeCommittedBlock(block)),
        delegates: toHex(encodeDelegates(delegates)),
      });
    } finally {
      await writer.close();
    }
    await rename(partial, path);
    this.shelved.push({ ...(await nameOf(path)), path });
    for (const old of this.shelved.splice(0, this.shelved.length - keep)) {
      await rm(old.path, { force: true });
    }
  }

  /** Resolves when none is being made. */
  async settle(): Promise<void> {
    await this.making;
  }
}

async function nameOf(path: string): Promise<SnapshotName> {
  const reader = await SnapshotReader.open(path);
  await reader.close();
  const { manifest, manifestBytes } = reader;
  const pieces = manifestPieces(manifestBytes);
  const hash = sha256(encodePieceHashes(pieces));
  const chunks = 1 + pieces.length + manifest.chunks.length;
  return { height: manifest.height, format: SHARED_FORMAT, chunks, hash };
}
