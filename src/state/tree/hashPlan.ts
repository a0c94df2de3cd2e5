// The hashes that a change of the tree needs, gathered first and computed afterwards, level by level from the leaves up,
// so that every level is one batch. A hash is named by a reference: zero or more names one of this plan, negative names
// one that a page already holds: -1 - its index in the page's `hashes`. References into a page are only valid beside that
// page.

import { assert } from "../../base/assert.js";
import { hashInnerBatch, hashKeyedLeafBatch } from "../../wasm/sha256.js";
import { copyHash, HASH_WORDS } from "./page.js";
import { KEY_BITS, KEY_BYTES } from "./slots.js";

const LEAF_LEVEL = KEY_BITS;
/** Hashes that were known beforehand, in a page that the reference can't name. */
const KNOWN_LEVEL = KEY_BITS + 1;
const POSITION_BITS = 22;
const POSITION_MASK = (1 << POSITION_BITS) - 1;
/** Most hashes of one level, and so the most changes that one plan takes. */
const PLAN_LEVEL_MAX = POSITION_MASK;

/** Hashes of one depth, or of all leaves; for inner nodes also their inputs. */
class HashLevel {
  count = 0;
  hashes = new Int32Array(0);
  /** Pairs of hashes, where they are known, and references to those that the plan has yet to compute. */
  pairs = new Int32Array(0);
  inputs = new Int32Array(0);

  /** Makes room for `count` hashes in all, without inputs. */
  reserve(count: number): void {
    assert(count <= PLAN_LEVEL_MAX, "a hash plan's level is full");
    if (HASH_WORDS * count > this.hashes.length) {
      this.hashes = grownWords(this.hashes, 2 * HASH_WORDS * count);
    }
  }

  /** The position of one more hash without inputs. */
  take(): number {
    this.reserve(this.count + 1);
    return this.count++;
  }

  /** The position of one more hash with inputs. */
  takeInner(): number {
    const position = this.take();
    if (2 * position === this.inputs.length) {
      this.pairs = grownWords(this.pairs, 4 * HASH_WORDS * (position + 8));
      this.inputs = grownWords(this.inputs, 4 * (position + 8));
    }
    return position;
  }

  /** Computes the hashes of inner nodes, whose inputs are all in `pairs`. */
  hashInner(): void {
    const pairs = new Uint8Array(this.pairs.buffer, 0, 64 * this.count);
    hashInnerBatch(pairs, new Uint8Array(this.hashes.buffer, 0, 32 * this.count));
  }
}

function grownWords(words: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length);
  grown.set(words);
  return grown;
}

export class HashPlan {
  private readonly levels: (HashLevel | undefined)[] = new Array(KNOWN_LEVEL + 1);
  private readonly used: number[] = [];

  /** Forgets all hashes; the memory stays for the next plan. */
  clear(): void {
    for (const level of this.used) {
      this.levels[level]!.count = 0;
    }
    this.used.length = 0;
  }

  private level(number: number): HashLevel {
    let level = this.levels[number];
    if (level === undefined) {
      level = new HashLevel();
      this.levels[number] = level;
    }
    if (level.count === 0) {
      this.used.push(number);
    }
    return level;
  }

  /**
   * The hash of an inner node at `bitDepth`; negative references name hashes of a page, which begin at word `start` of
   * `page`.
   */
  addInner(bitDepth: number, left: number, right: number, page: Int32Array, start: number): number {
    const level = this.level(bitDepth);
    const position = level.takeInner();
    const inputs = level.inputs;
    inputs[2 * position] = left;
    inputs[2 * position + 1] = right;
    if (left < 0) {
      copyHash(page, start + HASH_WORDS * (-1 - left), level.pairs, 2 * HASH_WORDS * position);
    }
    if (right < 0) {
      copyHash(page, start + HASH_WORDS * (-1 - right), level.pairs, 2 * HASH_WORDS * position + HASH_WORDS);
    }
    return (bitDepth << POSITION_BITS) | position;
  }

  /**
   * Computes the hashes of `count` leaves, and no others, at once: keys of 32 bytes, and values as `hashKeyedLeafBatch`
   * takes them. To be called before other hashes are added.
   */
  hashLeaves(keys: Uint8Array, values: Uint8Array, valueOffsets: Uint32Array, count: number): void {
    const level = this.level(LEAF_LEVEL);
    level.reserve(count);
    level.count = count;
    hashKeyedLeafBatch(
      keys.subarray(0, KEY_BYTES * count),
      values.subarray(0, valueOffsets[count]),
      valueOffsets.subarray(0, count + 1),
      new Uint8Array(level.hashes.buffer, 0, 32 * count),
    );
  }

  /** The reference of leaf `index` of `hashLeaves`. */
  leafReference(index: number): number {
    return (LEAF_LEVEL << POSITION_BITS) | index;
  }

  /** A hash that is known already, at word `at` of `words`. */
  addKnown(words: Int32Array, at: number): number {
    const level = this.level(KNOWN_LEVEL);
    const position = level.take();
    copyHash(words, at, level.hashes, HASH_WORDS * position);
    return (KNOWN_LEVEL << POSITION_BITS) | position;
  }

  /** Computes every hash of the plan that isn't computed yet. */
  run(): void {
    this.used.sort((a, b) => b - a);
    for (const number of this.used) {
      if (number < LEAF_LEVEL) {
        const level = this.levels[number]!;
        this.fillInputs(level);
        level.hashInner();
      }
    }
  }

  private fillInputs(level: HashLevel): void {
    const { inputs, pairs } = level;
    for (let i = 0; i < 2 * level.count; i++) {
      if (inputs[i] >= 0) {
        this.copyTo(inputs[i], pairs, HASH_WORDS * i);
      }
    }
  }

  /** Copies a hash of this plan to word `index` of `words`. */
  copyTo(reference: number, words: Int32Array, index: number): void {
    const source = this.levels[reference >>> POSITION_BITS]!.hashes;
    copyHash(source, HASH_WORDS * (reference & POSITION_MASK), words, index);
  }
}
