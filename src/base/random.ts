// Random bytes. Keys and batch factors need the machine's generator; tests, load and the simulator need a seeded one, whose
// every run with one seed is the same. Runs in Node and in a browser. No random number ever reaches the state.
import { assert } from "./assert.js";

export interface Random {
  /** `length` fresh bytes, the caller's own. */
  bytes(length: number): Uint8Array;
}

// What getRandomValues gives in one call, by its specification.
const SYSTEM_BYTES_MAX = 65_536;

/** The machine's generator, fit for keys. */
export const systemRandom: Random = {
  bytes(length) {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += SYSTEM_BYTES_MAX) {
      globalThis.crypto.getRandomValues(bytes.subarray(offset, offset + SYSTEM_BYTES_MAX));
    }
    return bytes;
  },
};

/** xoshiro128** seeded by splitmix32: quick, even, and predictable by design. Never for keys. */
export class SeededRandom implements Random {
  readonly #state = new Uint32Array(4);

  /** `seed`: an integer from 0 to 2^53 - 1; every seed has a sequence of its own. */
  constructor(seed: number) {
    assert(Number.isSafeInteger(seed) && seed >= 0, `a seed is an integer from 0 to 2^53 - 1, got ${seed}`);
    const low = seed >>> 0;
    const high = Math.floor(seed / 2 ** 32);
    this.#state[0] = splitmix32(low);
    this.#state[1] = splitmix32(low + 0x9e3779b9);
    this.#state[2] = splitmix32(high ^ 0x85ebca6b);
    // Never all zero, the one state that xoshiro does not leave.
    this.#state[3] = splitmix32(high + 0x9e3779b9) | 1;
    for (let i = 0; i < 8; i++) {
      this.uint32();
    }
  }

  /** An integer from 0 to 2^32 - 1. */
  uint32(): number {
    const s = this.#state;
    const product = Math.imul(s[1], 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** An integer from 0 to `bound` - 1, each equally likely; `bound` from 1 to 2^32. */
  below(bound: number): number {
    assert(Number.isInteger(bound) && bound >= 1 && bound <= 2 ** 32, `a bound is from 1 to 2^32, got ${bound}`);
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const value = this.uint32();
      if (value < limit) {
        return value % bound;
      }
    }
  }

  /** True in `numerator` of `denominator` cases. */
  chance(numerator: number, denominator: number): boolean {
    return this.below(denominator) < numerator;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i += 4) {
      const word = this.uint32();
      for (let j = 0; j < 4 && i + j < length; j++) {
        bytes[i + j] = word >>> (8 * j);
      }
    }
    return bytes;
  }
}

function splitmix32(seed: number): number {
  let z = (seed + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}
