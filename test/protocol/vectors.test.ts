// The published vectors: what an independent implementation must agree with. They are fixed; this test compares the code with
// them, and decodes them again.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../src/base/bytes.js";
import { parseAddress } from "../../src/protocol/address.js";
import {
  decodeBlock,
  decodeHeader,
  decodeResult,
  encodeBlock,
  encodeHeader,
  encodeResult,
} from "../../src/protocol/block.js";
import { decodeCertificate, verifyCertificate } from "../../src/protocol/certificate.js";
import { decodeDelegates } from "../../src/protocol/delegates.js";
import { CodedError } from "../../src/protocol/errors.js";
import { OPERATION_CODECS } from "../../src/protocol/operations/registry.js";
import { LEAF_KINDS } from "../../src/protocol/stateLeaves.js";
import { decodeTransaction, encodeBody, encodeTransaction } from "../../src/protocol/transaction.js";
import { decodeWriteSet, encodeWriteSet } from "../../src/protocol/writeSet.js";
import { GENESIS_HASH, makeVectors } from "./makeVectors.js";

const path = join(import.meta.dirname, "../vectors/protocol.json");
const made = makeVectors();
if (process.env.UPDATE_VECTORS === "1") {
  writeFileSync(path, `${JSON.stringify(made, null, 1)}\n`);
}
const published = JSON.parse(readFileSync(path, "utf8")) as typeof made;

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) {
    throw new Error("bad hex in the vectors");
  }
  return bytes;
}

describe("the published protocol vectors", () => {
  test("are what the code makes of the same seeds", () => {
    expect(made).toEqual(published);
  });

  test.each(published.transactions)("$name decodes and encodes to the same bytes", (vector) => {
    const transaction = decodeTransaction(bytesOf(vector.transaction));
    const body = encodeBody(transaction);
    expect(toHex(body)).toBe(vector.body);
    expect(toHex(transaction.id)).toBe(vector.id);
    expect(toHex(encodeTransaction(body, transaction.signatures))).toBe(vector.transaction);
  });

  test("hold every kind of operation and every kind of leaf", () => {
    const operations = published.transactions.flatMap((vector) =>
      decodeTransaction(bytesOf(vector.transaction)).operations.map(({ kind }) => kind),
    );
    const kinds = OPERATION_CODECS.map(({ kind }) => kind);
    expect(kinds.filter((kind) => !operations.includes(kind))).toEqual([]);
    const { leafAsked, answer } = published.seed;
    const leafKinds = [...published.leaves.map(({ value }) => value), leafAsked, answer].map((hex) => bytesOf(hex)[0]);
    const missing = Object.entries(LEAF_KINDS).filter(([, kind]) => !leafKinds.includes(kind));
    expect(missing).toEqual([]);
  });

  test.each(published.refused)("$name is refused as $code", (vector) => {
    let code: string | undefined;
    try {
      decodeTransaction(bytesOf(vector.transaction));
    } catch (error) {
      code = (error as CodedError).code;
    }
    expect(code).toBe(vector.code);
  });

  test("a plain transfer has 175 bytes, below the 220 that are promised", () => {
    expect(published.transactions[0].transaction.length / 2).toBe(175);
  });

  test("addresses parse back", () => {
    for (const { address, text } of published.addresses) {
      expect(toHex(parseAddress(text))).toBe(address);
    }
  });

  test("the block, its parts and its certificate decode and hold", () => {
    const { block, header, result, certificate, delegateSet, writeSet } = published.block;
    expect(toHex(encodeBlock(decodeBlock(bytesOf(block))))).toBe(block);
    expect(toHex(encodeHeader(decodeHeader(bytesOf(header))))).toBe(header);
    expect(toHex(encodeResult(decodeResult(bytesOf(result))))).toBe(result);
    expect(toHex(encodeWriteSet(decodeWriteSet(bytesOf(writeSet))))).toBe(writeSet);
    const delegates = decodeDelegates(bytesOf(delegateSet));
    verifyCertificate(decodeCertificate(bytesOf(certificate)), decodeHeader(bytesOf(header)), GENESIS_HASH, delegates);
  });

  test("a certificate of two of four delegates proves nothing", () => {
    const { header, certificate, delegateSet } = published.block;
    const full = decodeCertificate(bytesOf(certificate));
    const half = { ...full, signatures: full.signatures.slice(0, 2) } as typeof full;
    const delegates = decodeDelegates(bytesOf(delegateSet));
    expect(() => verifyCertificate(half, decodeHeader(bytesOf(header)), GENESIS_HASH, delegates)).toThrow(CodedError);
  });
});
