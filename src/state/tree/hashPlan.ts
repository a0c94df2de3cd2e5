// The hashes that a change of the tree needs, gathered first and computed afterwards, level by level from the leaves up, so that
// every level is one batch. A hash is named by a reference: zero or more names one of this plan, negative names one that
// a page already holds: -1 - its index in the page's `hashes`. References into a page are only valid beside that page.

import { assert } from "../../base/assert.js";
import { hashInnerBatch, hashKeyedLeafBatch } from "../../wasm/sha256.js";
import { copyHash, HASH_WORDS } from "./page.js";
import { copyBytes } from "./pageBytes.js";
import { KEY_BITS, KEY_BYTES } from "./slots.js";

const LEAF_LEVEL = KEY_BITS;
/** Hashes that were known beforehand, in a page that the reference can't name. */
const KNOWN_LEVEL = KEY_BITS + 1;
const POSITION_BITS = 22;
const POSITION_MASK = (1 << POSITION_BITS) - 1;
/** Most hashes of one level, and so the most changes that one plan takes. */
export const PLAN_LEVEL_MAX = POSITION_MASK;

/** All nodes of one depth: inputs as pairs of hashes, where known, and references to those that the plan has yet to compute. */
class HashLevel {
  count = 0;
  capacity = 16;
  pairs = new Int32Array(2 * HASH_WORDS * this.capacity);
  inputs = new Int32Array(2 * this.capacity);
  hashes = new Int32Array(HASH_WORDS * this.capacity);

  /** The position of one more hash. */
  take(): number {
    if (this.count === this.capacity) {
      assert(this.count < PLAN_LEVEL_MAX, "a hash plan's level is full");
      this.capacity = Math.min(2 * this.capacity, PLAN_LEVEL_MAX);
      this.pairs = grownWords(this.pairs, 2 * HASH_WORDS * this.capacity);
      this.inputs = grownWords(this.inputs, 2 * this.capacity);
      this.hashes = grownWords(this.hashes, HASH_WORDS * this.capacity);
    }
    return this.count++;
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
  private keys = new Uint8Array(KEY_BYTES * 16);
  private values = new Uint8Array(4096);
  private valueOffsets = new Uint32Array(17);

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

  /** The hash of an inner node at `bitDepth`; negative references name hashes of a page, which begin at word `start` of `page`. */
  addInner(bitDepth: number, left: number, right: number, page: Int32Array, start: number): number {
    const level = this.level(bitDepth);
    const position = level.take();
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

  /** The hash of a leaf whose key and value lie in the arrays at the given offsets. */
  addLeaf(keys: Uint8Array, keyOffset: number, values: Uint8Array, valueOffset: number, valueLength: number): number {
    const level = this.level(LEAF_LEVEL);
    const position = level.take();
    const start = this.valueOffsets[position];
    this.reserveLeaf(position, start + valueLength);
    copyBytes(keys, keyOffset, this.keys, KEY_BYTES * position, KEY_BYTES);
    copyBytes(values, valueOffset, this.values, start, valueLength);
    this.valueOffsets[position + 1] = start + valueLength;
    return (LEAF_LEVEL << POSITION_BITS) | position;
  }

  private reserveLeaf(position: number, valuesEnd: number): void {
    if (position + 1 === this.valueOffsets.length) {
      const offsets = new Uint32Array(2 * position + 3);
      offsets.set(this.valueOffsets);
      this.valueOffsets = offsets;
      const keys = new Uint8Array(KEY_BYTES * (2 * position + 2));
      keys.set(this.keys);
      this.keys = keys;
    }
    if (valuesEnd > this.values.length) {
      const values = new Uint8Array(2 * valuesEnd);
      values.set(this.values);
      this.values = values;
    }
  }

  /** A hash that is known already, at word `at` of `words`. */
  addKnown(words: Int32Array, at: number): number {
    const level = this.level(KNOWN_LEVEL);
    const position = level.take();
    copyHash(words, at, level.hashes, HASH_WORDS * position);
    return (KNOWN_LEVEL << POSITION_BITS) | position;
  }

  /** Computes every hash of the plan. */
  run(): void {
    this.hashLeaves();
    this.used.sort((a, b) => b - a);
    for (const number of this.used) {
      if (number < LEAF_LEVEL) {
        const level = this.levels[number]!;
        this.fillInputs(level);
        level.hashInner();
      }
    }
  }

  private hashLeaves(): void {
    const level = this.levels[LEAF_LEVEL];
    if (level === undefined || level.count === 0) {
      return;
    }
    const { count } = level;
    hashKeyedLeafBatch(
      this.keys.subarray(0, KEY_BYTES * count),
      this.values.subarray(0, this.valueOffsets[count]),
      this.valueOffsets.subarray(0, count + 1),
      new Uint8Array(level.hashes.buffer, 0, 32 * count),
    );
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
