// The index of expiring leaves against the plain truth: a walk over all leaves.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesKey, compareBytes, toHex } from "../../src/base/bytes.js";
import { encodeAccountLeaf, encodeLaneLeaf, encodeReferenceLeaf, leafExpiry } from "../../src/protocol/stateLeaves.js";
import type { StateChange } from "../../src/protocol/writeSet.js";
import { EXPIRY_TABLE } from "../../src/state/expiryIndex.js";
import { State } from "../../src/state/state.js";
import type { KeyValueChange, KeyValueStore } from "../../src/storage/keyValueStore.js";
import { openLmdbStore } from "../../src/storage/lmdbStore.js";
import { sha256 } from "../../src/wasm/sha256.js";
import { MemoryStore } from "../support/memoryStore.js";

const OPTIONS = { pageCacheBytes: 1 << 20, historyHeights: 10 };

function keyOf(index: number): Uint8Array {
  return sha256(Uint8Array.of(index & 255, index >> 8));
}

function laneChange(index: number, heightExpires: number): StateChange {
  return { key: keyOf(index), value: encodeLaneLeaf({ sequenceNext: 1, heightExpires }) };
}

function referenceChange(index: number, heightExpires: number): StateChange {
  const value = encodeReferenceLeaf({ heightExpires, heightPaid: 1, transactionId: keyOf(index) });
  return { key: keyOf(index), value };
}

function commit(state: State, changes: StateChange[]): void {
  state.commit(state.height + 1, state.prepare(changes));
}

function due(state: State, height: number): string[] {
  return [...state.expiredLeaves(height)].map(toHex);
}

/** What a walk over all leaves finds due at `height`. */
function dueByWalk(state: State, height: number): string[] {
  const found = [...state.leaves()].flatMap(({ key, value }) => {
    const expiry = leafExpiry(value);
    return expiry !== undefined && expiry < height ? [{ key, expiry }] : [];
  });
  return found.sort((a, b) => a.expiry - b.expiry || compareBytes(a.key, b.key)).map(({ key }) => toHex(key));
}

function tableSize(store: KeyValueStore): number {
  return [...store.range(EXPIRY_TABLE, {})].length;
}

/** A store that can be caught in the middle of a write. */
class SlowStore extends MemoryStore {
  private reached: (() => void) | undefined;
  release: () => void = () => {};

  /** Resolves when the next write has begun; it ends after `release`. */
  nextWrite(): Promise<void> {
    return new Promise((resolve) => {
      this.reached = resolve;
    });
  }

  override async write(changes: KeyValueChange[]): Promise<void> {
    if (this.reached !== undefined) {
      this.reached();
      this.reached = undefined;
      await new Promise<void>((resolve) => {
        this.release = resolve;
      });
    }
    await super.write(changes);
  }
}

describe("leaves that expire", () => {
  test("are due one height after their last, ordered by expiry and then by key", () => {
    const state = State.open(new MemoryStore(), OPTIONS);
    commit(state, [laneChange(1, 30), laneChange(2, 20), referenceChange(3, 20), laneChange(4, 40)]);
    expect(due(state, 20)).toEqual([]);
    const twenties = [keyOf(2), keyOf(3)].sort(compareBytes).map(toHex);
    expect(due(state, 21)).toEqual(twenties);
    expect(due(state, 31)).toEqual([...twenties, toHex(keyOf(1))]);
  });

  test("are not due any more once renewed or removed, and asking changes nothing", () => {
    const state = State.open(new MemoryStore(), OPTIONS);
    commit(state, [laneChange(1, 20), laneChange(2, 20)]);
    commit(state, [laneChange(1, 25), { key: keyOf(2), value: undefined }]);
    expect([due(state, 21), due(state, 25), due(state, 21)]).toEqual([[], [], []]);
    expect(due(state, 26)).toEqual([toHex(keyOf(1))]);
    expect(due(state, 26)).toEqual([toHex(keyOf(1))]);
    commit(state, [laneChange(2, 22)]);
    expect(due(state, 26)).toEqual([keyOf(2), keyOf(1)].map(toHex));
  });

  test("whose expiry comes nearer are due at the nearer one", () => {
    const state = State.open(new MemoryStore(), OPTIONS);
    commit(state, [laneChange(1, 20)]);
    commit(state, [laneChange(1, 5)]);
    expect(due(state, 6)).toEqual([toHex(keyOf(1))]);
    expect(due(state, 21)).toEqual([toHex(keyOf(1))]);
  });

  test("are never leaves of other kinds", () => {
    const state = State.open(new MemoryStore(), OPTIONS);
    const value = encodeAccountLeaf({ balances: [1n, 0n, 0n], deposit: 0n, tokenCount: 0 });
    commit(state, [{ key: keyOf(1), value }]);
    commit(state, [{ key: keyOf(1), value: undefined }]);
    expect(due(state, 1_000_000)).toEqual([]);
  });

  test("stay known over a flush, a restart and a rebuild in LMDB", async () => {
    const directory = mkdtempSync(join(tmpdir(), "ttchain-expiry-"));
    try {
      let store = openLmdbStore(directory);
      let state = State.open(store, OPTIONS);
      const changes = Array.from({ length: 3_000 }, (_, i) => laneChange(i, 10 + (i % 7)));
      commit(state, changes);
      expect(state.dirtyBytes).toBeGreaterThan(0);
      await state.flush();
      commit(state, [laneChange(5, 30)]);
      await state.flush();
      await store.close();
      store = openLmdbStore(directory);
      state = State.open(store, OPTIONS);
      const expected = dueByWalk(state, 14);
      expect(expected.length).toBeGreaterThan(1_500);
      expect(due(state, 14)).toEqual(expected);
      await state.rebuildExpiryIndex();
      expect(tableSize(store)).toBe(3_000);
      expect(due(state, 14)).toEqual(expected);
      await store.close();
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("that come back while their removal is being written are not forgotten", async () => {
    const store = new SlowStore();
    const state = State.open(store, OPTIONS);
    commit(state, [laneChange(1, 20)]);
    await state.flush();
    commit(state, [{ key: keyOf(1), value: undefined }]);
    const removal = store.nextWrite();
    const flush = state.flush();
    await removal;
    commit(state, [laneChange(1, 20)]);
    store.release();
    await flush;
    expect(due(state, 21)).toEqual([toHex(keyOf(1))]);
    await state.flush();
    expect(due(State.open(store, OPTIONS), 21)).toEqual([toHex(keyOf(1))]);
  });

  test("leave nothing behind in the store when they are gone", async () => {
    const store = new MemoryStore();
    const state = State.open(store, OPTIONS);
    commit(
      state,
      Array.from({ length: 2_500 }, (_, i) => laneChange(i, 10 + (i % 3))),
    );
    await state.flush();
    for (let round = 0; round < 3; round++) {
      const keys = [...state.expiredLeaves(13)].slice(0, 1_000);
      commit(
        state,
        keys.map((key) => ({ key, value: undefined })),
      );
    }
    expect(due(state, 100)).toEqual([]);
    await state.flush();
    expect(tableSize(store)).toBe(0);
    expect(state.dirtyBytes).toBe(0);
  });
});

interface Step {
  changes: { leaf: number; expiry: number | undefined }[];
  ask: number;
  flush: "none" | "start" | "await";
  crash: boolean;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    changes: fc.uniqueArray(
      fc.record({ leaf: fc.nat({ max: 12 }), expiry: fc.option(fc.nat({ max: 40 }), { nil: undefined }) }),
      { maxLength: 6, selector: ({ leaf }) => leaf },
    ),
    ask: fc.nat({ max: 45 }),
    flush: fc.constantFrom("none", "none", "start", "await"),
    crash: fc.boolean(),
  }),
  { maxLength: 25 },
);

test("the index agrees with a walk over all leaves through renewals, flushes, crashes and replays", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const store = new MemoryStore();
      let state = State.open(store, OPTIONS);
      const log: StateChange[][] = [[laneChange(0, 40)]];
      commit(state, log[0]);
      const running: Promise<void>[] = [];
      for (const { changes, ask, flush, crash } of history) {
        const live = new Set([...state.leaves()].map(({ key }) => bytesKey(key)));
        const block = changes.flatMap(({ leaf, expiry }): StateChange[] =>
          expiry === undefined
            ? live.has(bytesKey(keyOf(leaf)))
              ? [{ key: keyOf(leaf), value: undefined }]
              : []
            : [laneChange(leaf, expiry)],
        );
        log.push(block);
        commit(state, block);
        expect(due(state, ask)).toEqual(dueByWalk(state, ask));
        if (flush !== "none") {
          running.push(state.flush());
        }
        if (flush === "await") {
          await Promise.all(running);
        }
        if (crash) {
          // What was asked of the store by then arrives; the rest is committed again from the log.
          await Promise.all(running);
          state = State.open(store, OPTIONS);
          for (const again of log.slice(state.height + 1)) {
            commit(state, again);
          }
        }
        expect(due(state, ask)).toEqual(dueByWalk(state, ask));
        expect(due(state, 45)).toEqual(dueByWalk(state, 45));
      }
      await state.flush();
      const before = due(state, 45);
      await state.rebuildExpiryIndex();
      expect(due(state, 45)).toEqual(before);
    }),
    { numRuns: 150 },
  );
});
