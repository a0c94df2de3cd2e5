// A round: the heights that one set of delegates signs. The state's "round" leaf says which round the next height belongs to, so that
// a vote that changes the length of rounds changes none that has begun; the set that was elected for the next round stands beside it.

import { equalBytes } from "../base/bytes.js";
import type { DelegateTally } from "./block.js";
import { type Delegate, decodeDelegates, encodeDelegates } from "./delegates.js";
import { CodedError } from "./errors.js";
import { firstPriorities, Rotation } from "./rotation.js";
import { Reader, Writer } from "./wire.js";

export interface Round {
  /** From 1. */
  number: number;
  heightFirst: number;
  /** How many heights it has. */
  blocks: number;
  /** Of the rotation, before the turn of the first height; in the delegates' order. */
  priorities: number[];
}

/** The round's last height: the next set takes over after it. */
export function roundHeightLast(round: Round): number {
  return round.heightFirst + round.blocks - 1;
}

/** The height whose end counts the round and elects the next delegates: an engine needs to know them a block ahead. */
export function roundHeightElection(round: Round): number {
  return roundHeightLast(round) - 1;
}

export function firstRound(delegates: readonly Delegate[], blocks: number): Round {
  return { number: 1, heightFirst: 1, blocks, priorities: firstPriorities(delegates) };
}

export function encodeRound(round: Round): Uint8Array {
  const writer = new Writer(18 + round.priorities.length * 8);
  writer.u32(round.number).u64(BigInt(round.heightFirst)).u32(round.blocks).u16(round.priorities.length);
  for (const priority of round.priorities) {
    writer.u64(BigInt.asUintN(64, BigInt(priority)));
  }
  return writer.finish();
}

export function decodeRound(bytes: Uint8Array): Round {
  const reader = new Reader(bytes);
  const round: Round = { number: reader.u32(), heightFirst: reader.safe(), blocks: reader.u32(), priorities: [] };
  for (let count = reader.u16(); count > 0; count--) {
    round.priorities.push(Number(BigInt.asIntN(64, reader.u64())));
  }
  reader.end();
  return round;
}

/** The rotation at `height`, which lies in the round of these delegates. */
export function rotationAt(round: Round, delegates: readonly Delegate[], height: number): Rotation {
  const rotation = Rotation.begin(delegates, round.priorities);
  for (let at = round.heightFirst; at < height; at++) {
    rotation.advance();
  }
  return rotation;
}

/** The set that takes over at a height, as the "delegates-next" leaf holds it. */
export interface NextDelegates {
  heightFirst: number;
  delegates: Delegate[];
}

export function encodeNextDelegates(next: NextDelegates): Uint8Array {
  const set = encodeDelegates(next.delegates);
  return new Writer(8 + set.length).u64(BigInt(next.heightFirst)).raw(set).finish();
}

export function decodeNextDelegates(bytes: Uint8Array): NextDelegates {
  const reader = new Reader(bytes);
  return { heightFirst: reader.safe(), delegates: decodeDelegates(reader.raw(reader.remaining)) };
}

/** What the block before tells of its delegates. */
export interface PreviousBlock {
  height: number;
  /** The proposer's key. */
  proposer: Uint8Array;
  tally: DelegateTally[];
  /** Indexes of those whose signatures its certificate has, as the proposer of the next block knew it. */
  signers: readonly number[];
}

function emptyTally(delegates: readonly Delegate[]): DelegateTally[] {
  return delegates.map(() => ({ signed: 0, proposed: 0, missed: 0 }));
}

/**
 * The tally that the block at `height` carries: what its parent's said, and the parent itself. A round's first block begins anew.
 * Throws BAD_BLOCK for signers that the set doesn't have.
 */
export function nextTally(
  round: Round,
  delegates: readonly Delegate[],
  height: number,
  previous: PreviousBlock | undefined,
): DelegateTally[] {
  if (previous === undefined || height === round.heightFirst) {
    return emptyTally(delegates);
  }
  const counted = previous.tally.length === delegates.length ? previous.tally : emptyTally(delegates);
  const tally = counted.map((one) => ({ ...one }));
  for (const index of previous.signers) {
    if (index >= tally.length) {
      throw new CodedError("BAD_BLOCK", `expected signers below ${tally.length}, got ${index}`);
    }
    tally[index].signed++;
  }
  const turns = rotationAt(round, delegates, previous.height).turns(delegates.length);
  const proposer = delegates.findIndex(({ publicKey }) => equalBytes(publicKey, previous.proposer));
  const turn = turns.indexOf(proposer);
  if (turn >= 0) {
    tally[proposer].proposed++;
    for (const index of turns.slice(0, turn)) {
      tally[index].missed++;
    }
  }
  return tally;
}

/** Indexes of those that a block's tally counts as signers of the block before, whose own tally is `before`. */
export function signersOfTally(before: readonly DelegateTally[], tally: readonly DelegateTally[]): number[] {
  return tally.flatMap(({ signed }, index) => (signed > (before[index]?.signed ?? 0) ? [index] : []));
}
