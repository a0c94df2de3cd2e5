// A store's mileage rules: how much a purchase earns, and how much of a price may be paid in mileage. Pure arithmetic on whole units,
// rounded down, so that a receipt can be checked by hand.

export interface Grade {
  name: string;
  /** Units spent at the store that a customer needs for this grade. */
  spentUnitsMin: bigint;
  /** Earned on each purchase, in hundredths of a percent of the price. */
  earnBasisPoints: number;
}

export interface MileageRules {
  /** By rising spentUnitsMin; the first begins at 0. */
  grades: readonly Grade[];
  /** The most that one purchase earns. */
  earnUnitsMax: bigint;
  /** Prices below this earn nothing. */
  priceUnitsMin: bigint;
  /** How much of a price mileage may pay, in hundredths of a percent; 10000 allows all of it. */
  spendBasisPoints: number;
  /** Mileage is spent in multiples of this. */
  spendStepUnits: bigint;
  /** Whether the part of a price that mileage pays earns mileage again. */
  earnOnSpent: boolean;
}

const BASIS_POINTS = 10_000n;
const GRADES_MAX = 20;
const NAME_CHARACTERS_MAX = 40;

function expect(condition: boolean, what: string): void {
  if (!condition) {
    throw new RangeError(`mileage rules: expected ${what}`);
  }
}

/** Throws RangeError with what was expected for rules that can't be right. */
export function verifyMileageRules(rules: MileageRules): void {
  const { grades, spendBasisPoints, spendStepUnits, earnUnitsMax, priceUnitsMin } = rules;
  expect(grades.length >= 1 && grades.length <= GRADES_MAX, `1 to ${GRADES_MAX} grades`);
  expect(grades[0].spentUnitsMin === 0n, "the first grade to begin at 0");
  const isShare = (points: number): boolean =>
    Number.isInteger(points) && points >= 0 && points <= Number(BASIS_POINTS);
  for (const [index, { name, spentUnitsMin, earnBasisPoints }] of grades.entries()) {
    expect(
      name.length >= 1 && name.length <= NAME_CHARACTERS_MAX,
      `a grade's name of 1 to ${NAME_CHARACTERS_MAX} characters`,
    );
    expect(index === 0 || spentUnitsMin > grades[index - 1].spentUnitsMin, "grades by rising purchases");
    expect(isShare(earnBasisPoints), "0 to 10000 basis points earned");
  }
  expect(isShare(spendBasisPoints), "0 to 10000 basis points spent");
  expect(spendStepUnits >= 1n, "a step of at least one unit");
  expect(earnUnitsMax >= 0n && priceUnitsMin >= 0n, "limits of 0 or more");
}

/** The grade of a customer who has spent so much. */
export function gradeOf(rules: MileageRules, spentUnits: bigint): Grade {
  return rules.grades.findLast(({ spentUnitsMin }) => spentUnits >= spentUnitsMin) ?? rules.grades[0];
}

/** The most mileage that may go towards a price, of what the customer holds. */
export function spendableMileage(rules: MileageRules, price: bigint, held: bigint): bigint {
  const allowed = (price * BigInt(rules.spendBasisPoints)) / BASIS_POINTS;
  const most = allowed < held ? allowed : held;
  return most - (most % rules.spendStepUnits);
}

/** What a purchase earns: `spent` is the part of the price that mileage pays. */
export function earnedMileage(
  rules: MileageRules,
  { price, spent, spentBefore }: { price: bigint; spent: bigint; spentBefore: bigint },
): bigint {
  if (price < rules.priceUnitsMin) {
    return 0n;
  }
  const base = rules.earnOnSpent ? price : price - spent;
  const earned = (base * BigInt(gradeOf(rules, spentBefore).earnBasisPoints)) / BASIS_POINTS;
  return earned < rules.earnUnitsMax ? earned : rules.earnUnitsMax;
}
