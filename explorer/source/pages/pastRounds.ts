// What earlier rounds did, read out of blocks: a round's last block tells in its record what its delegates did in all blocks of the
// round before that one, and so how many those were.

import { type BlockDetails, CodedError } from "ttchain";
import { client } from "../node.js";

export interface PastRound {
  number: number;
  heightFirst: number;
  heightLast: number;
  /** In the order of the set; of all its blocks but the last. */
  tally: BlockDetails["result"]["tally"];
  delegateSetHash: string;
}

/** Whether the node says that it has let go of what was asked. */
export function isNotKept(error: unknown): boolean {
  return error instanceof CodedError && (error.code === "HEIGHT_NOT_KEPT" || error.code === "NOT_FOUND");
}

/** The round that ended with the block of `heightLast`; undefined where that is not kept. */
export async function roundEndingAt(number: number, heightLast: number): Promise<PastRound | undefined> {
  const last = await client.block(heightLast).catch((error: unknown) => {
    if (isNotKept(error)) {
      return undefined;
    }
    throw error;
  });
  if (last === undefined) {
    return undefined;
  }
  const { tally, delegateSetHash } = last.result;
  const before = tally.reduce((sum, { proposed }) => sum + proposed, 0);
  return { number, heightFirst: heightLast - before, heightLast, tally, delegateSetHash };
}

export interface PastRounds {
  /** Newest first. */
  rounds: PastRound[];
  /** Blocks below are not kept; undefined where the list goes back as far as was asked. */
  missingBelow: number | undefined;
}

/** The latest `count` rounds that ended. */
export async function pastRounds(count: number): Promise<PastRounds> {
  const { round } = await client.candidates();
  const rounds: PastRound[] = [];
  let { number, heightFirst } = round;
  while (number > 1 && rounds.length < count) {
    const before = await roundEndingAt(number - 1, heightFirst - 1);
    if (before === undefined) {
      return { rounds, missingBelow: heightFirst };
    }
    rounds.push(before);
    ({ number, heightFirst } = before);
  }
  return { rounds, missingBelow: undefined };
}
