// Whose turn it is. The rotation is that of CometBFT's proposer priorities, which nobody can alter: each height adds every
// delegate's power to its priority, the highest proposes and pays the whole power; a round that brings no block passes the turn to
// the next in the same way. Recomputed here to the unit, so that both engines share it and anybody can check it.

import { bytesKey, compareBytes } from "../base/bytes.js";
import { sha256 } from "../wasm/sha256.js";
import type { Delegate } from "./delegates.js";

/** Spread of priorities that is allowed, in multiples of the whole power. */
const SPREAD_FACTOR = 2;

/** Orders keys as the engine orders validators of equal power: by the hash that makes their address. */
export function compareTurns(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(sha256(a), sha256(b));
}

function totalPower(delegates: readonly Delegate[]): number {
  return delegates.reduce((sum, { power }) => sum + power, 0);
}

/** Floor for both signs, as the engine's division of big integers. */
function averageOf(priorities: readonly number[]): number {
  const sum = priorities.reduce((total, priority) => total + priority, 0);
  return Math.floor(sum / priorities.length);
}

/** Keeps the spread within its bound and the middle at zero. */
function rescale(priorities: number[], total: number): void {
  const bound = SPREAD_FACTOR * total;
  const spread = Math.max(...priorities) - Math.min(...priorities);
  if (spread > bound) {
    const ratio = Math.floor((spread + bound - 1) / bound);
    for (let i = 0; i < priorities.length; i++) {
      priorities[i] = Math.trunc(priorities[i] / ratio) || 0;
    }
  }
  const average = averageOf(priorities);
  for (let i = 0; i < priorities.length; i++) {
    priorities[i] -= average;
  }
}

/** The rotation of one set of delegates, at one height at a time. */
export class Rotation {
  readonly #delegates: readonly Delegate[];
  readonly #ranks: readonly number[];
  readonly #total: number;
  readonly #priorities: number[];
  #proposer = -1;

  private constructor(delegates: readonly Delegate[], ranks: readonly number[], priorities: readonly number[]) {
    this.#delegates = delegates;
    this.#ranks = ranks;
    this.#total = totalPower(delegates);
    this.#priorities = [...priorities];
  }

  /** At the set's first height; `priorities` are those before its turn, one for each delegate. */
  static begin(delegates: readonly Delegate[], priorities: readonly number[]): Rotation {
    const byTurn = delegates.map((_, index) => index);
    byTurn.sort((a, b) => compareTurns(delegates[a].publicKey, delegates[b].publicKey));
    const ranks: number[] = new Array(delegates.length);
    byTurn.forEach((index, rank) => {
      ranks[index] = rank;
    });
    const rotation = new Rotation(delegates, ranks, priorities);
    rotation.advance();
    return rotation;
  }

  /** Index of the delegate whose turn this is. */
  get proposer(): number {
    return this.#proposer;
  }

  get priorities(): number[] {
    return [...this.#priorities];
  }

  /** Goes to the next height, or passes the turn within a height. */
  advance(): void {
    const priorities = this.#priorities;
    rescale(priorities, this.#total);
    let best = -1;
    for (let i = 0; i < priorities.length; i++) {
      priorities[i] += this.#delegates[i].power;
      const ahead = best < 0 ? 1 : priorities[i] - priorities[best];
      if (ahead > 0 || (ahead === 0 && this.#ranks[i] < this.#ranks[best])) {
        best = i;
      }
    }
    priorities[best] -= this.#total;
    this.#proposer = best;
  }

  /** Who proposes at this height in the engine's rounds 0, 1, 2 …: indexes, `count` of them. */
  turns(count: number): number[] {
    const copy = new Rotation(this.#delegates, this.#ranks, this.#priorities);
    const turns = [this.#proposer];
    while (turns.length < count) {
      copy.advance();
      turns.push(copy.#proposer);
    }
    return turns;
  }
}

/** Priorities of a chain's first delegates: all alike. */
export function firstPriorities(delegates: readonly Delegate[]): number[] {
  return delegates.map(() => 0);
}

/**
 * Priorities of the set `next` that takes over from `before` at the height after the one that `priorities` are of: who stays keeps
 * its own, who comes waits longest.
 */
export function nextPriorities(
  before: readonly Delegate[],
  priorities: readonly number[],
  next: readonly Delegate[],
): number[] {
  const kept = new Map(before.map(({ publicKey }, index) => [bytesKey(publicKey), index]));
  const indexes = next.map(({ publicKey }) => kept.get(bytesKey(publicKey)));
  const isSame =
    before.length === next.length &&
    next.every(({ power }, i) => indexes[i] !== undefined && before[indexes[i]].power === power);
  if (isSame) {
    return indexes.map((index) => priorities[index as number]);
  }
  // The engine counts the power of those who go as well here.
  const stays = new Set(indexes);
  const gone = before.filter((_, index) => !stays.has(index));
  const widest = totalPower(next) + totalPower(gone);
  const newcomer = -(widest + Math.floor(widest / 8));
  const result = indexes.map((index) => (index === undefined ? newcomer : priorities[index]));
  rescale(result, totalPower(next));
  return result;
}
