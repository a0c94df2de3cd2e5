import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.js";

test("a timer calls once, not before its time, and never when it was cancelled", async () => {
  const calls: string[] = [];
  systemClock.setTimer(1, () => calls.push("cancelled")).cancel();
  const begin = systemClock.monotonicMs();
  await new Promise<void>((resolve) => {
    const timer = systemClock.setTimer(20, () => {
      calls.push("fired");
      timer.cancel();
      resolve();
    });
  });
  expect(calls).toEqual(["fired"]);
  // Timers are kept in whole milliseconds, the monotonic clock in fractions.
  expect(systemClock.monotonicMs() - begin).toBeGreaterThan(18);
  expect(Number.isInteger(systemClock.nowMs())).toBe(true);
});
