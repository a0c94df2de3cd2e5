// Writes a snapshot of a stopped node's chain: the state of its latest block, that block with its certificate, and all blocks where
// wanted. What it reads is checked on the way; a damaged chain gives no snapshot.

import { rm } from "node:fs/promises";
import { assert } from "./base/assert.js";
import { equalBytes, toHex } from "./base/bytes.js";
import { type ChainData, openChainData, openStoredState } from "./chainData.js";
import { recoverState } from "./consensus/recoverState.js";
import { delegatesOfBlock } from "./delegatesOfBlock.js";
import { decodeResult } from "./protocol/block.js";
import { CERTIFICATE_PENDING, verifyCertificate } from "./protocol/certificate.js";
import { encodeDelegates } from "./protocol/delegates.js";
import { genesisChanges } from "./state/genesisState.js";
import { writeLeaves } from "./state/snapshot/leafChunks.js";
import { CHUNK_CONTENT_BYTES, type SnapshotManifest, SnapshotWriter } from "./state/snapshot/snapshotFile.js";
import type { State } from "./state/state.js";
import { recordOf } from "./storage/committedBlock.js";
import { FLUSH_DIRTY_BYTES } from "./writeBehind.js";

export interface SnapshotOptions {
  dataDirectory: string;
  file: string;
  withBlocks: boolean;
  tell?: (line: string) => void;
}

/** The state, brought up to the log. */
async function currentState({ genesis, genesisHash, blocks, stateStore }: ChainData): Promise<State> {
  const state = openStoredState(stateStore);
  if (state.height < 0) {
    state.commit(0, state.prepare(genesisChanges(genesis)));
  }
  await recoverState(state, blocks, genesisHash, FLUSH_DIRTY_BYTES);
  return state;
}

async function writeBlocks({ log }: ChainData, writer: SnapshotWriter, first: number): Promise<void> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  const flush = async (): Promise<void> => {
    if (waiting.length > 0) {
      await writer.addChunk("blocks", Buffer.concat(waiting));
      waiting = [];
      length = 0;
    }
  };
  for await (const { payload } of log.recordsFrom(first)) {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(payload.length, 0);
    waiting.push(head, payload);
    length += payload.length;
    if (length >= CHUNK_CONTENT_BYTES) {
      await flush();
    }
  }
  await flush();
}

async function writeSnapshot(
  data: ChainData,
  state: State,
  writer: SnapshotWriter,
  options: SnapshotOptions,
): Promise<SnapshotManifest> {
  const { blocks, genesis, genesisHash } = data;
  const { latest } = blocks;
  if (latest === undefined) {
    throw new Error("the chain has no block yet: there is nothing that a snapshot could hold");
  }
  if (latest.certificate.kind === CERTIFICATE_PENDING) {
    throw new Error(`the certificate of block ${latest.height} is still to come: start the node once more and stop it`);
  }
  const { stateRoot, delegateSetHash: setHash } = decodeResult(latest.block.result);
  assert(equalBytes(stateRoot, state.root), "recovery compared the roots");
  const delegates = delegatesOfBlock(state, latest.height, setHash);
  verifyCertificate(latest.certificate, latest.block.header, genesisHash, delegates);
  options.tell?.(`writing the state of height ${latest.height}`);
  const leaves = await writeLeaves(state.leaves(), writer);
  if (options.withBlocks) {
    options.tell?.(`writing blocks ${blocks.firstHeight} to ${latest.height}`);
    await writeBlocks(data, writer, blocks.firstHeight ?? 1);
  }
  return writer.finish({
    height: latest.height,
    genesis,
    genesisHash: toHex(genesisHash),
    blockHash: toHex(latest.hash),
    stateRoot: toHex(stateRoot),
    leaves,
    block: toHex(recordOf(latest).payload),
    delegates: toHex(encodeDelegates(delegates)),
    ...(options.withBlocks ? { firstBlock: blocks.firstHeight ?? 1 } : {}),
  });
}

/** Writes the snapshot; leaves no half of one behind. */
export async function createSnapshot(options: SnapshotOptions): Promise<SnapshotManifest> {
  const data = await openChainData(options.dataDirectory);
  try {
    const state = await currentState(data);
    const writer = await SnapshotWriter.create(options.file);
    try {
      return await writeSnapshot(data, state, writer, options);
    } catch (error) {
      await rm(options.file, { force: true });
      throw error;
    } finally {
      await writer.close();
    }
  } finally {
    await data.close();
  }
}
