// How the chain behaves as it grows: microseconds a payment (execution, root, durable log, history, stores behind, each on the thread that
// a node has for it) with few and many accounts, at the beginning and after many payments; memory, disk, and a restart after a kill at a
// bad moment. Processor time is the process's, so that of all its threads.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LEDGER_ACCOUNTS_DEFAULT, LEDGER_ACCOUNTS_LEAST } from "../src/execution/kernel/ledgerCapacity.js";
import { KeyValueHistory } from "../src/history/keyValueHistory.js";
import { openLmdbStore } from "../src/storage/lmdbStore.js";
import { fundAccounts, type GrowthOptions } from "./support/growthAccounts.js";
import { GrowthChain } from "./support/growthChain.js";
import { killGrowing } from "./support/killGrowing.js";
import { threadTimeUs } from "./support/threadTime.js";

const BLOCK_TRANSACTIONS = 5_000;
/** Blocks of the first figure, at the least. */
const FIRST_BLOCKS = 40;
/** Shares of all payments after which a row is made. */
const PARTS = [0.1, 0.25, 0.5, 0.75, 1];
/** Blocks before the first figure: tables and caches fill. */
const WARM_BLOCKS = 20;
/**
 * How long the process is watched that is to be killed, and how long it lives at the most. State of few accounts is written every 15 s
 * only: 200 blocks are a million payments, more than a whole node takes in that time.
 */
const WATCHED = { flushes: 3, blocks: 200 };
const KILLED_BLOCKS_MOST = 400;
const CHILD = new URL("./growthChild.js", import.meta.url);
const MB = 1 << 20;

export interface GrowthRunOptions {
  accounts: number;
  payments: number;
  stateCacheMb: number;
}

export interface GrowthRow {
  payments: number;
  usPerPayment: number;
  /** Of all threads, those that write the stores too: on a shared machine it swings less than the clock's. */
  processorUsPerPayment: number;
  residentMb: number;
  /** Of which not the stores' files, which the machine maps in and takes back as it likes; all of it where the machine doesn't say. */
  ownMb: number;
  /** Of which JavaScript's heap, live objects and garbage. */
  heapMb: number;
  diskMb: number;
}

/** Payments that only the log had when the process was killed, and what it took to have them in state and history again. */
export interface Restart {
  tookMs: number;
  processorMs: number;
  statePayments: number;
  historyPayments: number;
  /** The most payments that the state's store lacked before, while the process was only watched. */
  lackedMost: number;
}

export interface GrowthResult {
  accounts: number;
  fundedInSeconds: number;
  rows: GrowthRow[];
  restart: Restart;
}

/** What a process needs whatever its options: code, both generations of the threads' heaps, blocks on their way, buffers, a write of the state. */
const FIXED_MB = 1_800;
const LEDGER_BYTES_AN_ACCOUNT = 300;

/** The bound that docs/operators.md states for a node, less the tables of keys, which this chain has none of. */
function ownMbMax({ accounts, stateCacheMb }: GrowthRunOptions): number {
  const held = Math.min(LEDGER_ACCOUNTS_DEFAULT, accounts + LEDGER_ACCOUNTS_LEAST);
  return FIXED_MB + 1.5 * stateCacheMb + Math.ceil((held * LEDGER_BYTES_AN_ACCOUNT) / MB);
}

function ownMb(residentMb: number): number {
  try {
    const [, kilobytes] = /RssAnon:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    return kilobytes === undefined ? residentMb : Math.round(Number(kilobytes) / 1_024);
  } catch {
    return residentMb;
  }
}

function diskMb(directory: string): number {
  const [kilobytes] = execFileSync("du", ["-sk", directory], { encoding: "utf8" }).split("\t");
  return Math.round(Number(kilobytes) / 1_024);
}

/** Commits blocks; the means of a payment's times over them. Making the payments is not counted, what other threads do meanwhile is. */
async function timeBlocks(
  chain: GrowthChain,
  blocks: number,
): Promise<Pick<GrowthRow, "usPerPayment" | "processorUsPerPayment">> {
  const before = process.cpuUsage();
  let ms = 0;
  let makingUs = 0;
  for (let block = 0; block < blocks; block++) {
    const makingBefore = threadTimeUs();
    const transactions = chain.transfers(BLOCK_TRANSACTIONS);
    makingUs += threadTimeUs() - makingBefore;
    const start = performance.now();
    await chain.commitBlock(transactions);
    ms += performance.now() - start;
  }
  const { user, system } = process.cpuUsage(before);
  const payments = blocks * BLOCK_TRANSACTIONS;
  return { usPerPayment: (ms * 1_000) / payments, processorUsPerPayment: (user + system - makingUs) / payments };
}

/**
 * A row after each part of the payments: means from one row to the next, and the work behind (runs of the history merged, stores
 * written) is done in each. A window would hold much of it or none.
 */
async function grow(chain: GrowthChain, directory: string, options: GrowthRunOptions): Promise<GrowthRow[]> {
  const total = Math.ceil(options.payments / BLOCK_TRANSACTIONS);
  const rows: GrowthRow[] = [];
  await timeBlocks(chain, WARM_BLOCKS);
  let done = WARM_BLOCKS;
  for (const part of PARTS) {
    const until = Math.max(done + FIRST_BLOCKS, Math.floor(part * total));
    const times = await timeBlocks(chain, until - done);
    done = until;
    const { rss, heapTotal } = process.memoryUsage();
    const row = {
      payments: done * BLOCK_TRANSACTIONS,
      ...times,
      residentMb: Math.round(rss / MB),
      ownMb: ownMb(Math.round(rss / MB)),
      heapMb: Math.round(heapTotal / MB),
      diskMb: diskMb(directory),
    };
    rows.push(row);
    console.error(JSON.stringify({ accounts: options.accounts, ...row }));
    if (row.ownMb > ownMbMax(options)) {
      throw new Error(`expected at most ${ownMbMax(options)} MB of memory beside the stores' files, got ${row.ownMb}`);
    }
  }
  return rows;
}

async function historyHeight(directory: string): Promise<number> {
  const store = openLmdbStore(join(directory, "history"));
  try {
    return KeyValueHistory.open(store).checkpoint;
  } finally {
    await store.close();
  }
}

/** Lets another process go on with the chain, kills it when much is in the log alone, and starts again. Throws where anything is damaged. */
async function restart(directory: string, options: GrowthOptions): Promise<Restart> {
  const task = { directory, transactions: BLOCK_TRANSACTIONS, blocksMost: KILLED_BLOCKS_MOST, ...options };
  const killed = await killGrowing(CHILD, task, WATCHED);
  console.error(JSON.stringify({ killed }));
  const historyBefore = await historyHeight(directory);
  const start = performance.now();
  const before = process.cpuUsage();
  const chain = await GrowthChain.open(directory, options);
  const { user, system } = process.cpuUsage(before);
  const tookMs = performance.now() - start;
  try {
    const { recoveredBlocks, progress } = chain;
    await chain.settle();
    chain.state.verify();
    return {
      tookMs,
      processorMs: (user + system) / 1_000,
      statePayments: recoveredBlocks * BLOCK_TRANSACTIONS,
      historyPayments: (progress.height - historyBefore) * BLOCK_TRANSACTIONS,
      lackedMost: killed.leadMost * BLOCK_TRANSACTIONS,
    };
  } finally {
    await chain.close();
  }
}

/** Grows one chain, reports at a tenth, at each quarter and at the end, and has it killed and restarted. */
export async function growthBench(options: GrowthRunOptions): Promise<GrowthResult> {
  const { accounts } = options;
  const chainOptions = { accounts, stateCacheBytes: options.stateCacheMb * MB };
  const directory = await mkdtemp(join(tmpdir(), "ttchain-growth-"));
  try {
    const start = performance.now();
    await fundAccounts(directory, chainOptions);
    const fundedInSeconds = (performance.now() - start) / 1_000;
    const chain = await GrowthChain.open(directory, chainOptions);
    const rows = await grow(chain, directory, options).finally(() => chain.close());
    return { accounts, fundedInSeconds, rows, restart: await restart(directory, chainOptions) };
  } finally {
    await rm(directory, { recursive: true });
  }
}
