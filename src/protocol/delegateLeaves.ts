// Leaves of candidates and votes. A candidate's leaf holds its votes and an accumulator of what one vote has earned, so that rewards
// reach any number of voters at once; a list in pages names all candidates, so that an election finds them.

import { utf8Bytes } from "../base/bytes.js";
import { sha256 } from "../wasm/sha256.js";
import { CodedError } from "./errors.js";
import { decodeTokenText } from "./operations/createToken.js";
import { LEAF_KINDS, leafReader } from "./stateLeaves.js";
import { type Reader, Writer } from "./wire.js";

/** One number for each of TTC, TTM and TTMI. */
export type NativeUnits = [bigint, bigint, bigint];

export const CANDIDATE_STATES = { listed: 0, resigned: 1, barred: 2 } as const;

export interface CandidateLeaf {
  delegateKey: Uint8Array;
  payBasisPoints: number;
  state: (typeof CANDIDATE_STATES)[keyof typeof CANDIDATE_STATES];
  /** Place in the list, while listed. */
  place: number;
  /** The round from which it may come back; 0: not suspended. */
  suspendedUntil: number;
  deposit: bigint;
  /** Block time from which the deposit can be withdrawn, once resigned. */
  withdrawableMs: number;
  /** TTC units whose voters divide them to this candidate. */
  votes: bigint;
  /** What one vote has earned since the beginning, in 2^-64 units, modulo 2^128. */
  accumulators: NativeUnits;
  /** What the candidate itself has earned and not claimed. */
  earned: NativeUnits;
  heightRegistered: number;
  /** Rounds that it was a delegate in, and its work in them. */
  rounds: number;
  signed: number;
  proposed: number;
  missed: number;
  name: string;
  site: string;
}

const NO_UNITS: NativeUnits = [0n, 0n, 0n];
const WIDE_MASK = (1n << 64n) - 1n;

function keyOf(kind: number, rest: Uint8Array): Uint8Array {
  return sha256(new Writer(1 + rest.length).u8(kind).raw(rest).finish());
}

function writeWide(writer: Writer, values: NativeUnits): void {
  for (const value of values) {
    writer.u64(value & WIDE_MASK).u64(value >> 64n);
  }
}

function readWide(reader: Reader): NativeUnits {
  const wide = (): bigint => {
    const low = reader.u64();
    return low | (reader.u64() << 64n);
  };
  return [wide(), wide(), wide()];
}

export function writeUnits(writer: Writer, units: NativeUnits): void {
  writer.u64(units[0]).u64(units[1]).u64(units[2]);
}

export function readUnits(reader: Reader): NativeUnits {
  return [reader.amountOrZero(), reader.amountOrZero(), reader.amountOrZero()];
}

/** Key of a candidate, by its account's address. */
export function candidateKey(owner: Uint8Array): Uint8Array {
  return keyOf(LEAF_KINDS.candidate, owner);
}

export function encodeCandidateLeaf(leaf: CandidateLeaf): Uint8Array {
  const writer = new Writer().u8(LEAF_KINDS.candidate);
  writer.raw(leaf.delegateKey).u16(leaf.payBasisPoints).u8(leaf.state).u32(leaf.place).u32(leaf.suspendedUntil);
  writer.u64(leaf.deposit).u64(BigInt(leaf.withdrawableMs)).u64(leaf.votes);
  writeWide(writer, leaf.accumulators);
  writeUnits(writer, leaf.earned);
  writer.u64(BigInt(leaf.heightRegistered)).u32(leaf.rounds);
  writer.u64(BigInt(leaf.signed)).u64(BigInt(leaf.proposed)).u64(BigInt(leaf.missed));
  return writer.short(utf8Bytes(leaf.name)).short(utf8Bytes(leaf.site)).finish();
}

function readState(reader: Reader): CandidateLeaf["state"] {
  const state = reader.u8();
  if (state > CANDIDATE_STATES.barred) {
    throw new CodedError("MALFORMED", `expected a candidate's state of 0 to 2, got ${state}`);
  }
  return state as CandidateLeaf["state"];
}

export function decodeCandidateLeaf(bytes: Uint8Array): CandidateLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.candidate);
  const leaf: CandidateLeaf = {
    delegateKey: reader.raw(32),
    payBasisPoints: reader.u16(),
    state: readState(reader),
    place: reader.u32(),
    suspendedUntil: reader.u32(),
    deposit: reader.amountOrZero(),
    withdrawableMs: reader.safe(),
    votes: reader.amountOrZero(),
    accumulators: readWide(reader),
    earned: readUnits(reader),
    heightRegistered: reader.safe(),
    rounds: reader.u32(),
    signed: reader.safe(),
    proposed: reader.safe(),
    missed: reader.safe(),
    name: decodeTokenText(reader.short()),
    site: decodeTokenText(reader.short()),
  };
  reader.end();
  return leaf;
}

/** A candidate without history, votes or earnings. */
export function newCandidate(
  face: Pick<CandidateLeaf, "delegateKey" | "payBasisPoints" | "name" | "site">,
  heightRegistered: number,
): CandidateLeaf {
  return {
    delegateKey: face.delegateKey,
    payBasisPoints: face.payBasisPoints,
    state: CANDIDATE_STATES.listed,
    place: 0,
    suspendedUntil: 0,
    deposit: 0n,
    withdrawableMs: 0,
    votes: 0n,
    accumulators: NO_UNITS,
    earned: NO_UNITS,
    heightRegistered,
    rounds: 0,
    signed: 0,
    proposed: 0,
    missed: 0,
    name: face.name,
    site: face.site,
  };
}

/** Addresses of one page of a list. */
export const PAGE_ADDRESSES = 120;

/** Key of the list's page `page`, from 0. */
export function candidatePageKey(page: number): Uint8Array {
  return keyOf(LEAF_KINDS.candidatePage, new Writer(4).u32(page).finish());
}

export function encodePage(kind: number, addresses: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer(1 + 32 * addresses.length).u8(kind);
  for (const address of addresses) {
    writer.raw(address);
  }
  return writer.finish();
}

export function decodePage(kind: number, bytes: Uint8Array): Uint8Array[] {
  const reader = leafReader(bytes, kind);
  const addresses: Uint8Array[] = [];
  while (reader.remaining > 0) {
    addresses.push(reader.raw(32));
  }
  return addresses;
}

export function encodeCandidatePage(addresses: readonly Uint8Array[]): Uint8Array {
  return encodePage(LEAF_KINDS.candidatePage, addresses);
}

export function decodeCandidatePage(bytes: Uint8Array): Uint8Array[] {
  return decodePage(LEAF_KINDS.candidatePage, bytes);
}

/** What one account's votes for one candidate weigh, and the candidate's accumulators when that was last counted. */
export interface VoteShare {
  candidate: Uint8Array;
  weight: bigint;
  accumulators: NativeUnits;
}

export interface VoteLeaf {
  /** TTC units locked; the shares' weights sum up to it. */
  locked: bigint;
  /** What was earned and not claimed. */
  earned: NativeUnits;
  /** In ascending order of the candidates' addresses. */
  shares: VoteShare[];
}

/** Key of what the account has locked and for whom. */
export function voteKey(voter: Uint8Array): Uint8Array {
  return keyOf(LEAF_KINDS.vote, voter);
}

export function encodeVoteLeaf(leaf: VoteLeaf): Uint8Array {
  const writer = new Writer().u8(LEAF_KINDS.vote).u64(leaf.locked);
  writeUnits(writer, leaf.earned);
  writer.u8(leaf.shares.length);
  for (const share of leaf.shares) {
    writer.raw(share.candidate).u64(share.weight);
    writeWide(writer, share.accumulators);
  }
  return writer.finish();
}

export function decodeVoteLeaf(bytes: Uint8Array): VoteLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.vote);
  const leaf: VoteLeaf = { locked: reader.amountOrZero(), earned: readUnits(reader), shares: [] };
  for (let count = reader.u8(); count > 0; count--) {
    leaf.shares.push({ candidate: reader.raw(32), weight: reader.amountOrZero(), accumulators: readWide(reader) });
  }
  reader.end();
  return leaf;
}

/** Key of whose a delegate's key is; kept for good, so that nobody else can ever stand with it. */
export function delegateKeyKey(publicKey: Uint8Array): Uint8Array {
  return keyOf(LEAF_KINDS.delegateKey, publicKey);
}

/** The candidate's address. */
export function encodeDelegateKeyLeaf(owner: Uint8Array): Uint8Array {
  return new Writer(33).u8(LEAF_KINDS.delegateKey).raw(owner).finish();
}

export function decodeDelegateKeyLeaf(bytes: Uint8Array): Uint8Array {
  const reader = leafReader(bytes, LEAF_KINDS.delegateKey);
  const owner = reader.raw(32);
  reader.end();
  return owner;
}

/** Unlocked coins that wait for their time, in the order of it. */
export interface UnbondingLeaf {
  parts: { withdrawableMs: number; amount: bigint }[];
}

/** How many times of withdrawal one account waits for at most. */
export const UNBONDING_PARTS_MAX = 32;

export function unbondingKey(owner: Uint8Array): Uint8Array {
  return keyOf(LEAF_KINDS.unbonding, owner);
}

export function encodeUnbondingLeaf(leaf: UnbondingLeaf): Uint8Array {
  const writer = new Writer().u8(LEAF_KINDS.unbonding).u8(leaf.parts.length);
  for (const { withdrawableMs, amount } of leaf.parts) {
    writer.u64(BigInt(withdrawableMs)).u64(amount);
  }
  return writer.finish();
}

export function decodeUnbondingLeaf(bytes: Uint8Array): UnbondingLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.unbonding);
  const leaf: UnbondingLeaf = { parts: [] };
  for (let count = reader.u8(); count > 0; count--) {
    leaf.parts.push({ withdrawableMs: reader.safe(), amount: reader.amount() });
  }
  reader.end();
  return leaf;
}

/** The "election" leaf: how many candidates are listed, and what is locked in all. */
export interface ElectionTotals {
  candidates: number;
  locked: bigint;
}

export const ELECTION_LEAF = "election";

export function encodeElectionTotals(totals: ElectionTotals): Uint8Array {
  return new Writer(13).u8(LEAF_KINDS.system).u32(totals.candidates).u64(totals.locked).finish();
}

export function decodeElectionTotals(bytes: Uint8Array): ElectionTotals {
  const reader = leafReader(bytes, LEAF_KINDS.system);
  const totals = { candidates: reader.u32(), locked: reader.amountOrZero() };
  reader.end();
  return totals;
}
