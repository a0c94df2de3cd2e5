// Leaves of partners, master nodes and proposals.

import { utf8Bytes } from "../base/bytes.js";
import { sha256 } from "../wasm/sha256.js";
import { decodePage, encodePage, type NativeUnits, readUnits, writeUnits } from "./delegateLeaves.js";
import { CodedError } from "./errors.js";
import { TAGS, taggedHash } from "./hashing.js";
import { decodeTokenText } from "./operations/createToken.js";
import type { ProposalContent } from "./operations/officeOperations.js";
import { readProposalContent, writeProposalContent } from "./proposalContent.js";
import { LEAF_KINDS, leafReader } from "./stateLeaves.js";
import { Writer } from "./wire.js";

function keyOf(kind: number, rest: Uint8Array): Uint8Array {
  return sha256(new Writer(1 + rest.length).u8(kind).raw(rest).finish());
}

/** A Dapp that was admitted by vote. */
export interface PartnerLeaf {
  heightAdmitted: number;
  /** The last height whose fees it has a share of. */
  heightLast: number;
  /** What it got of fees, in TTC's worth. */
  feesTtcUnits: bigint;
  earned: NativeUnits;
  grantsPaid: number;
  name: string;
  site: string;
}

export function partnerKey(address: Uint8Array): Uint8Array {
  return keyOf(LEAF_KINDS.partner, address);
}

export function encodePartnerLeaf(leaf: PartnerLeaf): Uint8Array {
  const writer = new Writer().u8(LEAF_KINDS.partner).u64(BigInt(leaf.heightAdmitted)).u64(BigInt(leaf.heightLast));
  writer.u64(leaf.feesTtcUnits);
  writeUnits(writer, leaf.earned);
  return writer.u32(leaf.grantsPaid).short(utf8Bytes(leaf.name)).short(utf8Bytes(leaf.site)).finish();
}

export function decodePartnerLeaf(bytes: Uint8Array): PartnerLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.partner);
  const leaf: PartnerLeaf = {
    heightAdmitted: reader.safe(),
    heightLast: reader.safe(),
    feesTtcUnits: reader.amountOrZero(),
    earned: readUnits(reader),
    grantsPaid: reader.u32(),
    name: decodeTokenText(reader.short()),
    site: decodeTokenText(reader.short()),
  };
  reader.end();
  return leaf;
}

/** A company's node. */
export interface MasterLeaf {
  /** Place in the list. */
  place: number;
  deposit: bigint;
  heightRegistered: number;
  /** The latest challenge when it was registered; those after it count. */
  challengeFirst: number;
  /** The latest challenge that it answered; and how many in all. */
  challengeLast: number;
  answered: number;
  name: string;
  site: string;
}

export function masterKey(address: Uint8Array): Uint8Array {
  return keyOf(LEAF_KINDS.master, address);
}

export function encodeMasterLeaf(leaf: MasterLeaf): Uint8Array {
  const writer = new Writer()
    .u8(LEAF_KINDS.master)
    .u32(leaf.place)
    .u64(leaf.deposit)
    .u64(BigInt(leaf.heightRegistered));
  writer.u32(leaf.challengeFirst).u32(leaf.challengeLast).u32(leaf.answered);
  return writer.short(utf8Bytes(leaf.name)).short(utf8Bytes(leaf.site)).finish();
}

export function decodeMasterLeaf(bytes: Uint8Array): MasterLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.master);
  const leaf: MasterLeaf = {
    place: reader.u32(),
    deposit: reader.amountOrZero(),
    heightRegistered: reader.safe(),
    challengeFirst: reader.u32(),
    challengeLast: reader.u32(),
    answered: reader.u32(),
    name: decodeTokenText(reader.short()),
    site: decodeTokenText(reader.short()),
  };
  reader.end();
  return leaf;
}

/** The "challenge" leaf: the latest challenge of the master nodes. */
export interface Challenge {
  number: number;
  height: number;
  value: Uint8Array;
}

export const CHALLENGE_LEAF = "challenge";

export function encodeChallenge(challenge: Challenge): Uint8Array {
  const writer = new Writer(45).u8(LEAF_KINDS.system).u32(challenge.number).u64(BigInt(challenge.height));
  return writer.raw(challenge.value).finish();
}

export function decodeChallenge(bytes: Uint8Array): Challenge {
  const reader = leafReader(bytes, LEAF_KINDS.system);
  const challenge = { number: reader.u32(), height: reader.safe(), value: reader.raw(32) };
  reader.end();
  return challenge;
}

/** The public lists of masters and partners: their addresses in pages, like the candidates', and their number in a leaf of the name. */
export const OFFICE_LISTS = { masters: 0, partners: 1 } as const;
export type OfficeList = keyof typeof OFFICE_LISTS;
export const OFFICES_MAX = 10_000;

export function officePageKey(list: OfficeList, page: number): Uint8Array {
  return keyOf(LEAF_KINDS.officePage, new Writer(5).u8(OFFICE_LISTS[list]).u32(page).finish());
}

export function encodeOfficePage(addresses: readonly Uint8Array[]): Uint8Array {
  return encodePage(LEAF_KINDS.officePage, addresses);
}

export function decodeOfficePage(bytes: Uint8Array): Uint8Array[] {
  return decodePage(LEAF_KINDS.officePage, bytes);
}

export function encodeOfficeCount(count: number): Uint8Array {
  return new Writer(5).u8(LEAF_KINDS.system).u32(count).finish();
}

export function decodeOfficeCount(bytes: Uint8Array): number {
  const reader = leafReader(bytes, LEAF_KINDS.system);
  const count = reader.u32();
  reader.end();
  return count;
}

/** What the node of `address` answers to a challenge. */
export function challengeAnswer(value: Uint8Array, address: Uint8Array): Uint8Array {
  return taggedHash(TAGS.challenge, value, address);
}

export const PROPOSAL_STATES = ["open", "passed", "rejected", "active", "failed"] as const;
export type ProposalState = (typeof PROPOSAL_STATES)[number];

export interface ProposalLeaf {
  proposer: Uint8Array;
  state: ProposalState;
  /** The last height at which it can be voted on. */
  heightLast: number;
  heightActive: number;
  /** Units of locked votes, or delegates. */
  yes: bigint;
  no: bigint;
  content: ProposalContent;
}

export function proposalKey(number: number): Uint8Array {
  return keyOf(LEAF_KINDS.proposal, new Writer(4).u32(number).finish());
}

export function encodeProposalLeaf(leaf: ProposalLeaf): Uint8Array {
  const writer = new Writer().u8(LEAF_KINDS.proposal).raw(leaf.proposer).u8(PROPOSAL_STATES.indexOf(leaf.state));
  writer.u64(BigInt(leaf.heightLast)).u64(BigInt(leaf.heightActive)).u64(leaf.yes).u64(leaf.no);
  writeProposalContent(writer, leaf.content);
  return writer.finish();
}

export function decodeProposalLeaf(bytes: Uint8Array): ProposalLeaf {
  const reader = leafReader(bytes, LEAF_KINDS.proposal);
  const proposer = reader.raw(32);
  const state = PROPOSAL_STATES.at(reader.u8());
  if (state === undefined) {
    throw new CodedError("MALFORMED", "expected a proposal's state of 0 to 4, got more");
  }
  const leaf: ProposalLeaf = {
    proposer,
    state,
    heightLast: reader.safe(),
    heightActive: reader.safe(),
    yes: reader.u64(),
    no: reader.u64(),
    content: readProposalContent(reader),
  };
  reader.end();
  return leaf;
}

/** Key of the mark that an account, or a delegate's key, has voted on a proposal. */
export function proposalVoteKey(number: number, voter: Uint8Array): Uint8Array {
  return keyOf(LEAF_KINDS.proposalVote, new Writer(36).u32(number).raw(voter).finish());
}

export function encodeProposalVote(approve: boolean): Uint8Array {
  return Uint8Array.of(LEAF_KINDS.proposalVote, approve ? 1 : 0);
}

export function decodeProposalVote(bytes: Uint8Array): boolean {
  const reader = leafReader(bytes, LEAF_KINDS.proposalVote);
  const approve = reader.flag();
  reader.end();
  return approve;
}

/** The "proposals" leaf: how many there were, and the numbers of those that wait for their end or activation. */
export interface ProposalList {
  count: number;
  waiting: number[];
}

export const PROPOSALS_LEAF = "proposals";
export const PROPOSALS_WAITING_MAX = 32;

export function encodeProposalList(list: ProposalList): Uint8Array {
  const writer = new Writer(200).u8(LEAF_KINDS.system).u32(list.count).u8(list.waiting.length);
  for (const number of list.waiting) {
    writer.u32(number);
  }
  return writer.finish();
}

export function decodeProposalList(bytes: Uint8Array): ProposalList {
  const reader = leafReader(bytes, LEAF_KINDS.system);
  const list: ProposalList = { count: reader.u32(), waiting: [] };
  for (let length = reader.u8(); length > 0; length--) {
    list.waiting.push(reader.u32());
  }
  reader.end();
  return list;
}

/** The "upgrade" leaf: which version of the protocol holds from which height on. */
export interface Upgrade {
  version: number;
  heightActive: number;
}

export const UPGRADE_LEAF = "upgrade";

export function encodeUpgrade(upgrade: Upgrade): Uint8Array {
  const writer = new Writer(10).u8(LEAF_KINDS.system).u8(upgrade.version).u64(BigInt(upgrade.heightActive));
  return writer.finish();
}

export function decodeUpgrade(bytes: Uint8Array): Upgrade {
  const reader = leafReader(bytes, LEAF_KINDS.system);
  const upgrade = { version: reader.u8(), heightActive: reader.safe() };
  reader.end();
  return upgrade;
}
