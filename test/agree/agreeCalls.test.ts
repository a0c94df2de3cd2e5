// A short run of `npm run agree:calls`: here with every number of workers, and in the other versions of Node whose binaries
// OTHER_NODES names, parted by colons.

import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { rootsOfCalls } from "./rootsOfCalls.js";

const CALLS = 500;
const SEED = 9;
const others = (process.env.OTHER_NODES ?? "").split(":").filter((path) => path.length > 0);

test("random calls come to one root with no, one and two workers, and to another from another seed", async () => {
  const alone = await rootsOfCalls(CALLS, SEED, 0);
  expect(await rootsOfCalls(CALLS, SEED, 1)).toEqual(alone);
  expect(await rootsOfCalls(CALLS, SEED, 2)).toEqual(alone);
  const other = await rootsOfCalls(CALLS, SEED + 1, 0);
  expect(other.stateRoot).not.toBe(alone.stateRoot);
  expect(other.receiptsHash).not.toBe(alone.receiptsHash);
});

test.skipIf(others.length === 0)(
  "and to the same in other versions of Node",
  async () => {
    execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.simulation.json"]);
    const alone = await rootsOfCalls(CALLS, SEED, 0);
    for (const node of others) {
      const parameters = ["build/simulation/test/agree/main.js", "--json", "--calls", `${CALLS}`, "--seed", `${SEED}`];
      const { version, roots } = JSON.parse(execFileSync(node, parameters, { encoding: "utf8" }));
      expect(version).not.toBe(process.version);
      expect(roots).toEqual([alone, alone, alone]);
    }
  },
  180_000,
);
