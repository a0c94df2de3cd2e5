// Short transactions that the host executes, in lanes that the kernel holds from blocks before: more of them fit into a block than payments.

import { expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { executeBlock } from "../../src/execution/executeBlock.js";
import { KernelLedger } from "../../src/execution/kernel/kernelLedger.js";
import type { Transaction } from "../../src/protocol/transaction.js";
import { alice, bob, GENESIS_HASH, LedgerChain, transfer } from "./ledgerChain.js";

const BLOCK_BYTES = 1 << 15;
const LANES = 240;

test("a block full of the shortest transactions finds room for every lane", () => {
  const chain = new LedgerChain();
  const ledger = new KernelLedger({ accounts: 2_000, blockBytes: BLOCK_BYTES, random: new SeededRandom(5) });
  const run = (transactions: Transaction[]): void => {
    chain.height++;
    const context = { height: chain.height, timeMs: chain.height, genesisHash: GENESIS_HASH };
    const expected = executeBlock(chain.state, context, transactions);
    const found = ledger.executeBlock(chain.state, context, transactions);
    expect(found.receipts).toEqual(expected.receipts);
    expect([...found.changes]).toEqual([...expected.changes]);
    chain.state.apply([...found.changes]);
    ledger.committed(chain.height, found.changes);
  };
  const lanes = Array.from({ length: LANES }, (_, lane) => lane);
  for (const half of [lanes.slice(0, LANES / 2), lanes.slice(LANES / 2)]) {
    run(half.map((lane) => chain.ask({ signers: [alice], lane, operations: [transfer(bob, 1n)] })));
  }
  const short = lanes.map((lane) => chain.ask({ lane, operations: [{ kind: "resumeCandidate", account: 0 }] }));
  expect(short.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThanOrEqual(BLOCK_BYTES);
  run(short);
});
