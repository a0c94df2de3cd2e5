// Shared by the block log's tests: payloads whose height can be told from their bytes, and short ways to open a log.
import { SeededRandom } from "../../src/base/random.js";
import { BlockLog } from "../../src/storage/blockLog.js";
import type { SimulatedDisk } from "./simulatedDisk.js";

export const GENESIS_HASH = new Uint8Array(32).fill(7);
export const DIRECTORY = "/data/log";

/** The payload of `height`, the same each time; with sectors that are zeros by right here and there. */
export function payloadOf(height: number, lengthMax = 3000): Uint8Array {
  const random = new SeededRandom(height);
  const payload = random.bytes(random.below(lengthMax) + 1);
  if (height % 3 === 0) {
    payload.fill(0, payload.length >> 2, payload.length - (payload.length >> 3));
  }
  return payload;
}

export function openLog(disk: SimulatedDisk, segmentBytes = 1024 * 1024): Promise<BlockLog> {
  return BlockLog.open(disk, DIRECTORY, { genesisHash: GENESIS_HASH, segmentBytes });
}

/** Appends the heights from `first` to `last`, one sync after another. */
export async function appendHeights(log: BlockLog, first: number, last: number, lengthMax?: number): Promise<void> {
  for (let height = first; height <= last; height++) {
    await log.append(height, [payloadOf(height, lengthMax)]);
  }
}

/** The error that `promise` rejects with; throws where it resolves. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected a rejection");
}
