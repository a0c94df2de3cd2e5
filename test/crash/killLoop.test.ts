// A few of the kills that `npm run crash` makes by the hundred.

import { expect, test } from "vitest";
import { killLoop } from "./killLoop.js";

test("a node killed under payments and contracts, at random and between the steps of a block, loses nothing that it told of", async () => {
  const report = await killLoop({ kills: 3, seed: 11, rate: 60, roundSeconds: 8 });
  expect(report.audits).toBeGreaterThan(0);
  expect(report.kills).toBeGreaterThanOrEqual(3);
  expect(Object.keys(report.contracts).length).toBeGreaterThan(4);
}, 180_000);
