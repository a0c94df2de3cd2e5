// Properties of the codecs: what is encoded decodes to itself, no other bytes decode to the same, and hostile bytes get a code
// and nothing worse.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBlock } from "../../src/protocol/block.js";
import { decodeCertificate } from "../../src/protocol/certificate.js";
import { CodedError } from "../../src/protocol/errors.js";
import { defaultGasSchedule } from "../../src/protocol/gasSchedule.js";
import { NAME_DEFAULTS } from "../../src/protocol/nameParameters.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { decodeParameters, encodeParameters } from "../../src/protocol/parameters.js";
import { RDPOS_DEFAULTS } from "../../src/protocol/rdposParameters.js";
import { decodeReceipt, encodeReceipt } from "../../src/protocol/receipt.js";
import * as leaves from "../../src/protocol/stateLeaves.js";
import {
  decodeTransaction,
  encodeBody,
  encodeTransaction,
  signerKeys,
  type TransactionBody,
} from "../../src/protocol/transaction.js";
import { decodeWriteSet } from "../../src/protocol/writeSet.js";
import { bodyOf, signerOf } from "./makeVectors.js";

const SEED = 20_250_101;
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const amount = fc.bigInt({ min: 1n, max: (1n << 63n) - 1n });
const token = fc.oneof(
  fc.constantFrom("TTC", "TTM", "TTMI"),
  bytes32.map((bytes) => Buffer.from(bytes).toString("hex")),
);
const account = fc.constantFrom(0, 1);
const anyName = fc.constantFrom("corner-cafe", "모퉁이카페", "a1b2c3", "가나-7");
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant("transfer" as const), account, to: bytes32, token, amount }),
  fc.record({ kind: fc.constant("transfer" as const), account, to: bytes32, token, amount, reference: bytes32 }),
  fc.record({ kind: fc.constant("mint" as const), account, token, to: bytes32, amount }),
  fc.record({ kind: fc.constant("burn" as const), account, token, amount }),
  fc.record({ kind: fc.constant("replaceKey" as const), account, publicKey: bytes32 }),
  fc.record({ kind: fc.constant("setFrozen" as const), account, token, target: bytes32, frozen: fc.boolean() }),
  fc.record({ kind: fc.constant("closeAccount" as const), account, beneficiary: bytes32 }),
  fc.record({ kind: fc.constant("commitName" as const), account, commitment: bytes32 }),
  fc.record({ kind: fc.constant("revealName" as const), account, name: anyName, salt: bytes32, target: bytes32 }),
  fc.record({ kind: fc.constant("setName" as const), account, name: anyName, target: bytes32 }),
  fc.record({ kind: fc.constant("renewName" as const), account, name: anyName }),
  fc.record({ kind: fc.constant("transferName" as const), account, name: anyName, to: bytes32 }),
  fc.record({ kind: fc.constant("releaseName" as const), account, name: anyName }),
);
const body: fc.Arbitrary<TransactionBody> = fc
  .record({
    operations: fc.array(operation, { minLength: 1, maxLength: 64 }),
    feePayer: account,
    lane: fc.nat(0xffffffff),
    sequence: fc.nat(0xfffffffe),
    validUntil: fc.nat(Number.MAX_SAFE_INTEGER),
    feeToken: token,
    feeLimit: fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
    memo: fc.option(fc.uint8Array({ minLength: 1, maxLength: 256 }), { nil: undefined }),
    partner: fc.option(bytes32, { nil: undefined }),
  })
  .map(({ memo, partner, operations, ...fields }) =>
    bodyOf(operations, {
      ...fields,
      signers: [signerOf("alice"), signerOf("bob")],
      ...(memo === undefined ? {} : { memo }),
      ...(partner === undefined ? {} : { partner }),
    }),
  );
const signatures = [new Uint8Array(64).fill(1), new Uint8Array(64).fill(2)];

function codeOf(run: () => unknown): string {
  try {
    run();
    return "OK";
  } catch (error) {
    return error instanceof CodedError ? error.code : `crash: ${error}`;
  }
}

describe("transactions", () => {
  test("decode to what was encoded", () => {
    fc.assert(
      fc.property(body, (original) => {
        const encoded = encodeTransaction(encodeBody(original), signatures);
        const { bytes, bodyBytes, id, signatures: found, ...decoded } = decodeTransaction(encoded);
        expect(decoded).toEqual(original);
        expect(found).toEqual(signatures);
        expect(bytes).toBe(encoded);
        expect(bodyBytes + 128).toBe(encoded.length);
        expect(id.length).toBe(32);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test("whatever decodes encodes to the very same bytes: there is one encoding", () => {
    fc.assert(
      fc.property(body, fc.nat(), fc.nat(255), (original, place, value) => {
        const encoded = encodeTransaction(encodeBody(original), signatures);
        encoded[place % encoded.length] = value;
        let decoded: ReturnType<typeof decodeTransaction>;
        try {
          decoded = decodeTransaction(encoded);
        } catch (error) {
          expect(error).toBeInstanceOf(CodedError);
          return;
        }
        expect(encodeTransaction(encodeBody(decoded), decoded.signatures)).toEqual(encoded);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  test("give the keys that signed them, in their order, of accounts' own and of those that took their place", () => {
    const other = fc.option(bytes32, { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.tuple(body, other), { maxLength: 5 }), (list) => {
        const originals = list.map(([original, address]) => {
          const [first, second] = original.signers;
          return { ...original, signers: [first, { ...second, address: address ?? second.address }] };
        });
        const transactions = originals.map((one) => decodeTransaction(encodeTransaction(encodeBody(one), signatures)));
        const found = Array.from(signerKeys(transactions), (key) => key.slice());
        expect(found).toEqual(originals.flatMap(({ signers }) => signers.map(({ publicKey }) => publicKey)));
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  test("cut anywhere, they are refused", () => {
    fc.assert(
      fc.property(body, fc.nat(), (original, place) => {
        const encoded = encodeTransaction(encodeBody(original), signatures);
        const code = codeOf(() => decodeTransaction(encoded.subarray(0, place % encoded.length)));
        expect(code).not.toBe("OK");
        expect(code).not.toMatch(/^crash/);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test("a signer named twice is refused", () => {
    const twice = bodyOf([{ kind: "burn", account: 0, token: "TTM", amount: 1n }], {
      signers: [signerOf("alice"), signerOf("alice")],
    });
    expect(codeOf(() => encodeBody(twice))).toBe("NON_CANONICAL");
  });

  test.each([
    ["TTC", "RESERVED_SYMBOL"],
    ["TTN", "RESERVED_SYMBOL"],
    ["T7C", "RESERVED_SYMBOL"],
    ["TTMJ", "RESERVED_SYMBOL"],
    ["TTM1", "RESERVED_SYMBOL"],
    ["ab", "BAD_SYMBOL"],
    ["1AB", "BAD_SYMBOL"],
    ["TOOLONGSYMBOL", "BAD_SYMBOL"],
    ["CAFE", "OK"],
  ])("a token named %s: %s", (symbol, code) => {
    const operations: Operation[] = [
      {
        kind: "createToken",
        account: 0,
        symbol,
        name: "n",
        decimals: 0,
        supply: 1n,
        mintable: false,
        burnable: false,
        freezable: false,
      },
    ];
    expect(codeOf(() => encodeBody(bodyOf(operations)))).toBe(code);
  });

  test.each([
    ["TTC", 1],
    ["TTM", 2],
    ["TTMI", 3],
  ] as const)(
    "%s under the 32 bytes that stand for it in hashes is refused: it would be a second token with the same leaf",
    (name, last) => {
      const alias = `${"0".repeat(63)}${last}`;
      expect(codeOf(() => encodeBody(bodyOf([{ kind: "burn", account: 0, token: alias, amount: 1n }])))).toBe(
        "NON_CANONICAL",
      );
      const other = `${"0".repeat(63)}4`;
      const bytes = encodeTransaction(encodeBody(bodyOf([{ kind: "burn", account: 0, token: other, amount: 1n }])), [
        signatures[0],
      ]);
      expect(codeOf(() => decodeTransaction(bytes))).toBe("OK");
      // The token's last byte: behind it lie the amount and the signature.
      bytes[bytes.length - 64 - 8 - 1] = last;
      expect(
        codeOf(() => decodeTransaction(bytes)),
        name,
      ).toBe("NON_CANONICAL");
    },
  );

  test("a token's name may hold what a later version of Unicode will take for a format character", () => {
    const last = [0x1f, 0x9f, 0xad, 0x605, 0x206f, 0xfffb, 0x1d17a, 0xe007f];
    const nameOf = (code: number): Operation[] => [
      {
        kind: "createToken",
        account: 0,
        symbol: "CAFE",
        name: `a${String.fromCodePoint(code)}`,
        decimals: 0,
        supply: 1n,
        mintable: false,
        burnable: false,
        freezable: false,
      },
    ];
    for (const code of last) {
      expect(codeOf(() => encodeBody(bodyOf(nameOf(code))))).toBe("BAD_TOKEN_NAME");
    }
    // Unassigned today.
    for (const code of [0x13456, 0xe0002, 0xe0fff]) {
      expect(codeOf(() => encodeBody(bodyOf(nameOf(code))))).toBe("OK");
    }
  });

  test.each([["bad\u202ename"], ["line\nbreak"], [""], ["x".repeat(65)]])("a token's name %j is refused", (name) => {
    const operations: Operation[] = [
      {
        kind: "createToken",
        account: 0,
        symbol: "CAFE",
        name,
        decimals: 0,
        supply: 1n,
        mintable: false,
        burnable: false,
        freezable: false,
      },
    ];
    expect(codeOf(() => encodeBody(bodyOf(operations)))).toBe("BAD_TOKEN_NAME");
  });
});

describe("every decoder", () => {
  const decoders: [string, (bytes: Uint8Array) => unknown][] = [
    ["transaction", decodeTransaction],
    ["block", decodeBlock],
    ["certificate", decodeCertificate],
    ["receipt", decodeReceipt],
    ["write set", decodeWriteSet],
    ["parameters", decodeParameters],
    ["account leaf", leaves.decodeAccountLeaf],
    ["balance leaf", leaves.decodeBalanceLeaf],
    ["lane leaf", leaves.decodeLaneLeaf],
    ["reference leaf", leaves.decodeReferenceLeaf],
    ["token leaf", leaves.decodeTokenLeaf],
  ];
  test.each(decoders)("%s answers random bytes with a code", (_, decode) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(codeOf(() => decode(bytes))).not.toMatch(/^crash/);
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });
});

describe("receipts and parameters", () => {
  test("receipts decode to what was encoded", () => {
    const event = fc.record({ kind: fc.nat(255), data: fc.uint8Array({ maxLength: 100 }) });
    const receipt = fc.record({
      code: fc.nat(65_535),
      operationIndex: fc.nat(255),
      fee: fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
      events: fc.array(event, { maxLength: 10 }),
    });
    fc.assert(
      fc.property(receipt, (original) => {
        expect(decodeReceipt(encodeReceipt(original))).toEqual(original);
      }),
      { seed: SEED },
    );
  });

  test("parameters that no chain can run with are refused", () => {
    const parameters = {
      validUntilHeightsMax: 1,
      referenceHeightsMax: 1,
      referenceKeepHeights: 1,
      feeRateBasisPoints: 50,
      feeMinTtcUnits: 1n,
      feeCreateTokenTtcUnits: 1n,
      feeMintTtcUnits: 1n,
      feeBurnTtcUnits: 1n,
      depositAccountTtcUnits: 1n,
      depositBalanceTtcUnits: 1n,
      blockBytesMax: 1,
      blockTransactionsMax: 1,
      blockIntervalMs: 1,
      heartbeatIntervalMs: 1,
      roundBlocks: 3,
      quotes: [{ token: "TTM", units: 1n, ttcUnits: 2n }],
      blockGasMax: 20_000_000,
      blockPackageGasMax: 20_000_000,
      gasPriceTtcUnits: 10_000n,
      depositByteTtcUnits: 10_000n,
      rdpos: RDPOS_DEFAULTS,
      names: NAME_DEFAULTS,
      gas: defaultGasSchedule,
    };
    expect(decodeParameters(encodeParameters(parameters))).toEqual(parameters);
    expect(codeOf(() => encodeParameters({ ...parameters, roundBlocks: 2 }))).toBe("MALFORMED");
    for (const [field, most] of [
      ["blockBytesMax", 33_554_432],
      ["blockTransactionsMax", 200_000],
      ["blockGasMax", 200_000_000],
      ["blockPackageGasMax", 200_000_000],
    ] as const) {
      expect(decodeParameters(encodeParameters({ ...parameters, [field]: most }))[field]).toBe(most);
      expect(codeOf(() => encodeParameters({ ...parameters, [field]: most + 1 }))).toBe("MALFORMED");
    }
    for (const wrong of [
      { delegatesMax: 114 },
      { delegatesMin: 100 },
      { evidenceSeconds: RDPOS_DEFAULTS.unbondingSeconds },
      { trustingSeconds: RDPOS_DEFAULTS.evidenceSeconds + 1 },
      { slashBasisPoints: 10_001 },
      { depositCandidateTtcUnits: -1n },
    ]) {
      const rdpos = { ...RDPOS_DEFAULTS, ...wrong };
      expect(codeOf(() => encodeParameters({ ...parameters, rdpos }))).toBe("MALFORMED");
    }
    expect(codeOf(() => encodeParameters({ ...parameters, feeRateBasisPoints: 10_001 }))).toBe("MALFORMED");
    expect(
      codeOf(() => encodeParameters({ ...parameters, quotes: [...parameters.quotes, ...parameters.quotes] })),
    ).toBe("MALFORMED");
  });
});
