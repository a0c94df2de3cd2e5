// How many seats the holders of a share of the locked votes can win: they know how all others vote, put up candidates of their own and
// divide their votes among the number of them that wins most.

import type { SeededRandom } from "../../src/base/random.js";
import { elect } from "../../src/execution/rdpos/election.js";
import { divide } from "../../src/protocol/rewards.js";
import { sha256 } from "../../src/wasm/sha256.js";

const SEATS = 99;
const TOTAL = 1_000_000_000n;
const CHOICES_MAX = 33;

export type Spread = "equal" | "skewed";

function named(side: number, index: number): Uint8Array {
  return sha256(Uint8Array.of(side, index & 255, index >> 8));
}

/** Votes of the others: each of their 99 candidates alike, or 1,000 voters of very different weight who each choose up to 33 of 150. */
function othersVotes(spread: Spread, total: bigint, random: SeededRandom): bigint[] {
  if (spread === "equal") {
    return divide(total, SEATS);
  }
  const votes: bigint[] = new Array(150).fill(0n);
  const weights = Array.from({ length: 1_000 }, (_, i) => 1_000_000n / BigInt(i + 1));
  const sum = weights.reduce((a, b) => a + b, 0n);
  for (const weight of weights) {
    const chosen = new Set<number>();
    const count = 1 + random.below(CHOICES_MAX);
    while (chosen.size < count) {
      // The known ones are chosen more often.
      chosen.add(Math.min(random.below(150), random.below(150)));
    }
    const parts = divide((total * weight) / sum, chosen.size);
    [...chosen].forEach((index, i) => {
      votes[index] += parts[i];
    });
  }
  return votes;
}

/** The most seats of 99 that `percent` of the locked votes win. */
export function seatsWon(percent: number, spread: Spread, random: SeededRandom): number {
  const own = (TOTAL * BigInt(percent)) / 100n;
  const others = othersVotes(spread, TOTAL - own, random).map((votes, i) => ({ owner: named(0, i), votes }));
  let most = 0;
  for (let count = 1; count <= SEATS; count++) {
    const mine = divide(own, count).map((votes, i) => ({ owner: named(1, i), votes }));
    const standing = [...others, ...mine].map(({ owner, votes }) => {
      return { owner, leaf: { delegateKey: owner, suspendedUntil: 0, votes } };
    });
    const keys = new Set(mine.map(({ owner }) => owner));
    const winners = elect(standing, { delegatesMax: SEATS, delegatesMin: 1 }) ?? [];
    most = Math.max(most, winners.filter(({ publicKey }) => keys.has(publicKey)).length);
  }
  return most;
}
