// How the chain behaves as it grows: microseconds a payment on the main thread (execution, root, durable log, history, stores
// behind) with few and many accounts, at the beginning and after many payments; memory, disk, and a restart after a kill.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { LEDGER_ACCOUNTS_DEFAULT, LEDGER_ACCOUNTS_LEAST } from "../src/execution/kernel/ledgerCapacity.js";
import { GrowthChain, type Restart } from "./support/growthChain.js";

const BLOCK_TRANSACTIONS = 5_000;
/** Blocks of the first figure, at the least. */
const FIRST_BLOCKS = 40;
/** Shares of all payments after which a row is made. */
const PARTS = [0.1, 0.25, 0.5, 0.75, 1];
/** Blocks before the first figure: tables and caches fill. */
const WARM_BLOCKS = 20;
/** Blocks that a killed node finds in its log and not in its stores: ten seconds of 20,000 payments. */
const REPLAYED_BLOCKS = 40;
const MB = 1 << 20;

export interface GrowthRunOptions {
  accounts: number;
  payments: number;
  stateCacheMb: number;
}

export interface GrowthRow {
  payments: number;
  usPerPayment: number;
  /** Processor time of all threads: on a shared machine it swings less. */
  processorUsPerPayment: number;
  residentMb: number;
  /** Of which not the stores' files, which the machine maps in and takes back as it likes; all of it where the machine doesn't say. */
  ownMb: number;
  /** Of which JavaScript's heap, live objects and garbage. */
  heapMb: number;
  diskMb: number;
}

export interface GrowthResult {
  accounts: number;
  fundedInSeconds: number;
  rows: GrowthRow[];
  restart: Restart;
}

/** What a process needs whatever its options: code, both generations of the heap, blocks on their way, buffers, LMDB's transaction. */
const FIXED_MB = 1_500;
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

/** Commits blocks; the means of a payment's times over them, making the payments not counted. */
async function timeBlocks(
  chain: GrowthChain,
  blocks: number,
): Promise<Pick<GrowthRow, "usPerPayment" | "processorUsPerPayment">> {
  let ms = 0;
  let processorUs = 0;
  for (let block = 0; block < blocks; block++) {
    const transactions = chain.transfers(BLOCK_TRANSACTIONS);
    const start = performance.now();
    const before = process.cpuUsage();
    await chain.commitBlock(transactions);
    const { user, system } = process.cpuUsage(before);
    ms += performance.now() - start;
    processorUs += user + system;
  }
  const payments = blocks * BLOCK_TRANSACTIONS;
  return { usPerPayment: (ms * 1_000) / payments, processorUsPerPayment: processorUs / payments };
}

/** Grows one chain and reports at a tenth, at each quarter and at the end. */
export async function growthBench(options: GrowthRunOptions): Promise<GrowthResult> {
  const start = performance.now();
  const chain = await GrowthChain.make({ accounts: options.accounts, stateCacheBytes: options.stateCacheMb * MB });
  const fundedInSeconds = (performance.now() - start) / 1_000;
  const total = Math.ceil(options.payments / BLOCK_TRANSACTIONS);
  const rows: GrowthRow[] = [];
  try {
    await timeBlocks(chain, WARM_BLOCKS);
    let done = WARM_BLOCKS;
    // Means from one row to the next, and the work behind (runs of the history merged, stores written) is done in each: a window would
    // hold much of it or none.
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
        diskMb: diskMb(chain.directory),
      };
      rows.push(row);
      console.error(JSON.stringify({ accounts: options.accounts, fundedInSeconds, ...row }));
      if (row.ownMb > ownMbMax(options)) {
        throw new Error(
          `expected at most ${ownMbMax(options)} MB of memory beside the stores' files, got ${row.ownMb}`,
        );
      }
    }
    return {
      accounts: options.accounts,
      fundedInSeconds,
      rows,
      restart: await chain.restart(REPLAYED_BLOCKS, BLOCK_TRANSACTIONS),
    };
  } finally {
    await chain.close();
  }
}
