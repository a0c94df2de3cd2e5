// The history's two stores: what a payment costs to write, how many a second each takes, and the first page of an account that has
// very many. Cassandra is a server of this bench's own, where `npm run cassandra:install` was run.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { CassandraIndexer } from "../src/history/cassandra/cassandraIndexer.js";
import { CassandraPayments } from "../src/history/cassandra/cassandraPayments.js";
import { CassandraSession } from "../src/history/cassandra/cassandraSession.js";
import { EmbeddedPayments } from "../src/history/payments/embeddedPayments.js";
import type { PaymentHistory } from "../src/history/payments/payment.js";
import { parseCassandraAddress } from "../src/storage/cassandraAddress.js";
import type { CommittedBlock } from "../src/storage/committedBlock.js";
import { openLmdbStore } from "../src/storage/lmdbStore.js";
import { ThreadedHistory } from "../src/threadedHistory.js";
import { PaidBlocks } from "./support/paidBlocks.js";

const ACCOUNTS = 100_000;
const BLOCK_PAYMENTS = 2_000;
/** As the node writes behind. */
const FLUSH_PAYMENTS = 50_000;
const CASSANDRA_GROUP_PAYMENTS = 4_000;
const PAGE = 50;
const PAGES = 200;

export interface HistoryBenchOptions {
  /** Payments among all accounts, whose writing is measured. */
  payments: number;
  /** Payments to one account, whose first page is measured. */
  ofOne: number;
  seconds: number;
}

export interface StoreResult {
  store: string;
  paymentsASecond: number;
  processorUsPerPayment: number;
  /** First page of the account: median and 99th percentile. */
  firstPageMs: { half: number; almostAll: number };
  accountPayments: number;
}

async function firstPage(history: PaymentHistory, account: Uint8Array): Promise<StoreResult["firstPageMs"]> {
  const times: number[] = [];
  for (let i = 0; i < PAGES; i++) {
    const begin = performance.now();
    const { payments } = await history.payments({ of: { kind: "account", account }, limit: PAGE });
    times.push(performance.now() - begin);
    if (payments.length !== PAGE) {
      throw new Error(`expected a page of ${PAGE}, got ${payments.length}`);
    }
  }
  times.sort((a, b) => a - b);
  return { half: times[PAGES >> 1], almostAll: times[Math.floor(PAGES * 0.99)] };
}

/** Writes groups of payments until there are enough, or the time is over; gives what a second and a payment come to. */
async function measureWriting(
  blocks: PaidBlocks,
  payments: number,
  group: number,
  seconds: number,
  write: (group: CommittedBlock[]) => Promise<void>,
): Promise<Pick<StoreResult, "paymentsASecond" | "processorUsPerPayment">> {
  let [written, tookMs, processorUs] = [0, 0, 0];
  while (written < payments && tookMs < 1_000 * seconds) {
    const made = Array.from({ length: group / BLOCK_PAYMENTS }, () => blocks.next(BLOCK_PAYMENTS, "anybody"));
    const [begin, before] = [performance.now(), process.cpuUsage()];
    await write(made);
    const { user, system } = process.cpuUsage(before);
    processorUs += user + system;
    tookMs += performance.now() - begin;
    written += group;
  }
  return { paymentsASecond: Math.round((1_000 * written) / tookMs), processorUsPerPayment: processorUs / written };
}

async function fill(
  blocks: PaidBlocks,
  count: number,
  group: number,
  write: (group: CommittedBlock[]) => Promise<void>,
): Promise<void> {
  for (let written = 0; written < count; written += group) {
    await write(Array.from({ length: group / BLOCK_PAYMENTS }, () => blocks.next(BLOCK_PAYMENTS, "merchant")));
  }
}

async function benchEmbedded({ payments, ofOne, seconds }: HistoryBenchOptions): Promise<StoreResult> {
  const directory = await mkdtemp(join(tmpdir(), "ttchain-bench-history-"));
  const store = openLmdbStore(directory);
  try {
    const history = ThreadedHistory.start(store, directory);
    const blocks = new PaidBlocks(ACCOUNTS);
    const write = async (group: CommittedBlock[]): Promise<void> => {
      for (const block of group) {
        history.add(block);
      }
      await history.flush();
    };
    await fill(blocks, ofOne, FLUSH_PAYMENTS, write);
    const written = await measureWriting(blocks, payments, FLUSH_PAYMENTS, seconds, write);
    const firstPageMs = await firstPage(new EmbeddedPayments(history), blocks.merchant);
    await history.close();
    return { store: "lmdb, its own thread", ...written, firstPageMs, accountPayments: ofOne };
  } finally {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  }
}

const ROOT = join(import.meta.dirname, "..", "..", "..");
const PORTS = { CASSANDRA_PORT: "7350", CASSANDRA_STORAGE_PORT: "7351", CASSANDRA_JMX_PORT: "7352" };

async function connect(server: ChildProcess): Promise<CassandraSession> {
  const address = parseCassandraAddress(`cassandra://127.0.0.1:${PORTS.CASSANDRA_PORT}/bench`);
  for (;;) {
    try {
      return await CassandraSession.connect(address);
    } catch (error) {
      if (server.exitCode !== null) {
        throw error;
      }
      await setTimeout(500);
    }
  }
}

async function benchCassandra({ payments, ofOne, seconds }: HistoryBenchOptions): Promise<StoreResult | undefined> {
  if (!existsSync(join(ROOT, ".cassandra", "lib"))) {
    return undefined;
  }
  const directory = await mkdtemp(join(tmpdir(), "ttchain-bench-cassandra-"));
  const script = join(ROOT, "ops", "cassandra", "start.sh");
  const server = spawn(script, [directory, "1", "1g"], { stdio: "ignore", env: { ...process.env, ...PORTS } });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  try {
    const session = await connect(server);
    const genesisHash = new Uint8Array(32);
    const indexer = await CassandraIndexer.begin(session, genesisHash);
    const blocks = new PaidBlocks(ACCOUNTS);
    const write = (group: CommittedBlock[]): Promise<void> => indexer.write(group);
    await fill(blocks, ofOne, CASSANDRA_GROUP_PAYMENTS, write);
    const written = await measureWriting(blocks, payments, CASSANDRA_GROUP_PAYMENTS, seconds, write);
    const firstPageMs = await firstPage(new CassandraPayments(session, genesisHash), blocks.merchant);
    await session.close();
    return { store: "cassandra, one node here", ...written, firstPageMs, accountPayments: ofOne };
  } finally {
    server.kill("SIGKILL");
    await ended;
    await rm(directory, { recursive: true, force: true });
  }
}

/** The stores that can be measured here. */
export async function historyBench(options: HistoryBenchOptions): Promise<StoreResult[]> {
  const embedded = await benchEmbedded(options);
  const remote = await benchCassandra(options);
  return remote === undefined ? [embedded] : [embedded, remote];
}
