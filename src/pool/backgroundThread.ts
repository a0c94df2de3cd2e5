// Threads whose work nobody waits for leave the processor to those that payments wait for. On Linux a priority is one thread's; elsewhere
// it would be the whole process's, and threads stay equal.

import { platform, setPriority } from "node:os";

/** By Linux's weights, a third of an equal's share where both want all: behind, and never starved, as blocks wait for a history that lags. */
const NICE = 5;

/** Lets the calling thread stand behind the process's others. */
export function standBehind(): void {
  if (platform() !== "linux") {
    return;
  }
  try {
    setPriority(NICE);
  } catch {
    // A machine that forbids it only has its threads equal.
  }
}
