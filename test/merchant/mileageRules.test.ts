// Mileage rules: what a purchase earns and may be paid with, to the unit.

import { describe, expect, test } from "vitest";
import {
  earnedMileage,
  gradeOf,
  type MileageRules,
  spendableMileage,
  verifyMileageRules,
} from "../../src/merchant/mileage/mileageRules.js";

const rules: MileageRules = {
  grades: [
    { name: "Family", spentUnitsMin: 0n, earnBasisPoints: 100 },
    { name: "Gold", spentUnitsMin: 1_000_000n, earnBasisPoints: 300 },
  ],
  earnUnitsMax: 5_000n,
  priceUnitsMin: 1_000n,
  spendBasisPoints: 5_000,
  spendStepUnits: 100n,
  earnOnSpent: false,
};

describe("mileage", () => {
  test("is earned by grade, on what money paid, up to the cap, from a price on", () => {
    const earn = (price: bigint, spent = 0n, spentBefore = 0n): bigint =>
      earnedMileage(rules, { price, spent, spentBefore });
    expect(earn(4_550n)).toBe(45n);
    expect(earn(4_550n, 550n)).toBe(40n);
    expect(earn(999n)).toBe(0n);
    expect(earn(4_550n, 0n, 1_000_000n)).toBe(136n);
    expect(earn(900_000n)).toBe(5_000n);
    expect(earnedMileage({ ...rules, earnOnSpent: true }, { price: 4_550n, spent: 550n, spentBefore: 0n })).toBe(45n);
    expect(gradeOf(rules, 999_999n).name).toBe("Family");
  });

  test("pays up to its share of a price, in steps, of what the customer holds", () => {
    expect(spendableMileage(rules, 4_550n, 10_000n)).toBe(2_200n);
    expect(spendableMileage(rules, 4_550n, 1_250n)).toBe(1_200n);
    expect(spendableMileage(rules, 4_550n, 99n)).toBe(0n);
  });

  test("has rules that can be right", () => {
    verifyMileageRules(rules);
    const [family, gold] = rules.grades;
    const wrong: Partial<MileageRules>[] = [
      { grades: [] },
      { grades: [gold] },
      { grades: [family, family] },
      { grades: [{ ...family, earnBasisPoints: 10_001 }] },
      { spendBasisPoints: -1 },
      { spendStepUnits: 0n },
    ];
    for (const change of wrong) {
      expect(() => verifyMileageRules({ ...rules, ...change })).toThrow(RangeError);
    }
  });
});
