// When state and history are written behind the log, and what a store that fails does to the node.

import { expect, test } from "vitest";
import type { History } from "../../src/history/history.js";
import type { State } from "../../src/state/state.js";
import { WriteBehind } from "../../src/writeBehind.js";
import { FakeClock, settle } from "../support/fakeClock.js";

class CountedStore {
  flushes = 0;
  failing = false;
  dirtyBytes = 0;
  pendingTransactions = 0;
  slow: Promise<void> = Promise.resolve();

  async flush(): Promise<void> {
    this.flushes++;
    await this.slow;
    if (this.failing) {
      throw new Error("the disk is full");
    }
  }
}

function begin() {
  const clock = new FakeClock();
  const state = new CountedStore();
  const history = new CountedStore();
  const failures: unknown[] = [];
  const writeBehind = new WriteBehind(state as unknown as State, history as unknown as History, clock, (error) =>
    failures.push(error),
  );
  return { clock, state, history, failures, writeBehind };
}

test("both are written every fifteen seconds, or when much waits; much history goes alone", async () => {
  const { clock, state, history, writeBehind } = begin();
  await writeBehind.afterBlock();
  expect(state.flushes).toBe(0);
  await clock.advance(15_000);
  await writeBehind.afterBlock();
  await settle();
  expect([state.flushes, history.flushes]).toEqual([1, 1]);
  state.dirtyBytes = 1 << 30;
  await writeBehind.afterBlock();
  await settle();
  expect([state.flushes, history.flushes]).toEqual([2, 2]);
  state.dirtyBytes = 0;
  history.pendingTransactions = 50_000;
  await writeBehind.afterBlock();
  await settle();
  expect([state.flushes, history.flushes]).toEqual([2, 3]);
  await writeBehind.settle();
  expect([state.flushes, history.flushes]).toEqual([3, 4]);
});

test("blocks wait for a disk that is much too slow, and go on when it has caught up", async () => {
  const { state, writeBehind } = begin();
  let release = (): void => undefined;
  state.slow = new Promise((resolve) => {
    release = resolve;
  });
  const answered: string[] = [];
  state.dirtyBytes = 100 * 1024 * 1024;
  void writeBehind.afterBlock().then(() => answered.push("first"));
  await settle();
  state.dirtyBytes = 300 * 1024 * 1024;
  void writeBehind.afterBlock().then(() => answered.push("second"));
  await settle();
  expect(answered).toEqual(["first"]);
  release();
  await settle();
  expect(answered).toEqual(["first", "second"]);
});

test("a failure is told once, nothing is written after it, and stopping goes on to its end", async () => {
  const { state, history, failures, writeBehind } = begin();
  state.dirtyBytes = 1 << 30;
  state.failing = true;
  for (let block = 0; block < 3; block++) {
    await writeBehind.afterBlock();
    await settle();
  }
  expect(failures).toHaveLength(1);
  await writeBehind.settle();
  expect([state.flushes, history.flushes]).toEqual([1, 0]);
});
