// `npm run agree:calls -- --calls N --node PATH`: N random contract calls with no, one and two workers, in this Node and in each that is
// named, a child process each; prints the roots and ends with 1 where two differ.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type CallRoots, rootsOfCalls } from "./rootsOfCalls.js";

const WORKERS = [0, 1, 2];

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    node: { type: "string", multiple: true, default: [] },
    // What a child prints: its roots as JSON, one for each number of workers.
    json: { type: "boolean", default: false },
  },
});
const [calls, seed] = [values.calls, values.seed].map(Number);
if (![calls, seed].every(Number.isSafeInteger) || calls < 1) {
  throw new Error(`expected whole numbers, got ${values.calls} calls of seed ${values.seed}`);
}

if (values.json) {
  const roots: CallRoots[] = [];
  for (const workers of WORKERS) {
    roots.push(await rootsOfCalls(calls, seed, workers));
  }
  console.log(JSON.stringify({ version: process.version, roots }));
} else {
  const seen = new Set<string>();
  console.log(`${calls} random contract calls of seed ${seed}`);
  for (const node of [process.execPath, ...values.node]) {
    const parameters = [fileURLToPath(import.meta.url), "--json", "--calls", `${calls}`, "--seed", `${seed}`];
    const { version, roots } = JSON.parse(execFileSync(node, parameters, { encoding: "utf8" })) as {
      version: string;
      roots: CallRoots[];
    };
    roots.forEach(({ stateRoot, receiptsHash }, i) => {
      seen.add(`${stateRoot} ${receiptsHash}`);
      console.log(`Node ${version}, ${WORKERS[i]} workers: state ${stateRoot}, receipts ${receiptsHash}`);
    });
  }
  console.log(seen.size === 1 ? "All agree." : `They disagree: ${seen.size} outcomes.`);
  process.exitCode = seen.size === 1 ? 0 : 1;
}
