// A fixed set of the simulator's lives, and the bugs planted to see that it finds them. `npm run simulate` lives others.

import { expect, test } from "vitest";
import { lifeWithBug } from "./findPlantedBugs.js";
import { PLANTED_BUGS } from "./plantedBugs.js";
import { SimulationFailure, simulate } from "./simulation.js";

const STEPS = 150;
const SEEDS = [1, 2, 3, 5, 8, 13, 32];

test("one seed is one life, to the byte, and another seed is another", async () => {
  const [first, again, other] = [
    await simulate({ seed: 21, steps: 60 }),
    await simulate({ seed: 21, steps: 60 }),
    await simulate({ seed: 22, steps: 60 }),
  ];
  expect(again).toEqual(first);
  expect(other.traceHash).not.toBe(first.traceHash);
});

test.each(SEEDS)("whatever befalls the machine of seed %i, the node keeps its word", async (seed) => {
  const report = await simulate({ seed, steps: STEPS });
  expect(report.committed).toBeGreaterThan(0);
  expect(report.starts).toBeGreaterThan(3);
});

test("a state's store found damaged while the log is replayed is called damaged (seed 883)", async () => {
  expect((await simulate({ seed: 883, steps: 60 })).starts).toBeGreaterThan(3);
});

test.each(Object.keys(PLANTED_BUGS))("finds the planted bug %s within a few seeds", async (name) => {
  // Each of them is clean without the bug, as the test above shows.
  let found: Error | undefined;
  for (const seed of SEEDS) {
    found ??= await lifeWithBug(PLANTED_BUGS[name], seed);
  }
  expect(found).toBeInstanceOf(SimulationFailure);
});
