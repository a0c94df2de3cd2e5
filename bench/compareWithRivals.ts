// Measures one operation with several implementations in one run, ours first. Medians, because a shared machine's outliers
// say nothing about the code.

import { Bench } from "tinybench";
import type { BenchRow } from "./row.js";

/** How long each implementation is measured, without its warm-up. */
const TIME_MS = 400;
const WARMUP_TIME_MS = 150;
/** The least number of calls, for operations that take long. */
const CALL_COUNT_MIN = 7;

/** A call does `operationCount` operations; each must return something, so that no work is optimised away. */
export type BenchedCall = () => unknown;

/** Rows of `ours` against each rival; times are for one of the `operationCount` operations of a call. */
export async function compareWithRivals(
  name: string,
  ours: BenchedCall,
  rivals: Readonly<Record<string, BenchedCall>>,
  operationCount = 1,
): Promise<BenchRow[]> {
  const bench = new Bench({
    time: TIME_MS,
    iterations: CALL_COUNT_MIN,
    warmupTime: WARMUP_TIME_MS,
    warmupIterations: 2,
  });
  bench.add("ours", ours);
  for (const [rival, call] of Object.entries(rivals)) {
    bench.add(rival, call);
  }
  await bench.run();
  const medianNs = (task: string): number => {
    const result = bench.getTask(task)?.result;
    if (result?.state !== "completed") {
      throw new Error(`${name}: the bench of ${task} ended as ${result?.state}`);
    }
    return (result.latency.p50 * 1_000_000) / operationCount;
  };
  const nsPerOperation = medianNs("ours");
  return Object.keys(rivals).map((rival) => {
    const rivalNsPerOperation = medianNs(rival);
    return { name, nsPerOperation, rival, rivalNsPerOperation, ratio: rivalNsPerOperation / nsPerOperation };
  });
}
