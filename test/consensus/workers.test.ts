import { afterAll, beforeAll, expect, test } from "vitest";
import { delegateKeyOfSeed } from "../../src/consensus/delegateKey.js";
import { TABLE_USES } from "../../src/pool/frequentKeys.js";
import { VerifyPool } from "../../src/pool/verifyPool.js";
import type { Block } from "../../src/protocol/block.js";
import type { Certificate } from "../../src/protocol/certificate.js";
import { CodedError } from "../../src/protocol/errors.js";
import { decodeTransaction, signingMessage, type Transaction } from "../../src/protocol/transaction.js";
import { person, TestChain } from "../support/testChain.js";

const CERTIFICATE: Certificate = { kind: 1, signatures: [] };
const WORKERS = [0, 1, 3];
let pools: VerifyPool[];

beforeAll(async () => {
  pools = await Promise.all(WORKERS.map((workers) => VerifyPool.start({ workers, keyTableCacheBytes: 8 << 20 })));
});
afterAll(() => Promise.all(pools.map((pool) => pool.close())));

/** Judges a block's signatures in several batches at once, as many workers as the pool has. */
function verifierOf(pool: VerifyPool, genesisHash: Uint8Array) {
  return async (encoded: Uint8Array[]): Promise<Transaction[]> => {
    const transactions = encoded.map(decodeTransaction);
    const items = transactions.flatMap(({ bytes, bodyBytes, signers, signatures }) => {
      const message = signingMessage(genesisHash, bytes.subarray(0, bodyBytes));
      return signers.map(({ publicKey }, i) => ({ publicKey, message, signature: signatures[i] }));
    });
    const parts = [0, 1, 2].map((part) => pool.verifyItems(items.filter((_, i) => i % 3 === part)));
    if (!(await Promise.all(parts)).flat().every(Boolean)) {
      throw new CodedError("BAD_SIGNATURE");
    }
    return transactions;
  };
}

async function makeBlocks(source: TestChain): Promise<Block[]> {
  const key = delegateKeyOfSeed(person("proposer").seed);
  const blocks: Block[] = [];
  for (let height = 1, sequence = 0; height <= 4; height++) {
    const payments = Array.from({ length: 25 }, (_, i) =>
      source.payment(person(`payee ${i % (3 * height)}`).address, 1_000_000_000n + BigInt(i), sequence++),
    );
    await source.submit(...payments);
    const executed = source.application.propose(key, source.application.timeMsMin);
    expect(executed.transactions.length).toBe(25);
    await source.application.commit(executed, CERTIFICATE);
    blocks.push(executed.block);
  }
  return blocks;
}

test("the same blocks give the same roots whatever the number of workers, with and without tables of keys", async () => {
  const source = await TestChain.start();
  const blocks = await makeBlocks(source);
  for (const pool of pools) {
    const chain = await TestChain.start();
    for (const block of blocks) {
      const verify = verifierOf(pool, chain.genesisHash);
      const last = block.transactions.length - 1;
      const forged = block.transactions.map((bytes, i) =>
        i === last ? bytes.with(bytes.length - 40, bytes.at(-40)! ^ 1) : bytes,
      );
      await expect(verify(forged)).rejects.toMatchObject({ code: "BAD_SIGNATURE" });
      await chain.application.commit(await chain.application.process(block, verify), CERTIFICATE);
      pool.countCommitted(Array.from({ length: TABLE_USES }, () => source.faucet.publicKey));
    }
    expect(chain.state.root).toEqual(source.state.root);
  }
});
