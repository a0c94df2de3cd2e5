// Real blocks with real payments, committed one after another on a chain in memory.

import { expect } from "vitest";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { person, type TestChain } from "./testChain.js";

export const payees = ["alice", "bob"].map((name) => person(name).address);

/** Blocks in which the faucet pays somebody, two payments each. */
export async function paymentBlocks(chain: TestChain, count: number, amount = 100_000_000n): Promise<CommittedBlock[]> {
  const { application } = chain;
  const key = {
    publicKey: chain.faucet.publicKey,
    sign: () => new Uint8Array(64),
    proveRandom: () => new Uint8Array(80),
  };
  const blocks: CommittedBlock[] = [];
  for (let i = 0; i < count; i++) {
    const payments = [0, 1].map((j) => chain.payment(payees[(i + j) % payees.length], amount, 2 * i + j));
    expect(await chain.codes(...payments)).toEqual(["OK", "OK"]);
    const executed = application.propose(key, application.timeMsMin);
    blocks.push(await application.commit(executed, { kind: 1, signatures: [] }));
  }
  return blocks;
}
