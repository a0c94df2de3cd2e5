// The state's leaves as chunks of a snapshot: key (32), length of the value (u16, little-endian), value, in the order of the keys.

import { setImmediate } from "node:timers/promises";
import { STATE_VALUE_BYTES_MAX } from "../../protocol/limits.js";
import { Reader } from "../../protocol/wire.js";
import type { StateChange } from "../../protocol/writeSet.js";
import { DamageError } from "../../storage/storageErrors.js";
import type { State } from "../state.js";
import type { StateLeaf } from "../tree/stateReader.js";
import { CHUNK_CONTENT_BYTES, type SnapshotWriter } from "./snapshotFile.js";

const HEAD_BYTES = 34;
/** Leaves committed in one go: enough that the tree is built level by level, little enough to stay small. */
const LEAVES_A_COMMIT = 50_000;

/** Writes all leaves, in chunks of `contentBytes` before they are compressed; returns how many there were. */
export async function writeLeaves(
  leaves: Iterable<StateLeaf>,
  writer: SnapshotWriter,
  contentBytes = CHUNK_CONTENT_BYTES,
): Promise<number> {
  const content = Buffer.allocUnsafe(contentBytes);
  let length = 0;
  let count = 0;
  for (const { key, value } of leaves) {
    if (length + HEAD_BYTES + value.length > content.length) {
      await writer.addChunk("state", content.subarray(0, length));
      length = 0;
    }
    content.set(key, length);
    content.writeUInt16LE(value.length, length + 32);
    content.set(value, length + HEAD_BYTES);
    length += HEAD_BYTES + value.length;
    count++;
  }
  await writer.addChunk("state", content.subarray(0, length));
  return count;
}

function decodeLeaves(content: Uint8Array): StateChange[] {
  const reader = new Reader(content);
  const leaves: StateChange[] = [];
  while (reader.remaining > 0) {
    const key = reader.raw(32);
    const length = reader.u16();
    if (length < 1 || length > STATE_VALUE_BYTES_MAX) {
      throw new DamageError(`the snapshot holds a leaf of ${length} bytes`);
    }
    leaves.push({ key, value: reader.raw(length) });
  }
  return leaves;
}

/**
 * Puts leaves into an empty state that keeps no old heights, some at a time under heights that lead up to `height`, and writes them. The
 * caller compares the root.
 */
export async function putLeaves(
  state: State,
  height: number,
  leafCount: number,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const perCommit = Math.max(LEAVES_A_COMMIT, Math.ceil(leafCount / Math.max(1, height)));
  const commits = Math.max(1, Math.ceil(leafCount / perCommit));
  let nextHeight = height - commits + 1;
  let waiting: StateChange[] = [];
  const commit = async (leaves: StateChange[]): Promise<void> => {
    state.commit(nextHeight++, state.prepare(leaves));
    await state.flush();
    await setImmediate();
  };
  for await (const content of chunks) {
    waiting = waiting.concat(decodeLeaves(content));
    while (waiting.length > perCommit && nextHeight < height) {
      await commit(waiting.slice(0, perCommit));
      waiting = waiting.slice(perCommit);
    }
  }
  await commit(waiting);
  if (state.height !== height) {
    throw new DamageError(`the snapshot has other leaves than the ${leafCount} that it names`);
  }
  await state.rebuildExpiryIndex();
}
