// What a chain of random contract calls comes to: the root of its state, and a hash over all receipts. The same for any number of workers,
// in any version of Node, on any machine.

import { createHash } from "node:crypto";
import { keyBytes, toHex } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { CallPool } from "../../src/execution/contracts/parallel/callPool.js";
import { ParallelCalls } from "../../src/execution/contracts/parallel/parallelCalls.js";
import { KernelLedger } from "../../src/execution/kernel/kernelLedger.js";
import { GENESIS, GENESIS_HASH } from "../execution/ledgerChain.js";
import { funded, randomBlock } from "../execution/randomCalls.js";
import { naiveRoot } from "../state/treeSupport.js";

const CALLS_PER_BLOCK = 250;

export interface CallRoots {
  stateRoot: string;
  receiptsHash: string;
  calls: number;
}

export async function rootsOfCalls(calls: number, seed: number, workers: number): Promise<CallRoots> {
  const pool = workers === 0 ? undefined : CallPool.start(workers);
  try {
    const { chain, mixers } = funded();
    const random = new SeededRandom(seed);
    const capacity = { accounts: 33_000, blockBytes: 1 << 20, random: new SeededRandom(workers) };
    // However small the calls, workers run them ahead.
    const parallelCalls = pool && new ParallelCalls(pool, 0);
    const ledger = new KernelLedger({ ...capacity, ...(parallelCalls && { parallelCalls }) });
    const receipts = createHash("sha256");
    for (let done = 0; done < calls; ) {
      const count = Math.min(CALLS_PER_BLOCK, calls - done);
      const height = chain.height + 1;
      const context = { height, timeMs: GENESIS.timeMs + height, genesisHash: GENESIS_HASH };
      const result = ledger.executeBlock(chain.state, context, randomBlock(chain, mixers, random, count));
      ledger.committed(height, result.changes);
      chain.state.apply([...result.changes]);
      chain.height = height;
      for (const receipt of result.receipts) {
        receipts.update(receipt);
      }
      done += count;
    }
    const leaves = [...chain.state.leaves].map(([key, value]) => ({ key: keyBytes(key), value }));
    return { stateRoot: toHex(naiveRoot(leaves)), receiptsHash: receipts.digest("hex"), calls };
  } finally {
    await pool?.close();
  }
}
