// What delegates are asked and have answered, in the state: requests of contracts until they are delivered, and the prices that quotes come
// from. A delegate is named by the first bytes of its key.

import { concatBytes, utf8Bytes } from "../base/bytes.js";
import { sha256 } from "../wasm/sha256.js";
import { LEAF_KINDS, leafReader } from "./stateLeaves.js";
import { type TokenId, tokenBytes } from "./tokens.js";
import { type Reader, Writer } from "./wire.js";

/** Bytes of a delegate's key that name it here. */
export const DELEGATE_NAME_BYTES = 16;

export interface OracleAnswer {
  delegate: Uint8Array;
  value: bigint;
}

/** A contract's question. */
export interface OracleRequestLeaf {
  contract: Uint8Array;
  /** The contract's own name for it. */
  key: string;
  feed: string;
  callback: string;
  /** For the callback; paid for. */
  gas: number;
  height: number;
  /** TTC units held for the leaf. */
  deposit: bigint;
  answers: OracleAnswer[];
}

export function oracleRequestKey(contract: Uint8Array, key: string): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(LEAF_KINDS.oracleRequest), contract, utf8Bytes(key)));
}

function writeText(writer: Writer, text: string): void {
  writer.short(utf8Bytes(text));
}

function readText(reader: Reader): string {
  return new TextDecoder().decode(reader.short());
}

export function encodeOracleRequest(leaf: OracleRequestLeaf): Uint8Array {
  const writer = new Writer().u8(LEAF_KINDS.oracleRequest).raw(leaf.contract);
  writeText(writer, leaf.key);
  writeText(writer, leaf.feed);
  writeText(writer, leaf.callback);
  writer.u32(leaf.gas).u64(BigInt(leaf.height)).u64(leaf.deposit).u8(leaf.answers.length);
  for (const { delegate, value } of leaf.answers) {
    writer.raw(delegate).u64(BigInt.asUintN(64, value));
  }
  return writer.finish();
}

export function decodeOracleRequest(bytes: Uint8Array): OracleRequestLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.oracleRequest);
  const leaf: OracleRequestLeaf = {
    contract: reader.raw(32),
    key: readText(reader),
    feed: readText(reader),
    callback: readText(reader),
    gas: reader.u32(),
    height: reader.safe(),
    deposit: reader.amountOrZero(),
    answers: [],
  };
  for (let count = reader.u8(); count > 0; count--) {
    leaf.answers.push({
      delegate: reader.raw(DELEGATE_NAME_BYTES),
      value: BigInt.asIntN(64, reader.u64()),
    });
  }
  reader.end();
  return leaf;
}

/** One delegate's word on what `units` of a token are worth. */
export interface PriceAnswer {
  delegate: Uint8Array;
  units: bigint;
  ttcUnits: bigint;
  height: number;
}

export function oraclePriceKey(token: TokenId): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(LEAF_KINDS.oraclePrice), tokenBytes(token)));
}

/** What one leaf holds: fewer than a round may have delegates, more than two thirds of them. */
export const PRICE_ANSWERS_MAX = 102;

export function encodeOraclePrice(answers: PriceAnswer[]): Uint8Array {
  const writer = new Writer().u8(LEAF_KINDS.oraclePrice).u8(answers.length);
  for (const { delegate, units, ttcUnits, height } of answers) {
    writer.raw(delegate).u64(units).u64(ttcUnits).u64(BigInt(height));
  }
  return writer.finish();
}

export function decodeOraclePrice(bytes: Uint8Array): PriceAnswer[] {
  const reader = leafReader(bytes, LEAF_KINDS.oraclePrice);
  const answers: PriceAnswer[] = [];
  for (let count = reader.u8(); count > 0; count--) {
    const delegate = reader.raw(DELEGATE_NAME_BYTES);
    answers.push({ delegate, units: reader.amount(), ttcUnits: reader.amount(), height: reader.safe() });
  }
  reader.end();
  return answers;
}
