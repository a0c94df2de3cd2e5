// `npm run simulate`: lives of many seeds, one after another, until one breaks or the time is up. A failure prints its seed and
// the command that replays it, and ends with 1.

import { parseArgs } from "node:util";
import { findPlantedBugs } from "./findPlantedBugs.js";
import { type SimulationReport, simulate } from "./simulation.js";

const STEPS_USUAL = 300;
const PROGRESS_SEEDS = 50;

const USAGE = `npm run simulate -- [options]
  --seed N       the first seed (default: taken from the clock)
  --seeds A-B    all seeds from A to B
  --minutes M    as many seeds as there is time for, from --seed on
  --steps S      steps of each life (default ${STEPS_USUAL})
  --verbose      print each step
  --planted      look for the first seed that finds each of the bugs planted by hand
Without --seeds and --minutes one seed is lived.`;

interface Wanted {
  first: number;
  last: number;
  endMs: number;
  steps: number;
  verbose: boolean;
  planted: boolean;
}

function wanted(): Wanted {
  const { values } = parseArgs({
    options: {
      seed: { type: "string" },
      seeds: { type: "string" },
      minutes: { type: "string" },
      steps: { type: "string" },
      verbose: { type: "boolean", default: false },
      planted: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const range = /^(\d+)-(\d+)$/.exec(values.seeds ?? "");
  const numbers = [values.seed, values.minutes, values.steps].filter((text) => text !== undefined);
  if (values.help || numbers.some((text) => !/^\d+(\.\d+)?$/.test(text)) || (values.seeds !== undefined && !range)) {
    console.log(USAGE);
    process.exit(values.help ? 0 : 2);
  }
  const first = range === null ? Number(values.seed ?? Date.now()) : Number(range[1]);
  const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
  return {
    first,
    last: range === null ? (minutes === undefined ? first : Number.MAX_SAFE_INTEGER) : Number(range[2]),
    endMs: minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + minutes * 60_000,
    steps: Number(values.steps ?? STEPS_USUAL),
    verbose: values.verbose,
    planted: values.planted,
  };
}

async function main(): Promise<number> {
  const { first, last, endMs, steps, verbose, planted } = wanted();
  if (planted) {
    return (await findPlantedBugs(console.log)) ? 0 : 1;
  }
  const total = { seeds: 0, blocks: 0, payments: 0, starts: 0 };
  const add = (report: SimulationReport): void => {
    total.seeds++;
    total.blocks += report.height;
    total.payments += report.committed;
    total.starts += report.starts;
  };
  const tell = (): void =>
    console.log(
      `${total.seeds} seeds clean: ${total.blocks} blocks, ${total.payments} payments, ${total.starts} starts of the node`,
    );
  for (let seed = first; seed <= last && Date.now() < endMs; seed++) {
    try {
      const report = await simulate({ seed, steps, ...(verbose ? { onStep: console.log } : {}) });
      add(report);
      if (first === last) {
        console.log(`seed ${seed}: trace ${report.traceHash}`, report.counts);
      }
    } catch (error) {
      console.error((error as Error).message);
      if (verbose) {
        console.error(error);
      }
      tell();
      return 1;
    }
    if (total.seeds % PROGRESS_SEEDS === 0) {
      tell();
    }
  }
  tell();
  return 0;
}

process.exitCode = await main();
