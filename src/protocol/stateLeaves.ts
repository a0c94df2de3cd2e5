// The state's leaves: how their 32-byte keys are made and what their values hold. A wallet that proves a balance and the
// ledger that changes it read the same file. A value begins with its kind's byte, so that whoever applies a write set without
// executing knows which leaves expire and when.

import { assert } from "../base/assert.js";
import { concatBytes, utf8Bytes } from "../base/bytes.js";
import { sha256 } from "../wasm/sha256.js";
import { CodedError } from "./errors.js";
import { decodeTokenRights, decodeTokenText, encodeTokenRights } from "./operations/createToken.js";
import { type TokenId, tokenBytes } from "./tokens.js";
import { Reader, Writer } from "./wire.js";

/** First byte of a leaf's value, and of what its key is the hash of. */
export const LEAF_KINDS = {
  system: 0,
  account: 1,
  balance: 2,
  lane: 3,
  reference: 4,
  token: 5,
  contract: 6,
  contractCode: 7,
  contractEntry: 8,
  oracleRequest: 9,
  oraclePrice: 10,
  seed: 11,
  candidate: 16,
  candidatePage: 17,
  vote: 18,
  delegateKey: 19,
  unbonding: 20,
  partner: 21,
  master: 22,
  officePage: 23,
  proposal: 28,
  proposalVote: 29,
  nameCommitment: 32,
  name: 33,
} as const;

/** The height behind the kind of a leaf that expires: u64, little-endian. */
const EXPIRY_BYTES = 8;

const KIND_SYSTEM = Uint8Array.of(LEAF_KINDS.system);
const KIND_BALANCE = Uint8Array.of(LEAF_KINDS.balance);
const KIND_TOKEN = Uint8Array.of(LEAF_KINDS.token);

/** Reads a leaf's value after its kind's byte; throws MALFORMED for another kind. */
export function leafReader(bytes: Uint8Array, kind: number): Reader {
  const reader = new Reader(bytes);
  const found = reader.u8();
  if (found !== kind) {
    throw new CodedError("MALFORMED", `expected a leaf of kind ${kind}, got ${found}`);
  }
  return reader;
}

/** The value of a system leaf: its content after the kind's byte. */
export function encodeSystemLeaf(content: Uint8Array): Uint8Array {
  return concatBytes(KIND_SYSTEM, content);
}

export function decodeSystemLeaf(bytes: Uint8Array): Uint8Array {
  return leafReader(bytes, LEAF_KINDS.system).raw(bytes.length - 1);
}

/** Key of a leaf of the chain itself, such as "parameters" or "delegates". */
export function systemKey(name: string): Uint8Array {
  return sha256(concatBytes(KIND_SYSTEM, utf8Bytes(name)));
}

/** The key of kind ‖ address ‖ suffix, put together in `message`, which its kind's keys share: a block makes thousands. */
function keyOf(message: Uint8Array, address: Uint8Array): Uint8Array {
  assert(address.length === 32, "an address is 32 bytes");
  message.set(address, 1);
  return sha256(message);
}

const accountMessage = Uint8Array.of(LEAF_KINDS.account, ...new Uint8Array(32));
const laneMessage = Uint8Array.of(LEAF_KINDS.lane, ...new Uint8Array(36));

export function accountKey(address: Uint8Array): Uint8Array {
  return keyOf(accountMessage, address);
}

/** Key of what `address` holds of a token that is not one of the chain's own (those stand in the account's leaf). */
export function balanceKey(address: Uint8Array, token: TokenId): Uint8Array {
  return sha256(concatBytes(KIND_BALANCE, address, tokenBytes(token)));
}

export function laneKey(address: Uint8Array, lane: number): Uint8Array {
  laneMessage[33] = lane;
  laneMessage[34] = lane >>> 8;
  laneMessage[35] = lane >>> 16;
  laneMessage[36] = lane >>> 24;
  return keyOf(laneMessage, address);
}

/** Key of the mark that (payee, token, amount, reference) was paid. */
export function referenceKey(payee: Uint8Array, token: TokenId, amount: bigint, reference: Uint8Array): Uint8Array {
  const writer = new Writer(105).u8(LEAF_KINDS.reference).raw(payee).raw(tokenBytes(token));
  return sha256(writer.u64(amount).raw(reference).finish());
}

export function tokenKey(token: TokenId): Uint8Array {
  return sha256(concatBytes(KIND_TOKEN, tokenBytes(token)));
}

/** An account: balances of TTC, TTM and TTMI, the deposit held for the leaf, and what else hangs on it. */
export interface AccountLeaf {
  /** Units of TTC, TTM and TTMI, in this order. */
  balances: [bigint, bigint, bigint];
  deposit: bigint;
  /** How many balance leaves of other tokens the account has. */
  tokenCount: number;
  /** The key that rules the account, where it is not the one its address was made of. */
  replacedKey?: Uint8Array;
}

export function encodeAccountLeaf(leaf: AccountLeaf): Uint8Array {
  const writer = new Writer(80).u8(LEAF_KINDS.account);
  writer.u64(leaf.balances[0]).u64(leaf.balances[1]).u64(leaf.balances[2]).u64(leaf.deposit).u32(leaf.tokenCount);
  if (leaf.replacedKey === undefined) {
    writer.u8(0);
  } else {
    writer.u8(1).raw(leaf.replacedKey);
  }
  return writer.finish();
}

export function decodeAccountLeaf(bytes: Uint8Array): AccountLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.account);
  const balances: [bigint, bigint, bigint] = [reader.amountOrZero(), reader.amountOrZero(), reader.amountOrZero()];
  const leaf: AccountLeaf = { balances, deposit: reader.amountOrZero(), tokenCount: reader.u32() };
  if (reader.flag()) {
    leaf.replacedKey = reader.raw(32);
  }
  reader.end();
  return leaf;
}

/** What an account holds of one created token. */
export interface BalanceLeaf {
  amount: bigint;
  deposit: bigint;
  frozen: boolean;
}

export function encodeBalanceLeaf(leaf: BalanceLeaf): Uint8Array {
  return new Writer(18)
    .u8(LEAF_KINDS.balance)
    .u64(leaf.amount)
    .u64(leaf.deposit)
    .u8(leaf.frozen ? 1 : 0)
    .finish();
}

export function decodeBalanceLeaf(bytes: Uint8Array): BalanceLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.balance);
  const leaf = { amount: reader.amountOrZero(), deposit: reader.amountOrZero(), frozen: reader.flag() };
  reader.end();
  return leaf;
}

/** A lane: the next sequence. After `heightExpires` it counts as absent, and some block removes it. */
export interface LaneLeaf {
  sequenceNext: number;
  heightExpires: number;
}

export function encodeLaneLeaf(leaf: LaneLeaf): Uint8Array {
  return new Writer(13).u8(LEAF_KINDS.lane).u64(BigInt(leaf.heightExpires)).u32(leaf.sequenceNext).finish();
}

export function decodeLaneLeaf(bytes: Uint8Array): LaneLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.lane);
  const leaf = { heightExpires: reader.safe(), sequenceNext: reader.u32() };
  reader.end();
  return leaf;
}

/** A paid reference: when, and by which transaction. After `heightExpires` (its own expiry and the keeping time) it goes. */
export interface ReferenceLeaf {
  heightExpires: number;
  heightPaid: number;
  transactionId: Uint8Array;
}

export function encodeReferenceLeaf(leaf: ReferenceLeaf): Uint8Array {
  const writer = new Writer(49).u8(LEAF_KINDS.reference).u64(BigInt(leaf.heightExpires));
  return writer.u64(BigInt(leaf.heightPaid)).raw(leaf.transactionId).finish();
}

export function decodeReferenceLeaf(bytes: Uint8Array): ReferenceLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.reference);
  const leaf = { heightExpires: reader.safe(), heightPaid: reader.safe(), transactionId: reader.raw(32) };
  reader.end();
  return leaf;
}

function isExpiringKind(kind: number): boolean {
  return kind === LEAF_KINDS.lane || kind === LEAF_KINDS.reference || kind === LEAF_KINDS.nameCommitment;
}

/** The last height at which a leaf counts, straight from its value; undefined for leaves that stay. */
export function leafExpiry(value: Uint8Array): number | undefined {
  if (!isExpiringKind(value[0])) {
    return undefined;
  }
  return new Reader(value, 1).safe();
}

/** The same of the value of `length` bytes at `bytes[at..]`, without an object for it. */
export function leafExpiryAt(bytes: Uint8Array, at: number, length: number): number | undefined {
  if (length === 0 || !isExpiringKind(bytes[at])) {
    return undefined;
  }
  let expiry = 0;
  for (let i = EXPIRY_BYTES; i > 0; i--) {
    expiry = expiry * 256 + bytes[at + i];
  }
  if (length <= EXPIRY_BYTES || !Number.isSafeInteger(expiry)) {
    throw new CodedError("MALFORMED", "expected the height at which a leaf expires behind its kind");
  }
  return expiry;
}

/** A token: its face, its rights, its supply, and who may mint and freeze (m of n issuers). */
export interface TokenLeaf {
  symbol: string;
  name: string;
  decimals: number;
  supply: bigint;
  mintable: boolean;
  burnable: boolean;
  freezable: boolean;
  heightCreated: number;
  /** How many of the issuers must sign. */
  issuersNeeded: number;
  /** Addresses of 32 bytes. */
  issuers: Uint8Array[];
}

export function encodeTokenLeaf(leaf: TokenLeaf): Uint8Array {
  const writer = new Writer().u8(LEAF_KINDS.token);
  writer.short(utf8Bytes(leaf.symbol)).short(utf8Bytes(leaf.name)).u8(leaf.decimals).u64(leaf.supply);
  writer.u8(encodeTokenRights(leaf)).u64(BigInt(leaf.heightCreated)).u8(leaf.issuersNeeded).u8(leaf.issuers.length);
  for (const issuer of leaf.issuers) {
    writer.raw(issuer);
  }
  return writer.finish();
}

export function decodeTokenLeaf(bytes: Uint8Array): TokenLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.token);
  const face = { symbol: decodeTokenText(reader.short()), name: decodeTokenText(reader.short()) };
  const leaf: TokenLeaf = {
    ...face,
    decimals: reader.u8(),
    supply: reader.amountOrZero(),
    ...decodeTokenRights(reader.u8()),
    heightCreated: reader.safe(),
    issuersNeeded: reader.u8(),
    issuers: [],
  };
  for (let count = reader.u8(); count > 0; count--) {
    leaf.issuers.push(reader.raw(32));
  }
  reader.end();
  if (leaf.issuersNeeded > leaf.issuers.length) {
    throw new CodedError(
      "MALFORMED",
      `expected at most ${leaf.issuers.length} issuers needed, got ${leaf.issuersNeeded}`,
    );
  }
  return leaf;
}
