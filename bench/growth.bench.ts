// How the chain behaves as it grows: microseconds a payment on the main thread (execution, root, durable log, history, stores
// behind) with few and many accounts, at the beginning and after many payments; memory, disk, and a restart after a kill.

import { execFileSync } from "node:child_process";
import { GrowthChain, type Restart } from "./support/growthChain.js";

const BLOCK_TRANSACTIONS = 5_000;
/** Blocks of one figure. */
const WINDOW_BLOCKS = 40;
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

/** Grows one chain and reports at its beginning, at a tenth, at a half and at the end. */
export async function growthBench(options: GrowthRunOptions): Promise<GrowthResult> {
  const start = performance.now();
  const chain = await GrowthChain.make({ accounts: options.accounts, stateCacheBytes: options.stateCacheMb * MB });
  const fundedInSeconds = (performance.now() - start) / 1_000;
  const total = Math.ceil(options.payments / BLOCK_TRANSACTIONS);
  const rows: GrowthRow[] = [];
  try {
    await timeBlocks(chain, WARM_BLOCKS);
    let done = WARM_BLOCKS;
    for (const part of [0, 0.1, 0.5, 1]) {
      const until = Math.max(done, Math.floor(part * total) - WINDOW_BLOCKS);
      await timeBlocks(chain, until - done);
      const times = await timeBlocks(chain, WINDOW_BLOCKS);
      done = until + WINDOW_BLOCKS;
      const { rss, heapTotal } = process.memoryUsage();
      const row = {
        payments: done * BLOCK_TRANSACTIONS,
        ...times,
        residentMb: Math.round(rss / MB),
        heapMb: Math.round(heapTotal / MB),
        diskMb: diskMb(chain.directory),
      };
      rows.push(row);
      console.error(JSON.stringify({ accounts: options.accounts, fundedInSeconds, ...row }));
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
