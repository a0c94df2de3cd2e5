// Processor time of the calling thread alone, as Linux tells it. Elsewhere the clock stands in, which is the same for work that waits for
// nothing on a machine with room for it.

import { readFileSync } from "node:fs";

const FILE = "/proc/thread-self/schedstat";

/** Microseconds since some fixed moment. */
export function threadTimeUs(): number {
  try {
    const [nanoseconds] = readFileSync(FILE, "utf8").split(" ");
    return Number(nanoseconds) / 1_000;
  } catch {
    return performance.now() * 1_000;
  }
}
