// `npm run crash -- --kills N`: kills a real node N times under payments and contracts and audits every one; ends with 1 where one is
// missing. `--points calls`: of the named points those alone that begin so.

import { parseArgs } from "node:util";
import { killLoop } from "./killLoop.js";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    rate: { type: "string", default: "100" },
    points: { type: "string", default: "" },
    "round-seconds": { type: "string", default: "40" },
  },
});

const report = await killLoop({
  kills: Number(values.kills),
  seed: Number(values.seed),
  rate: Number(values.rate),
  points: values.points,
  roundSeconds: Number(values["round-seconds"]),
  tell: console.log,
});
console.log(report);
