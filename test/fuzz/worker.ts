// One thread of the fuzzer. It shows what it is at in shared memory, so that the main thread can tell a hang and name its input.

import { parentPort, workerData } from "node:worker_threads";
import { fuzz } from "./fuzz.js";

interface WorkerOptions {
  seed: number;
  inputs: number;
  guidedPerMille: number;
  only: string | undefined;
  shared: SharedArrayBuffer;
}

const { shared, ...options } = workerData as WorkerOptions;
const words = new Int32Array(shared, 0, 3);
const bytes = new Uint8Array(shared, 12);

const report = fuzz({
  ...options,
  onInput(target, input) {
    words[1] = target;
    words[2] = input.length;
    bytes.set(input.subarray(0, bytes.length));
    Atomics.add(words, 0, 1);
  },
});
const findings = report.findings.map(({ target, input, error }) => ({
  target,
  input,
  error: error instanceof Error ? (error.stack ?? error.message) : String(error),
}));
parentPort?.postMessage({ ...report, findings });
