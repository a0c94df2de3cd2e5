// The ledger kernel by itself: which bytes it takes for payments, and its hash. What it does with them is tested in
// test/execution, beside its twin.

import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { encodeKernelParameters } from "../../src/execution/kernel/kernelParameters.js";
import { feeTokensAllowed } from "../../src/protocol/fees.js";
import { nativeIndex } from "../../src/protocol/tokens.js";
import { decodeTransaction, type Transaction } from "../../src/protocol/transaction.js";
import { LedgerKernel } from "../../src/wasm/ledgerKernel.js";
import { GENESIS_HASH, LedgerChain, PARAMETERS, signedBytes } from "../execution/ledgerChain.js";
import { PAYERS, PaymentMaker } from "../execution/randomPayments.js";

const MASK = (1n << 64n) - 1n;
const KEY = Uint8Array.from({ length: 16 }, (_, index) => index);

function openKernel(): LedgerKernel {
  const kernel = new LedgerKernel({ accounts: 8_200, blockBytes: 1 << 18 }, KEY);
  kernel.setParameters(encodeKernelParameters(PARAMETERS, { height: 10, timeMs: 0, genesisHash: GENESIS_HASH }));
  return kernel;
}

/** Which of the transactions' bytes the kernel takes for payments of its own. */
function classify(kernel: LedgerKernel, encoded: Uint8Array[]): boolean[] {
  kernel.dropAll();
  kernel.beginBlock();
  kernel.beginBatch();
  for (const bytes of encoded) {
    expect(kernel.add(bytes)).toBe(true);
  }
  kernel.prepare({ get: () => undefined }, () => new Uint8Array(32));
  const fast = encoded.map((_, index) => kernel.isFast(index));
  kernel.endBlock(false);
  return fast;
}

function decoded(bytes: Uint8Array): Transaction | undefined {
  try {
    return decodeTransaction(bytes);
  } catch {
    return undefined;
  }
}

/** Whether all that the transaction does is transfers of the chain's own tokens, charged in its fee token. */
function isPlain(transaction: Transaction | undefined): boolean {
  if (transaction === undefined) {
    return false;
  }
  const { operations, feeToken } = transaction;
  const native = operations.every((operation) => operation.kind === "transfer" && nativeIndex(operation.token) >= 0);
  const charged = native ? feeTokensAllowed(PARAMETERS, operations) : new Set<string>();
  return charged.size === 1 && charged.has(feeToken);
}

/** The bytes with something wrong, or something else that is right. */
function mutate(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  const at = random.below(Math.max(bytes.length, 1));
  const values = [0, 1, 2, 3, 4, 8, 9, 64, 65, 127, 128, 255];
  switch (random.below(6)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return Uint8Array.of(...bytes, ...random.bytes(1 + random.below(70)));
    case 2:
      return Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + 1));
    default: {
      const changed = bytes.slice();
      changed[random.chance(1, 2) ? at : random.below(48)] = values[random.below(values.length)];
      return changed;
    }
  }
}

describe("the ledger kernel", () => {
  test("takes a transaction exactly where the protocol decodes it and it only pays", () => {
    const kernel = openKernel();
    const random = new SeededRandom(21);
    const maker = new PaymentMaker(random);
    let [taken, left] = [0, 0];
    for (let round = 0; round < 60; round++) {
      const sound = maker.block(10, 20).map(({ bytes }) => bytes);
      const encoded = sound.flatMap((bytes) => [bytes, mutate(random, bytes), mutate(random, mutate(random, bytes))]);
      const expected = encoded.map((bytes) => isPlain(decoded(bytes)));
      expect(classify(kernel, encoded)).toEqual(expected);
      taken += expected.filter((fast) => fast).length;
      left += expected.filter((fast) => !fast).length;
    }
    expect(Math.min(taken, left)).toBeGreaterThan(1_000);
  });

  test("leaves what is not canonical about signers to the host", () => {
    const kernel = openKernel();
    const [first, second, third] = PAYERS;
    const base = new LedgerChain().ask({
      signers: [{ ...first, publicKey: third.publicKey }, second],
      operations: [{ kind: "transfer", account: 0, to: third.address, token: "TTC", amount: 1n }],
    }).bytes;
    const ownName = base.slice();
    // The first signer is written with its address; the key behind it becomes the one that the address is of.
    ownName.set(first.publicKey, 7 + 1 + 32);
    const twice = base.slice();
    // The first signer's address becomes the second's.
    twice.set(second.address, 7 + 1);
    expect([base, ownName, twice].map((bytes) => decoded(bytes) !== undefined)).toEqual([true, false, false]);
    expect(classify(kernel, [base, ownName, twice])).toEqual([true, false, false]);
  });

  test("leaves transactions of other kinds and created tokens to the host", () => {
    const chain = new LedgerChain();
    const operations = [
      { kind: "burn", account: 0, token: "TTC", amount: 1n },
      { kind: "transfer", account: 0, to: PAYERS[0].address, token: "ab".repeat(32), amount: 1n },
      { kind: "closeAccount", account: 0, beneficiary: PAYERS[0].address },
    ] as const;
    const encoded = operations.map((operation) => chain.ask({ operations: [operation] }).bytes);
    expect(classify(openKernel(), encoded)).toEqual([false, false, false]);
  });

  test("takes the largest transactions, and says when a batch has no room left", () => {
    const kernel = openKernel();
    const operations = Array.from({ length: 64 }, () => ({
      kind: "transfer" as const,
      account: 0,
      to: PAYERS[1].address,
      token: "TTC",
      amount: 1n,
      reference: new Uint8Array(32).fill(1),
    }));
    const chain = new LedgerChain();
    const large = chain.ask({ signers: PAYERS.slice(0, 8), operations, memo: new Uint8Array(256) }).bytes;
    expect(
      classify(
        kernel,
        Array.from({ length: 40 }, () => large),
      ).every((fast) => fast),
    ).toBe(true);
    kernel.beginBatch();
    let count = 0;
    while (kernel.add(large)) {
      count++;
    }
    expect(count).toBe(Math.floor(kernel.inputBytesMax / large.length));
    kernel.beginBatch();
    const small = chain.ask({ operations: operations.slice(0, 1) }).bytes;
    for (count = 0; kernel.add(small); count++);
    expect(count).toBe(kernel.transactionsMax);
    expect(signedBytes(decodeTransaction(small))).toEqual(small);
  });

  test("refuses a capacity that a block could exceed, or that memory can't hold", () => {
    expect(() => new LedgerKernel({ accounts: 100, blockBytes: 1 << 20 }, KEY)).toThrow(/may name/);
    expect(() => new LedgerKernel({ accounts: 1 << 25, blockBytes: 1 << 20 }, KEY)).toThrow(/memory/);
  });
});

/** SipHash with `compressions` rounds a word and `finals` at the end, for whole words, after the paper. */
function sipHash(bytes: Uint8Array, compressions: number, finals: number): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const key = new DataView(KEY.buffer);
  const [k0, k1] = [key.getBigUint64(0, true), key.getBigUint64(8, true)];
  const v = [k0 ^ 0x736f6d6570736575n, k1 ^ 0x646f72616e646f6dn, k0 ^ 0x6c7967656e657261n, k1 ^ 0x7465646279746573n];
  const rotate = (x: bigint, bits: bigint): bigint => ((x << bits) | (x >> (64n - bits))) & MASK;
  const mix = (a: number, b: number, bits: bigint): void => {
    v[a] = (v[a] + v[b]) & MASK;
    v[b] = rotate(v[b], bits) ^ v[a];
  };
  const round = (): void => {
    mix(0, 1, 13n);
    v[0] = rotate(v[0], 32n);
    mix(2, 3, 16n);
    mix(0, 3, 21n);
    mix(2, 1, 17n);
    v[2] = rotate(v[2], 32n);
  };
  for (let offset = 0; offset <= bytes.length; offset += 8) {
    const word = offset < bytes.length ? view.getBigUint64(offset, true) : BigInt(bytes.length % 256) << 56n;
    v[3] ^= word;
    for (let i = 0; i < compressions; i++) {
      round();
    }
    v[0] ^= word;
  }
  v[2] ^= 0xffn;
  for (let i = 0; i < finals; i++) {
    round();
  }
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

describe("the kernel's hash", () => {
  test("is SipHash-1-3", () => {
    const counting = Uint8Array.from({ length: 64 }, (_, index) => index);
    // The reference code of the paper's authors gives these for SipHash-2-4.
    expect(sipHash(counting.slice(0, 0), 2, 4)).toBe(0x726fdb47dd0e0e31n);
    expect(sipHash(counting.slice(0, 8), 2, 4)).toBe(0x93f5f5799a932462n);
    const kernel = openKernel();
    for (const length of [0, 8, 32, 64]) {
      expect(kernel.hash(counting.slice(0, length))).toBe(sipHash(counting.slice(0, length), 1, 3));
    }
  });
});
