// The simulation of many delegates in its short form, and what a share of the votes can win. `npm run simulate:rdpos` runs the long form.

import { expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { DelegateSimulation } from "./delegateSimulation.js";
import { seatsWon } from "./seats.js";

const LONG = process.env.SIMULATE_ROUNDS === undefined ? undefined : Number(process.env.SIMULATE_ROUNDS);
const SEED = Number(process.env.SIMULATE_SEED ?? 7);

test(
  "elections, turns and rewards are those of plain models, to the unit, whoever is down",
  async () => {
    const size =
      LONG === undefined
        ? { delegates: 21, candidates: 30, voters: 20 }
        : { delegates: 99, candidates: 130, voters: 60 };
    const simulation = new DelegateSimulation({ seed: SEED, rounds: LONG ?? 25, roundBlocks: 8, ...size });
    const report = await simulation.run();
    if (LONG !== undefined) {
      console.log(report);
    }
    expect(report.elections).toBeGreaterThan(report.rounds * 0.9);
    expect(report.changes).toBeGreaterThan(0);
    expect(report.missedTurns).toBeGreaterThan(0);
    expect(report.suspensions).toBeGreaterThan(0);
    expect(report.sharedTtcUnits).toBeGreaterThan(0n);
  },
  LONG === undefined ? 60_000 : 3_600_000,
);

test("a share v of the votes wins v / (1 - v) of the seats where the others' votes are spread evenly, and more where they are not", () => {
  const rows = [10, 25, 33].map((percent) => ({
    percent,
    equal: seatsWon(percent, "equal", new SeededRandom(SEED)),
    skewed: seatsWon(percent, "skewed", new SeededRandom(SEED)),
  }));
  if (LONG !== undefined) {
    console.log(rows);
  }
  // Where the others' votes are spread evenly, votes v win v / (1 - v) of 99.
  expect(rows.map(({ equal }) => equal)).toEqual([11, 32, 48]);
  for (const { equal, skewed } of rows) {
    expect(skewed).toBeGreaterThanOrEqual(equal);
  }
});
