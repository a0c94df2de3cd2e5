// Building: signers, fee, size and signatures of what a wallet sends.

import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { Account } from "../../src/client/account.js";
import {
  type Action,
  burn,
  closeAccount,
  createToken,
  mint,
  payWithMileage,
  registerContract,
  replaceKey,
  setFrozen,
  transfer,
} from "../../src/client/actions.js";
import {
  buildTransaction,
  type SignedTransaction,
  type TransactionOptions,
} from "../../src/client/buildTransaction.js";
import { expiryHeightOf, makeReference } from "../../src/client/references.js";
import { decodeTransaction, signingMessage } from "../../src/protocol/transaction.js";
import { ed25519 } from "../../src/wasm/ed25519.js";
import { testChain, testParameters } from "./chainView.js";

const random = new SeededRandom(11);
const [payer, store, sponsor, successor] = Array.from({ length: 4 }, () => Account.random(random));
const accounts = [payer, store, sponsor, successor];
const token = "ab".repeat(32);

function build(actions: Action[], options: Partial<TransactionOptions> = {}): SignedTransaction {
  return buildTransaction(testChain, accounts, { actions, lane: 3, sequence: 9, ...options });
}

/** Decodes what was built and verifies each signature. */
function read(transaction: SignedTransaction) {
  const decoded = decodeTransaction(transaction.bytes);
  const message = signingMessage(testChain.genesisHash, transaction.bytes.subarray(0, decoded.bodyBytes));
  for (const [i, signer] of decoded.signers.entries()) {
    expect(ed25519.verify(decoded.signatures[i], message, signer.publicKey)).toBe(true);
  }
  expect(decoded.id).toEqual(transaction.id);
  return decoded;
}

describe("a transaction", () => {
  test("of one plain transfer takes at most 220 bytes with its signature", () => {
    expect(build([transfer(payer, { to: store.address, amount: 1n })]).bytes.length).toBeLessThanOrEqual(220);
  });

  test("names sender, lane, sequence and a valid-until 600 heights ahead", () => {
    const decoded = read(build([transfer(payer, { to: store.addressText, amount: 5n })]));
    expect(decoded).toMatchObject({ lane: 3, sequence: 9, validUntil: 1_600, feePayer: 0, feeToken: "TTC" });
    expect(decoded.signers).toEqual([{ address: payer.address, publicKey: payer.publicKey }]);
    expect(decoded.operations).toEqual([{ kind: "transfer", account: 0, to: store.address, token: "TTC", amount: 5n }]);
  });

  test("stays within a chain's shorter window", () => {
    const chain = { ...testChain, parameters: { ...testParameters, validUntilHeightsMax: 50 } };
    const options = { actions: [transfer(payer, { to: store.address, amount: 1n })], lane: 0, sequence: 0 };
    expect(buildTransaction(chain, accounts, options).validUntil).toBe(1_050);
  });

  test("limits its fee to the fee, and to more only where asked", () => {
    const large = transfer(payer, { to: store.address, amount: 100_000_000_000n });
    expect(read(build([large])).feeLimit).toBe(500_000_000n);
    expect(read(build([large], { feeSlack: 7n })).feeLimit).toBe(500_000_007n);
    expect(read(build([transfer(payer, { to: store.address, amount: 1n })])).feeLimit).toBe(
      testParameters.feeMinTtcUnits,
    );
  });

  test("pays the fee in the token that moves where that has a quote", () => {
    expect(read(build([transfer(payer, { to: store.address, amount: 10_000n, token: "TTM" })]))).toMatchObject({
      feeToken: "TTM",
      feeLimit: 50n,
    });
    expect(read(build([transfer(payer, { to: store.address, amount: 10_000n, token })])).feeToken).toBe("TTC");
    expect(() => build([transfer(payer, { to: store.address, amount: 1n })], { feeToken: "TTM" })).toThrow(
      "expected the fee in TTC, got TTM",
    );
  });

  test("pays and gives mileage in one, signed by payer and store", () => {
    const reference = makeReference(5_000, random);
    const decoded = read(
      build(payWithMileage(payer, store, { amount: 20_000n, token: "TTM", mileage: 200n, reference })),
    );
    expect(decoded.signers.map(({ address }) => address)).toEqual([payer.address, store.address]);
    expect(decoded.operations).toEqual([
      { kind: "transfer", account: 0, to: store.address, token: "TTM", amount: 20_000n, reference },
      { kind: "transfer", account: 1, to: payer.address, token: "TTMI", amount: 200n },
    ]);
  });

  test("lets a sponsor pay the fee", () => {
    const decoded = read(build([transfer(payer, { to: store.address, amount: 5n })], { sponsor }));
    expect(decoded.feePayer).toBe(1);
    expect(decoded.signers[1].address).toEqual(sponsor.address);
  });

  test("has the new key sign its own taking over", () => {
    const decoded = read(build([replaceKey(payer, successor)]));
    expect(decoded.signers[1].publicKey).toEqual(successor.publicKey);
    expect(decoded.operations[0]).toEqual({ kind: "replaceKey", account: 0, publicKey: successor.publicKey });
  });

  test("is signed by the key in force where the account's key was replaced", () => {
    const renewed = payer.withKeyOf(successor);
    const transaction = buildTransaction(testChain, [renewed], {
      actions: [transfer(renewed, { to: store.address, amount: 1n })],
      lane: 0,
      sequence: 0,
    });
    expect(read(transaction).signers).toEqual([{ address: payer.address, publicKey: successor.publicKey }]);
  });

  test("carries every other operation, with issuers that sign too", () => {
    const face = {
      symbol: "COFFEE",
      name: "Coffee",
      decimals: 0,
      supply: 5n,
      mintable: true,
      burnable: true,
      freezable: true,
    };
    const decoded = read(
      build([
        createToken(payer, face),
        mint(payer, { token, to: store.address, amount: 3n, issuers: [store] }),
        burn(payer, { token, amount: 2n }),
        setFrozen(payer, { token, target: store.address, frozen: true, issuers: [sponsor] }),
        closeAccount(payer, store.address),
      ]),
    );
    expect(decoded.operations.map(({ kind }) => kind)).toEqual([
      "createToken",
      "mint",
      "burn",
      "setFrozen",
      "closeAccount",
    ]);
    expect(decoded.signers.map(({ address }) => address)).toEqual([payer.address, store.address, sponsor.address]);
  });

  test("carries partner and memo", () => {
    const memo = new TextEncoder().encode("table 4");
    const decoded = read(
      build([transfer(payer, { to: store.address, amount: 1n })], { partner: sponsor.address, memo }),
    );
    expect(decoded.partner).toEqual(sponsor.address);
    expect(decoded.memo).toEqual(memo);
  });

  test("is refused without a key for one of its signers", () => {
    const options = { actions: [transfer(payer, { to: store.address, amount: 1n })], lane: 0, sequence: 0, sponsor };
    expect(() => buildTransaction(testChain, [payer], options)).toThrow("expected the key of signer");
    const twoKeys = [
      transfer(payer, { to: store.address, amount: 1n }),
      burn(payer.withKeyOf(successor), { token, amount: 1n }),
    ];
    expect(() => build(twoKeys)).toThrow("expected one key for account");
  });

  test("is refused where nothing happens or an address is none", () => {
    expect(() => build([])).toThrow("at least one action");
    expect(() => transfer(payer, { to: "ttc1typo", amount: 1n })).toThrow("expected 62 characters, got 8");
    expect(() => build([transfer(payer, { to: store.address, amount: 0n })])).toThrow("expected an amount");
  });
});

describe("a package without a gas limit of its own", () => {
  const wish = (gasLimit?: number) =>
    registerContract(accounts[0], {
      source: new Uint8Array(1),
      tests: new Uint8Array(1),
      depositLimit: 0n,
      ...(gasLimit === undefined ? {} : { gasLimit }),
    });
  const limits = (...actions: Action[]) =>
    read(build(actions)).operations.map((operation) => "gasLimit" in operation && operation.gasLimit);
  const { blockPackageGasMax } = testChain.parameters;

  test("may use what a block of the chain has, shared among several", () => {
    expect(limits(wish())).toEqual([blockPackageGasMax]);
    expect(limits(wish(), wish())).toEqual([blockPackageGasMax / 2, blockPackageGasMax / 2]);
    expect(limits(wish(1_000), wish())).toEqual([1_000, blockPackageGasMax - 1_000]);
  });
});

describe("an address that somebody typed", () => {
  const text = store.addressText;

  test("is named with the place of one wrong character", () => {
    const wrong = `${text.slice(0, 20)}${text[20] === "q" ? "p" : "q"}${text.slice(21)}`;
    expect(() => transfer(payer, { to: wrong, amount: 1n })).toThrow("look at character 21");
  });

  test("is recognised as Solana's", () => {
    expect(() => transfer(payer, { to: "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV", amount: 1n })).toThrow(
      /Solana address/,
    );
  });
});

describe("a reference", () => {
  test("begins with its expiry height and is random after it", () => {
    const [one, two] = [makeReference(77), makeReference(77)];
    expect(one).toHaveLength(32);
    expect(expiryHeightOf(one)).toBe(77n);
    expect(two).not.toEqual(one);
    expect(() => makeReference(-1)).toThrow("expiry height");
    expect(() => makeReference(1.5)).toThrow("expiry height");
  });
});
