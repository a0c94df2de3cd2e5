// The thread that writes the payments of committed blocks into Cassandra. What fails is tried again until it works, the same rows as
// before; only another indexer's epoch, or rows of another chain, end it.

import { setTimeout } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "./base/assert.js";
import { CassandraIndexer } from "./history/cassandra/cassandraIndexer.js";
import { CassandraSession } from "./history/cassandra/cassandraSession.js";
import { CodedError } from "./protocol/errors.js";
import type { CassandraAddress } from "./storage/cassandraAddress.js";
import { type CommittedBlock, decodeCommittedBlock } from "./storage/committedBlock.js";

export interface CassandraWorkerData {
  address: CassandraAddress;
  genesisHash: Uint8Array;
}

/** What the main thread says: an encoded block, the next after the one before. */
export interface CassandraRequest {
  payload: Uint8Array;
}

export type CassandraAnswer =
  /** It is the only writer now, and the rows reach to this block. */
  | { type: "began"; height: number; hash: Uint8Array; epoch: number }
  | { type: "written"; height: number }
  /** It tries again. */
  | { type: "failing"; message: string }
  /** It does not go on. */
  | { type: "ended"; code: string; message: string };

/** Transactions that are written before the checkpoint moves. */
const GROUP_TRANSACTIONS = 4_000;
const RETRY_FIRST_MS = 200;
const RETRY_LAST_MS = 10_000;

assert(parentPort !== null, "Cassandra is written by a thread of its own");
const port = parentPort;
const { address, genesisHash } = workerData as CassandraWorkerData;
const answer = (message: CassandraAnswer): void => port.postMessage(message);
const waiting: CommittedBlock[] = [];
let onBlock: () => void = () => undefined;

port.on("message", ({ payload }: CassandraRequest) => {
  waiting.push(decodeCommittedBlock(payload));
  onBlock();
});

/** Tries until it works. A coded error is about what is stored there: trying again would not change it. */
async function persist<T>(attempt: () => Promise<T>): Promise<T> {
  for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(2 * waitMs, RETRY_LAST_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof CodedError) {
        throw error;
      }
      answer({ type: "failing", message: error instanceof Error ? error.message : String(error) });
      await setTimeout(waitMs);
    }
  }
}

/** The next blocks, at least one. */
async function takeGroup(): Promise<CommittedBlock[]> {
  while (waiting.length === 0) {
    await new Promise<void>((resolve) => {
      onBlock = resolve;
    });
  }
  let transactions = 0;
  let count = 0;
  while (count < waiting.length && transactions < GROUP_TRANSACTIONS) {
    transactions += waiting[count++].block.transactions.length;
  }
  return waiting.splice(0, count);
}

async function run(): Promise<never> {
  const session = await persist(() => CassandraSession.connect(address));
  const indexer = await persist(() => CassandraIndexer.begin(session, genesisHash));
  answer({ type: "began", height: indexer.height, hash: indexer.hash, epoch: indexer.epoch });
  for (;;) {
    const group = await takeGroup();
    await persist(() => indexer.write(group));
    answer({ type: "written", height: group[group.length - 1].height });
  }
}

run().catch((error: unknown) => {
  const code = error instanceof CodedError ? error.code : "INTERNAL";
  answer({ type: "ended", code, message: error instanceof Error ? error.message : String(error) });
});
