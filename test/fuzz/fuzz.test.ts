// A short, fixed run of the fuzzer: every decoder of foreign bytes takes inputs made of valid ones, and of nothing at all, without a crash.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { fuzz } from "./fuzz.js";
import { FUZZ_TARGETS, runTarget } from "./targets.js";

test("20,000 inputs made of valid ones crash nothing", () => {
  const { findings, targets } = fuzz({ seed: 7, inputs: 20_000, guidedPerMille: 0 });
  expect(findings.map(({ target, input, error }) => `${target} ${toHex(input)} ${error}`)).toEqual([]);
  expect(targets.reduce((sum, { inputs }) => sum + inputs, 0)).toBeGreaterThanOrEqual(20_000);
});

test("guided inputs grow a corpus beyond its seeds", () => {
  const { findings, targets, blocksReached } = fuzz({
    seed: 8,
    inputs: 200,
    guidedPerMille: 1_000,
    only: "transaction",
  });
  expect(findings).toEqual([]);
  expect(blocksReached).toBeGreaterThan(20);
  expect(targets[0].corpus).toBeGreaterThan(FUZZ_TARGETS[0].seeds.length);
});

describe.each(FUZZ_TARGETS.map((target) => [target.name, target] as const))("%s", (_, target) => {
  test("takes its own seeds", () => {
    expect(target.seeds.length).toBeGreaterThan(0);
    expect(target.seeds.some((seed) => runTarget(target, seed))).toBe(true);
  });

  test("takes any bytes and any text", () => {
    const give = (input: Uint8Array): void => void runTarget(target, input);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), give), { numRuns: 300, seed: 9 });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), fc.json()), (text) =>
        give(new TextEncoder().encode(text)),
      ),
      { numRuns: 300, seed: 9 },
    );
  });
});

test("what is no refusal is a finding", () => {
  const run = (): void => void (null as unknown as { field: number }).field;
  expect(() => runTarget({ ...FUZZ_TARGETS[0], run }, new Uint8Array(0))).toThrow(TypeError);
});
