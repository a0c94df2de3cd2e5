// npm run fuzz -- --inputs N --seed S [--threads T] [--target name] [--input hex]: gives every decoder of foreign bytes N inputs in all.
// Ends with 1 where one crashed, hung or took two encodings of one thing, and prints the input and the command that gives it again.

import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { fromHex, toHex } from "../../src/base/bytes.js";
import type { FuzzReport } from "./fuzz.js";
import { FUZZ_TARGETS, runTarget } from "./targets.js";

/** Longer at one input than this is a hang, on however busy a machine. */
const HANG_MS = 30_000;
const WATCH_MS = 500;
const SHARED_BYTES = 12 + 20_000;
const GUIDED_PER_MILLE = 4;

interface PlainReport extends Omit<FuzzReport, "findings"> {
  findings: { target: string; input: Uint8Array; error: string }[];
}

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    guided: { type: "string", default: `${GUIDED_PER_MILLE}` },
    target: { type: "string" },
    input: { type: "string" },
  },
});

function runOne(name: string, hex: string): void {
  const target = FUZZ_TARGETS.find((candidate) => candidate.name === name);
  const input = fromHex(hex);
  if (target === undefined || input === undefined) {
    throw new Error(
      `expected --target with one of ${FUZZ_TARGETS.map((each) => each.name).join(", ")} and --input in hex`,
    );
  }
  console.log(runTarget(target, input) ? "valid" : "refused");
}

function runThread(thread: number, threads: number): Promise<PlainReport> {
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  const words = new Int32Array(shared, 0, 3);
  const workerData = {
    seed: Number(values.seed) * 100 + thread,
    inputs: Math.ceil(Number(values.inputs) / threads),
    guidedPerMille: Number(values.guided),
    only: values.target,
    shared,
  };
  const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    let seen = -1;
    let seenMs = performance.now();
    const watch = setInterval(() => {
      const now = performance.now();
      const given = Atomics.load(words, 0);
      if (given !== seen) {
        seen = given;
        seenMs = now;
      } else if (now - seenMs > HANG_MS && given > 0) {
        const input = new Uint8Array(shared, 12).slice(0, words[2]);
        const named = FUZZ_TARGETS.filter(({ name }) => values.target === undefined || name === values.target);
        reject(new Error(`hang: npm run fuzz -- --target "${named[words[1]].name}" --input ${toHex(input)}`));
      }
    }, WATCH_MS);
    worker.on("message", (report: PlainReport) => {
      clearInterval(watch);
      resolve(report);
    });
    worker.on("error", reject);
  });
}

function print(reports: PlainReport[], seconds: number): void {
  const rows = reports[0].targets.map(({ name }, index) => {
    const each = reports.map(({ targets }) => targets[index]);
    const sum = (read: (target: (typeof each)[number]) => number): number =>
      each.reduce((total, item) => total + read(item), 0);
    return {
      name,
      inputs: sum((item) => item.inputs),
      valid: sum((item) => item.valid),
      corpus: sum((item) => item.corpus),
      slowestMs: Math.max(...each.map((item) => item.slowestMs)),
    };
  });
  for (const { name, inputs, valid, corpus, slowestMs } of rows) {
    console.log(
      `${name.padEnd(18)} ${String(inputs).padStart(9)} inputs, ${String(valid).padStart(8)} valid, corpus ${String(corpus).padStart(4)}, slowest ${slowestMs.toFixed(1)} ms`,
    );
  }
  const inputs = rows.reduce((total, row) => total + row.inputs, 0);
  const findings = reports.flatMap((report) => report.findings);
  for (const { target, input, error } of findings) {
    console.log(`\nfound: ${error}\nnpm run fuzz -- --target "${target}" --input ${toHex(input)}`);
  }
  const blocks = Math.max(...reports.map(({ blocksReached }) => blocksReached));
  console.log(
    `\n${inputs} inputs in ${Math.round(seconds)} s with seed ${values.seed}, ${blocks} blocks of code reached under guidance, ${findings.length} found`,
  );
  process.exitCode = findings.length === 0 ? 0 : 1;
}

if (values.input === undefined) {
  const begunMs = performance.now();
  const threads = Number(values.threads);
  try {
    print(
      await Promise.all(Array.from({ length: threads }, (_, thread) => runThread(thread, threads))),
      (performance.now() - begunMs) / 1_000,
    );
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    process.exit(1);
  }
} else {
  runOne(values.target ?? "", values.input);
}
