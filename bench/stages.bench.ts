// What each stage of a payment's way costs, one by one, over a chain with many accounts: decoding, admission (without signatures, which
// workers verify), execution, the state's new root, the durable commit, history. Processor time of the process: on the main thread, and
// where the state is written behind on the thread that writes it.

import { Application } from "../src/consensus/application.js";
import { delegateKeyOfSeed } from "../src/consensus/delegateKey.js";
import { executeBlock } from "../src/execution/executeBlock.js";
import { KeyValueHistory } from "../src/history/keyValueHistory.js";
import { Mempool } from "../src/mempool/mempool.js";
import { decodeTransaction } from "../src/protocol/transaction.js";
import { encodeWriteSet } from "../src/protocol/writeSet.js";
import { openStageChain, type StageChain } from "./support/stageChain.js";

/** Median over the rounds. */
export interface StageRow {
  stage: string;
  usPerTransaction: number;
}

export interface StagesOptions {
  accounts: number;
  /** Transactions a block. */
  transactions: number;
  /** Blocks that are measured; two before them only warm up. */
  rounds: number;
}

const WARMUP_ROUNDS = 2;

class Stopwatch {
  readonly times = new Map<string, number[]>();

  constructor(private readonly transactions: number) {}

  async measure<T>(stage: string, run: () => T | Promise<T>): Promise<T> {
    // Processor time, not the clock's: a machine that others use too would otherwise be measured with them.
    const before = process.cpuUsage();
    const result = await run();
    const { user, system } = process.cpuUsage(before);
    const us = (user + system) / this.transactions;
    this.times.set(stage, [...(this.times.get(stage) ?? []), us]);
    return result;
  }

  rows(): StageRow[] {
    return [...this.times].map(([stage, times]) => {
      const sorted = times.slice(WARMUP_ROUNDS).sort((a, b) => a - b);
      return { stage, usPerTransaction: sorted[sorted.length >> 1] };
    });
  }
}

async function measureRounds(chain: StageChain, { transactions, rounds }: StagesOptions): Promise<StageRow[]> {
  const { state, genesisHash, blocks } = chain;
  const history = KeyValueHistory.open(chain.historyStore);
  const mempool = new Mempool({
    state,
    genesisHash,
    verifyBatch: async (transactions) => new Uint8Array(transactions.length).fill(1),
    // All of a block are of few senders here.
    limits: { verifyingMax: 100_000 },
  });
  const application = new Application({ genesisHash, genesisTimeMs: 1, state, blocks, mempool });
  const key = delegateKeyOfSeed(new Uint8Array(32).fill(1));
  const watch = new Stopwatch(transactions);
  for (let round = 0; round < rounds + WARMUP_ROUNDS; round++) {
    const encoded = chain.transfers(transactions);
    await watch.measure("decode", () => encoded.map(decodeTransaction));
    const results = await watch.measure("admit, decoding included", () => mempool.submit(encoded));
    const refused = results.find((result) => result.error !== undefined);
    if (refused !== undefined) {
      throw refused.error;
    }
    const taken = await watch.measure("take for a block", () => mempool.take(transactions, 1e9));
    const context = { height: state.height + 1, timeMs: application.timeMsMin, genesisHash };
    const execution = await watch.measure("execute, in the twin", () =>
      executeBlock(state, context, taken, { onInvalid: "drop" }),
    );
    await watch.measure("encode the write set", () => encodeWriteSet([...execution.changes]));
    await watch.measure("compute the new root", () => state.prepare(execution.changes));
    const proposed = await watch.measure("propose: kernel, roots, write set, state root", () =>
      application.propose(key, application.timeMsMin),
    );
    const commit = () => application.commit(proposed, { kind: 1, signatures: [] });
    const committed = await watch.measure("commit, durable", commit);
    await watch.measure("add to history", () => history.add(committed));
    await watch.measure("write history behind", () => history.flush());
    await watch.measure("write state behind", () => state.flush());
  }
  return watch.rows();
}

/** Every stage's median, in the order of a payment's way. */
export async function stagesBench(options: StagesOptions): Promise<StageRow[]> {
  const chain = await openStageChain(options.accounts);
  try {
    return await measureRounds(chain, options);
  } finally {
    await chain.close();
  }
}
