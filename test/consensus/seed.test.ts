// The chain's seed under an engine: delegates by turns prove it in the blocks that owe it, a restart goes on with it, and a record
// that lies about it is refused.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { equalBytes, toHex, utf8Bytes } from "../../src/base/bytes.js";
import { nodeDisk } from "../../src/base/disk.js";
import { delegateKeyOfSeed } from "../../src/consensus/delegateKey.js";
import { saveGenesis } from "../../src/consensus/solo/chainFiles.js";
import { contractAddress } from "../../src/protocol/address.js";
import { decodeResult, encodeResult, resultMessage, transactionsRoot } from "../../src/protocol/block.js";
import { encodeLvmValues } from "../../src/protocol/lvmValue.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { decodeReceipt } from "../../src/protocol/receipt.js";
import {
  askedSeedKey,
  decodeAskedSeed,
  decodeSeedLeaf,
  encodeSeedLeaf,
  nextSeed,
  seedKey,
} from "../../src/protocol/seed.js";
import { decodeTransaction, type Transaction } from "../../src/protocol/transaction.js";
import { decodeWriteSet, encodeWriteSet, writeSetHash } from "../../src/protocol/writeSet.js";
import { readSeed } from "../../src/state/views.js";
import { BlockLog } from "../../src/storage/blockLog.js";
import { BlockStore } from "../../src/storage/blockStore.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { verifyChain } from "../../src/verifyChain.js";
import { agreedLie, type LyingBlock } from "../support/agreedLie.js";
import { TestChain } from "../support/testChain.js";

const SOURCE = `abi.call("close", function() return chain.askSeed() end)`;

const register: Operation = {
  kind: "registerContract",
  account: 0,
  source: utf8Bytes(SOURCE),
  tests: utf8Bytes(`test.case("asks", function() test.deploy() assert(test.call("close") == 3) end)`),
  upgradePolicy: "never",
  upgradeDelayHeights: 0,
  args: new Uint8Array(0),
  gasLimit: 5_000_000,
  depositLimit: 100_00000000n,
};

/** A chain of four delegates on which a contract has just asked. */
async function asked(): Promise<TestChain> {
  const chain = await TestChain.start();
  await chain.engine.start();
  const run = async (operation: Operation, sequence: number): Promise<Uint8Array> => {
    const bytes = chain.transaction([chain.faucet], [operation], { sequence });
    expect(await chain.codes(bytes)).toEqual(["OK"]);
    await chain.clock.advance(100);
    const { receipts } = chain.committed[chain.committed.length - 1];
    expect(receipts.map((receipt) => decodeReceipt(receipt).code)).toEqual([0]);
    return decodeTransaction(bytes).id;
  };
  const contract = contractAddress(await run(register, 0), 0);
  const close = { account: 0, contract, functionName: "close", args: encodeLvmValues([]) };
  await run({ kind: "callContract", ...close, gasLimit: 100_000, depositLimit: 0n }, 1);
  return chain;
}

test("delegates by turns prove the seed in the blocks that owe it, and in no other", async () => {
  const chain = await asked();
  const { height } = chain.state;
  let seed = readSeed(chain.state)?.seed as Uint8Array;
  await chain.clock.advance(8_000);
  await chain.engine.stop();
  const records = chain.committed.map(({ block }) => decodeResult(block.result));
  const proofs = records.filter(({ seedProof }) => seedProof.length > 0);
  expect(proofs.map((record) => record.height)).toEqual([height + 1, height + 2]);
  expect(new Set(proofs.map(({ proposer }) => toHex(proposer))).size).toBe(2);
  for (const { height: at, proposer, seedProof } of proofs) {
    seed = nextSeed(chain.genesisHash, at, seed, { proposer, proof: seedProof });
  }
  const answer = decodeAskedSeed(chain.state.get(askedSeedKey(height + 2)) as Uint8Array);
  expect(answer).toEqual({ height: height + 2, seed });
  expect(chain.failures).toEqual([]);
});

test("a restart between two proofs goes on with the same seed", async () => {
  const chain = await asked();
  const height = chain.state.height;
  await chain.clock.advance(2_000);
  await chain.engine.stop();
  expect(chain.state.height).toBe(height + 1);
  const seed = readSeed(chain.state)?.seed;
  // The store knows nothing: everything comes back from the log.
  await chain.open(new (chain.store.constructor as new () => typeof chain.store)());
  expect(readSeed(chain.state)?.seed).toEqual(seed);
  await chain.engine.start();
  await chain.clock.advance(4_000);
  await chain.engine.stop();
  const answer = decodeAskedSeed(chain.state.get(askedSeedKey(height + 2)) as Uint8Array);
  expect(answer.seed).toEqual(readSeed(chain.state)?.seed);
  expect(answer.seed).not.toEqual(seed);
});

type Lie = (lying: LyingBlock, chain: TestChain) => void;

/** The chain's blocks with the last one that holds a proof made another by the delegates together. */
async function lyingChain(lie: Lie): Promise<{ chain: TestChain; blocks: CommittedBlock[] }> {
  const chain = await asked();
  await chain.clock.advance(2_000);
  await chain.engine.stop();
  const honest = chain.committed[chain.committed.length - 1];
  expect(decodeResult(honest.block.result).seedProof).toHaveLength(80);
  return { chain, blocks: [...chain.committed.slice(0, -1), agreedLie(chain, honest, (lying) => lie(lying, chain))] };
}

/** Another seed, with a write set, a root and a record that all say the same, so that only the proof shows it. */
const otherSeed =
  (proof: (given: Uint8Array) => Uint8Array): Lie =>
  (lying, chain) => {
    lying.record.seedProof = proof(lying.record.seedProof);
    const changes = decodeWriteSet(lying.writeSet);
    const own = changes.find(({ key }) => equalBytes(key, seedKey))!;
    own.value = encodeSeedLeaf({ ...decodeSeedLeaf(own.value!), seed: new Uint8Array(32).fill(7) });
    lying.writeSet = encodeWriteSet(changes);
    lying.record.writeSetHash = writeSetHash(lying.writeSet);
    // The lie changes leaves that the honest block changes too, so that it can stand on the state after it.
    lying.record.stateRoot = chain.state.prepare(changes).root;
  };

const LIES = {
  "a seed that the proof does not give": otherSeed((given) => given),
  "a seed without its proof": otherSeed(() => new Uint8Array(0)),
  "a forged proof": otherSeed((given) => given.toReversed()),
};

test.each(Object.entries(LIES))(
  "%s is refused by who takes results without executing, whatever the delegates agreed on",
  async (_, lie) => {
    const { blocks } = await lyingChain(lie);
    const follower = await TestChain.start();
    const last = blocks[blocks.length - 1];
    for (const block of blocks.slice(0, -1)) {
      await follower.application.commit(follower.application.adopt(block), block.certificate);
    }
    expect(() => follower.application.adopt(last)).toThrow(
      expect.objectContaining({ code: "BAD_RESULT", details: { field: "seedProof" } }),
    );
  },
);

test.each(Object.entries({ ...LIES, "": undefined }))("ttchain verify finds %j", async (_, lie) => {
  const { chain, blocks } = await lyingChain(lie ?? (() => undefined));
  const directory = await mkdtemp(join(tmpdir(), "ttchain-seed-"));
  try {
    await saveGenesis(directory, chain.genesis);
    const { genesisHash } = chain;
    const log = await BlockLog.open(nodeDisk, join(directory, "blocks"), { genesisHash });
    const store = await BlockStore.open(log);
    for (const block of blocks) {
      await store.append(block);
    }
    await store.close();
    const { sound, damage } = await verifyChain({ dataDirectory: directory });
    expect(sound).toBe(lie === undefined);
    expect(damage?.message ?? "").toMatch(lie === undefined ? /^$/ : /^block \d+: .*(seed|proof)/);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("a block with another proof, or none, is refused by those who check it", async () => {
  const chain = await asked();
  await chain.engine.stop();
  const key = delegateKeyOfSeed(chain.delegateSeeds[0]);
  const { block } = chain.application.propose(key, chain.application.timeMsMin);
  const good = async (encoded: Uint8Array[]): Promise<Transaction[]> => encoded.map(decodeTransaction);
  await expect(chain.application.process(block, good)).resolves.toMatchObject({ receipts: [] });
  const record = decodeResult(block.result);
  expect(record.seedProof).toHaveLength(80);
  for (const seedProof of [new Uint8Array(0), new Uint8Array(80), record.seedProof.toReversed()]) {
    const lie = { ...record, seedProof };
    const result = encodeResult({ ...lie, signature: key.sign(resultMessage(chain.genesisHash, lie)) });
    const header = { ...block.header, transactionsRoot: transactionsRoot(result, block.transactions) };
    await expect(chain.application.process({ ...block, header, result }, good)).rejects.toMatchObject({
      code: "BAD_RESULT",
      details: { field: "seedProof" },
    });
  }
});
