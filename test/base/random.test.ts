import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeededRandom, systemRandom } from "../../src/base/random.js";

describe("seeded random numbers", () => {
  test("are the same for the same seed, and others for another", () => {
    const draw = (seed: number) => new SeededRandom(seed).bytes(64);
    expect(draw(7)).toEqual(draw(7));
    const seeds = [0, 1, 2, 7, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];
    const drawn = new Set(seeds.map((seed) => Buffer.from(draw(seed)).toString("hex")));
    expect(drawn.size).toBe(seeds.length);
    expect(() => new SeededRandom(-1)).toThrow("a seed is");
    expect(() => new SeededRandom(1.5)).toThrow("a seed is");
  });

  test("keep their sequence from release to release, so that a failure's seed stays useful", () => {
    const random = new SeededRandom(42);
    expect([random.uint32(), random.uint32(), random.below(1000)]).toEqual([1118239746, 79193462, 860]);
  });

  test("lie below their bound, whatever it is", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
        const value = new SeededRandom(seed).below(bound);
        return Number.isInteger(value) && value >= 0 && value < bound;
      }),
    );
  });

  test("fall evenly: bits, small ranges and chances", () => {
    const random = new SeededRandom(1);
    const bits = new Array<number>(32).fill(0);
    const sixths = new Array<number>(6).fill(0);
    let hits = 0;
    for (let i = 0; i < 60_000; i++) {
      const word = random.uint32();
      for (let bit = 0; bit < 32; bit++) {
        bits[bit] += (word >>> bit) & 1;
      }
      sixths[random.below(6)] += 1;
      hits += random.chance(1, 10) ? 1 : 0;
    }
    // Six standard deviations either way.
    expect(bits.every((count) => Math.abs(count - 30_000) < 735)).toBe(true);
    expect(sixths.every((count) => Math.abs(count - 10_000) < 548)).toBe(true);
    expect(Math.abs(hits - 6_000)).toBeLessThan(441);
  });
});

test("the machine's generator fills any length, beyond what one call to it may ask for", () => {
  const bytes = systemRandom.bytes(200_000);
  expect(bytes).toHaveLength(200_000);
  expect(bytes.subarray(199_000).some((byte) => byte !== 0)).toBe(true);
  expect(systemRandom.bytes(0)).toHaveLength(0);
});
