// The open loop: arrivals keep their schedule whatever happens to the answers.

import { describe, expect, test } from "vitest";
import type { Clock, Timer } from "../../../src/base/clock.js";
import { DueQueue } from "../../../src/cli/load/dueQueue.js";
import { OpenLoop } from "../../../src/cli/load/openLoop.js";
import { FakeClock } from "../../support/fakeClock.js";

/** A fake clock that can also jump without firing a timer, as time does for a program that is stopped. */
class StallingClock implements Clock {
  private readonly inner = new FakeClock();
  private stalledMs = 0;

  nowMs(): number {
    return this.inner.nowMs() + this.stalledMs;
  }

  monotonicMs(): number {
    return this.inner.monotonicMs() + this.stalledMs;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    return this.inner.setTimer(delayMs, callback);
  }

  advance(ms: number): Promise<void> {
    return this.inner.advance(ms);
  }

  stall(ms: number): void {
    this.stalledMs += ms;
  }
}

describe("the open loop", () => {
  test("hands out each item once, at its time, at the rate asked for", async () => {
    const clock = new FakeClock();
    const start = clock.monotonicMs();
    const handed: { index: number; atMs: number }[] = [];
    const loop = new OpenLoop(clock, {
      rate: 200,
      count: 100,
      onDue(first, end) {
        for (let index = first; index < end; index++) {
          handed.push({ index, atMs: clock.monotonicMs() - start });
        }
      },
    });
    await clock.advance(250);
    expect(loop.offered).toBe(51);
    await clock.advance(250);
    expect(handed.map(({ index }) => index)).toEqual([...Array(100).keys()]);
    for (const { index, atMs } of handed) {
      expect(atMs - index * 5).toBeGreaterThanOrEqual(0);
      expect(atMs - index * 5).toBeLessThanOrEqual(10);
      expect(loop.dueMs(index)).toBe(start + index * 5);
    }
    await loop.finished;
  });

  test("does not wait for anybody, and catches up after a stall with the times at which items were due", async () => {
    const clock = new StallingClock();
    const start = clock.monotonicMs();
    const handed: number[] = [];
    // A handler that never answers, and a program that was stopped for a second.
    const loop = new OpenLoop(clock, {
      rate: 1_000,
      count: 3_000,
      onDue(first, end) {
        for (let index = first; index < end; index++) {
          handed.push(index);
        }
        void new Promise(() => {});
      },
    });
    await clock.advance(100);
    const before = handed.length;
    clock.stall(1_000);
    await clock.advance(10);
    expect(handed.length - before).toBeGreaterThanOrEqual(1_000);
    expect(loop.dueMs(before)).toBeLessThan(start + 110);
    await clock.advance(5_000);
    expect(handed).toEqual([...Array(3_000).keys()]);
  });

  test("ends early when it is stopped", async () => {
    const clock = new FakeClock();
    let handed = 0;
    const loop = new OpenLoop(clock, { rate: 10, count: 1_000, onDue: (first, end) => (handed += end - first) });
    await clock.advance(1_000);
    loop.stop();
    await loop.finished;
    await clock.advance(10_000);
    expect(handed).toBe(11);
  });
});

describe("the queue of items to send again", () => {
  test("gives what is due, the earliest first and a lane's numbers in order", () => {
    const queue = new DueQueue();
    for (const [dueMs, index] of [
      [50, 1],
      [0, 9],
      [0, 3],
      [20, 2],
      [0, 7],
      [50, 0],
    ]) {
      queue.push(dueMs, index);
    }
    const taken: number[] = [];
    for (let index = queue.take(20); index !== undefined; index = queue.take(20)) {
      taken.push(index);
    }
    expect(taken).toEqual([3, 7, 9, 2]);
    expect(queue.size).toBe(2);
    expect([queue.take(50), queue.take(50), queue.take(50)]).toEqual([0, 1, undefined]);
  });

  test("sorts any number of entries", () => {
    const queue = new DueQueue();
    const entries = Array.from({ length: 500 }, (_, i) => (i * 7_919) % 500);
    for (const entry of entries) {
      queue.push(entry % 10, entry);
    }
    const taken = entries.map(() => queue.take(10)!);
    expect(taken).toEqual([...entries].sort((a, b) => (a % 10) - (b % 10) || a - b));
  });
});
