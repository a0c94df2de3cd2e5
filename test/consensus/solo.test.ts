// The solo engine over the whole chain: when blocks come, whose turn it is, what certificates prove, and what a restart finds.

import { describe, expect, test } from "vitest";
import { equalBytes, toHex } from "../../src/base/bytes.js";
import { DamagedStoreError, recoverState } from "../../src/consensus/recoverState.js";
import { decodeResult, encodeResult } from "../../src/protocol/block.js";
import { type ResultProof, verifyResultProof } from "../../src/protocol/certificate.js";
import { CodedError } from "../../src/protocol/errors.js";
import { decodeReceipt } from "../../src/protocol/receipt.js";
import { decodeTransaction, type Transaction } from "../../src/protocol/transaction.js";
import { genesisChanges } from "../../src/state/genesisState.js";
import { State } from "../../src/state/state.js";
import { readAccount, readDelegates } from "../../src/state/views.js";
import type { BlockStore } from "../../src/storage/blockStore.js";
import { merkleProof } from "../../src/wasm/sha256.js";
import { settle } from "../support/fakeClock.js";
import { MemoryStore } from "../support/memoryStore.js";
import { person, TestChain } from "../support/testChain.js";

const TTC = 100_000_000n;
const bob = person("bob");

async function running(): Promise<TestChain> {
  const chain = await TestChain.start();
  await chain.engine.start();
  return chain;
}

describe("blocks come", () => {
  test("as heartbeats every two seconds while there is nothing to do, and leave the state root as it was", async () => {
    const chain = await running();
    await chain.clock.advance(0);
    const root = toHex(chain.state.root);
    await chain.clock.advance(10_000);
    expect(chain.committed.map((block) => block.height)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(toHex(chain.state.root)).toBe(root);
    await chain.engine.stop();
  });

  test("at once when a payment arrives after a pause, then every 100 ms while there is work", async () => {
    const chain = await running();
    await chain.clock.advance(1_000);
    const height = chain.state.height;
    expect(await chain.codes(chain.payment(bob.address, TTC, 0))).toEqual(["OK"]);
    await chain.clock.advance(0);
    expect(chain.state.height).toBe(height + 1);
    expect(readAccount(chain.state, bob.address)?.balances[0]).toBe(TTC);
    await chain.submit(chain.payment(bob.address, TTC, 1));
    await chain.clock.advance(99);
    expect(chain.state.height).toBe(height + 1);
    await chain.clock.advance(1);
    expect(chain.state.height).toBe(height + 2);
    await chain.engine.stop();
  });

  test("no more after stop", async () => {
    const chain = await running();
    await chain.clock.advance(0);
    await chain.engine.stop();
    const height = chain.state.height;
    await chain.clock.advance(10_000);
    expect(chain.state.height).toBe(height);
  });
});

describe("every block", () => {
  test("has its proposer in strict rotation and a certificate of all delegates that proves its result", async () => {
    const chain = await running();
    await chain.submit(chain.payment(bob.address, TTC, 0));
    await chain.clock.advance(8_000);
    const delegates = readDelegates(chain.state);
    for (const { height, block, certificate } of chain.committed) {
      expect(toHex(block.header.proposer)).toBe(toHex(delegates[(height - 1) % 4].publicKey));
      const entries = [block.result, ...block.transactions];
      const proof: ResultProof = {
        header: block.header,
        certificate,
        result: block.result,
        entryCount: entries.length,
        path: merkleProof(entries, 0),
      };
      const root = verifyResultProof(proof, chain.genesisHash, delegates);
      expect(toHex(root)).toBe(toHex(chain.state.rootAt(height)));
    }
    await chain.engine.stop();
  });

  test("is refused with a result that differs from one's own, or with anything else changed", async () => {
    const chain = await TestChain.start();
    await chain.submit(chain.payment(bob.address, TTC, 0));
    const { ed25519 } = await import("../../src/wasm/ed25519.js");
    const key = {
      publicKey: person("liar").publicKey,
      sign: (m: Uint8Array) => ed25519.sign(m, person("liar").seed),
      proveRandom: () => new Uint8Array(80),
    };
    const { block } = chain.application.propose(key, chain.application.timeMsMin);
    const good = async (encoded: Uint8Array[]): Promise<Transaction[]> => encoded.map(decodeTransaction);
    const honest = await chain.application.process(block, good);
    expect(honest.receipts.map((receipt) => decodeReceipt(receipt).code)).toEqual([0]);

    const record = decodeResult(block.result);
    const { resultMessage, transactionsRoot } = await import("../../src/protocol/block.js");
    for (const field of ["stateRoot", "receiptsRoot", "writeSetHash", "delegateSetHash", "payloadRoot"] as const) {
      const lie = { ...record, [field]: new Uint8Array(32).fill(1) };
      const result = encodeResult({ ...lie, signature: key.sign(resultMessage(chain.genesisHash, lie)) });
      const header = { ...block.header, transactionsRoot: transactionsRoot(result, block.transactions) };
      await expect(chain.application.process({ ...block, header, result }, good)).rejects.toMatchObject({
        code: "BAD_RESULT",
      });
    }
    for (const header of [
      { ...block.header, height: 2 },
      { ...block.header, timeMs: 0 },
      { ...block.header, parentHash: new Uint8Array(32) },
      { ...block.header, transactionsRoot: new Uint8Array(32) },
    ]) {
      await expect(chain.application.process({ ...block, header }, good)).rejects.toMatchObject({ code: "BAD_BLOCK" });
    }
    const bad = async (): Promise<Transaction[]> => {
      throw new CodedError("BAD_SIGNATURE");
    };
    await expect(chain.application.process(block, bad)).rejects.toMatchObject({ code: "BAD_SIGNATURE" });
  });
});

describe("a restart", () => {
  async function chainWithPayments(): Promise<TestChain> {
    const chain = await running();
    for (let sequence = 0; sequence < 5; sequence++) {
      await chain.submit(chain.payment(person(`payee ${sequence}`).address, TTC, sequence));
      await chain.clock.advance(150);
      if (sequence === 2) {
        await chain.state.flush();
      }
    }
    await chain.engine.stop();
    return chain;
  }

  test("finds everything committed, after the state's store lost whatever was not flushed", async () => {
    const chain = await chainWithPayments();
    const { height, root } = chain.state;
    chain.disk.crash();
    chain.disk.restart("power");
    await chain.open(chain.store);
    expect(chain.state.height).toBe(height);
    expect(toHex(chain.state.root)).toBe(toHex(root));
    for (let i = 0; i < 5; i++) {
      expect(readAccount(chain.state, person(`payee ${i}`).address)?.balances[0]).toBe(TTC);
    }
    await chain.engine.start();
    expect(await chain.codes(chain.payment(bob.address, TTC, 4))).toEqual(["SEQUENCE_USED"]);
    expect(await chain.codes(chain.payment(bob.address, TTC, 5))).toEqual(["OK"]);
    await chain.clock.advance(2_000);
    expect(readAccount(chain.state, bob.address)?.balances[0]).toBe(TTC);
    await chain.engine.stop();
  });

  test("on an older backup of the blocks signs no second block of any height", async () => {
    const chain = await running();
    await chain.submit(chain.payment(bob.address, TTC, 0));
    await chain.clock.advance(150);
    const older = chain.disk.paths().filter((path) => path.startsWith("/blocks/"));
    const backup = older.map((path) => [path, chain.disk.bytes(path)] as const);
    await chain.submit(chain.payment(bob.address, TTC, 1));
    await chain.clock.advance(150);
    await chain.engine.stop();
    const { height } = chain.state;
    for (const [path, bytes] of backup) {
      chain.disk.replace(path, bytes);
    }
    await chain.open(new MemoryStore());
    expect(chain.state.height).toBeLessThan(height);
    await expect(chain.engine.start()).rejects.toThrow(`signed blocks up to height ${height}`);
    // Without the record nothing is known of what was signed.
    await chain.disk.remove("/chain/signing-record");
    await expect(chain.open(new MemoryStore())).rejects.toThrow(/--signing-above/);
  });

  test("rebuilds the state from nothing but the log", async () => {
    const chain = await chainWithPayments();
    const { root } = chain.state;
    await chain.open(new MemoryStore());
    expect(equalBytes(chain.state.root, root)).toBe(true);
  });

  test("stops at a block whose record or transactions its header doesn't cover, or that follows another", async () => {
    const chain = await chainWithPayments();
    const { blocks } = chain;
    const good = (await blocks.read(2))!;
    const liar = { ...decodeResult(good.block.result), stateRoot: new Uint8Array(32) };
    const [transaction] = (await blocks.read(3))!.block.transactions;
    for (const [block, words] of [
      [{ ...good, block: { ...good.block, result: encodeResult(liar) } }, /entries of block 2/],
      [{ ...good, block: { ...good.block, transactions: [transaction] } }, /entries of block 2/],
      [{ ...good, hash: new Uint8Array(32) }, /block 2 does not follow/],
      [(await blocks.read(3))!, /block 2 does not follow/],
    ] as const) {
      const store = {
        lastHeight: 2,
        read: async (height: number) => (height === 2 ? { ...block, height } : blocks.read(height)),
      };
      const state = State.open(new MemoryStore(), { pageCacheBytes: 1 << 20, historyHeights: 10 });
      state.commit(0, state.prepare(genesisChanges(chain.genesis)));
      await expect(recoverState(state, store as unknown as BlockStore, chain.genesisHash)).rejects.toThrow(words);
    }
  });

  test("stops at a state that the certificates contradict", async () => {
    const chain = await chainWithPayments();
    const wrong = chain.state.prepare([{ key: new Uint8Array(32).fill(1), value: Uint8Array.of(0, 1) }]);
    const block = chain.blocks.latest!;
    chain.state.commit(block.height + 1, wrong);
    await expect(recoverState(chain.state, chain.blocks, chain.genesisHash)).rejects.toBeInstanceOf(DamagedStoreError);
  });
});

describe("a failing disk", () => {
  test("stops the engine and tells; what was promised before is kept", async () => {
    const chain = await running();
    await chain.clock.advance(100);
    chain.disk.failingSyncs = 1;
    await chain.submit(chain.payment(bob.address, TTC, 0));
    await chain.clock.advance(5_000);
    await settle();
    expect(chain.failures).toHaveLength(1);
    expect(readAccount(chain.state, bob.address)).toBeUndefined();
  });
});
