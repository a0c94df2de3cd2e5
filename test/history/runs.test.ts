// Runs: many flushes are merged into few runs, of whatever sizes, and a crash at any write leaves nothing wrong or left over.

import fc from "fast-check";
import { expect, test } from "vitest";
import { utf8Bytes } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { KeyValueHistory } from "../../src/history/keyValueHistory.js";
import { decodeRunList, PART_ACCOUNTS, PART_IDS, RUNS_TABLE, runOfKey } from "../../src/history/runs/run.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import type { KeyValueStore } from "../../src/storage/keyValueStore.js";
import { addAll, expectAnswers, FailingStore, pagedEntries } from "./historyChecks.js";
import { type MadeTransaction, makeBlock, named } from "./madeBlock.js";

/** The first has most of the entries; the last two differ in their last byte only. */
function makePeople(count: number): Uint8Array[] {
  const people = Array.from({ length: count }, (_, i) => named(`person ${i}`));
  const twin = people[count - 2].slice();
  twin[31] ^= 1;
  people[count - 1] = twin;
  return people;
}

function randomBlock(random: SeededRandom, height: number, transactions: number, people: Uint8Array[]): CommittedBlock {
  const someone = (): Uint8Array => (random.chance(1, 2) ? people[0] : people[random.below(people.length)]);
  const made: MadeTransaction[] = Array.from({ length: transactions }, () => {
    const operation: Operation = { kind: "transfer", account: 0, to: someone(), token: "TTC", amount: 1n };
    return { signers: [someone()], operations: [operation] };
  });
  return makeBlock(height, made);
}

function listedRuns(store: KeyValueStore): number[] {
  const list = store.get("history.meta", utf8Bytes("runs"));
  return list === undefined ? [] : decodeRunList(list).runs.map((run) => run.number);
}

/** The numbers of runs that have rows. */
function presentRuns(store: KeyValueStore): Set<number> {
  const range = { start: Uint8Array.of(PART_ACCOUNTS), end: Uint8Array.of(PART_IDS + 1) };
  return new Set([...store.range(RUNS_TABLE, range)].map(({ key }) => runOfKey(key)));
}

test("what is added is written while a merge takes its time", async () => {
  const store = new FailingStore();
  let finishMerge = (): void => undefined;
  const merged = new Promise<void>((resolve) => {
    finishMerge = resolve;
  });
  const history = KeyValueHistory.open(store, () => merged);
  const random = new SeededRandom(4);
  const people = makePeople(4);
  const blocks: CommittedBlock[] = [];
  const tidyings: Promise<void>[] = [];
  for (let height = 1; height <= 40; height++) {
    blocks.push(randomBlock(random, height, 2, people));
    history.add(blocks[height - 1]);
    await history.write();
    tidyings.push(history.tidy());
    expect([history.checkpoint, history.pendingTransactions]).toEqual([height, 0]);
  }
  finishMerge();
  await Promise.all(tidyings);
  await history.tidy();
  expect(listedRuns(store).length).toBeLessThan(32);
  expect(presentRuns(store)).toEqual(new Set(listedRuns(store)));
  expectAnswers(history, blocks, people, 7);
});

test("a merge that is broken off leaves what was there, and the next one begins anew", async () => {
  const store = new FailingStore();
  const history = KeyValueHistory.open(store);
  const random = new SeededRandom(5);
  const people = makePeople(4);
  const blocks: CommittedBlock[] = [];
  for (let height = 1; height <= 20; height++) {
    blocks.push(randomBlock(random, height, 2, people));
    history.add(blocks[height - 1]);
    await history.write();
  }
  await expect(history.tidy(AbortSignal.abort())).rejects.toThrow();
  expectAnswers(history, blocks, people, 7);
  const again = KeyValueHistory.open(store);
  await again.tidy();
  expect(presentRuns(store)).toEqual(new Set(listedRuns(store)));
  expectAnswers(again, blocks, people, 7);
});

test("hundreds of flushes end as a few runs that hold everything, and nothing else is left", async () => {
  const random = new SeededRandom(1);
  const people = makePeople(6);
  const store = new FailingStore();
  const history = KeyValueHistory.open(store);
  const blocks: CommittedBlock[] = [];
  for (let height = 1; height <= 270; height++) {
    const block = randomBlock(random, height, height % 3, people);
    blocks.push(block);
    history.add(block);
    await history.flush();
  }
  expect(listedRuns(store).length).toBeLessThan(32);
  expect(presentRuns(store)).toEqual(new Set(listedRuns(store)));
  expectAnswers(history, blocks, people, 7);
  expectAnswers(KeyValueHistory.open(store), blocks, people, 1_000);
});

test("runs of very different sizes are merged, with accounts that fill many chunks", async () => {
  const random = new SeededRandom(2);
  const people = makePeople(40);
  const store = new FailingStore();
  const history = KeyValueHistory.open(store);
  const blocks: CommittedBlock[] = [];
  for (const [i, size] of [1, 500, 0, 3, 250, 1, 1, 900, 5, 90, 0, 300, 1, 30, 2, 200, 1, 8, 60].entries()) {
    const block = randomBlock(random, i + 1, size, people);
    blocks.push(block);
    history.add(block);
    await history.flush();
  }
  expect(listedRuns(store).length).toBeLessThan(6);
  expectAnswers(history, blocks, people, 500);
  expect(pagedEntries(history, people[0], 100).length).toBeGreaterThan(1_500);
});

test("a crash at any write is made good by adding the blocks above the checkpoint again", async () => {
  const people = makePeople(4);
  await fc.assert(
    fc.asyncProperty(fc.nat(1_000), fc.array(fc.nat(150), { minLength: 1, maxLength: 4 }), async (seed, crashes) => {
      const random = new SeededRandom(seed);
      const blocks = Array.from({ length: 40 }, (_, i) => randomBlock(random, i + 1, random.below(4), people));
      const store = new FailingStore();
      for (const writesLeft of [...crashes, Number.POSITIVE_INFINITY]) {
        store.writesLeft = writesLeft;
        const history = KeyValueHistory.open(store);
        try {
          for (const block of blocks.filter(({ height }) => height > history.checkpoint)) {
            history.add(block);
            await history.flush();
          }
        } catch (error) {
          expect(String(error)).toContain("the disk is gone");
        }
        store.writesLeft = Number.POSITIVE_INFINITY;
        const reopened = KeyValueHistory.open(store);
        addAll(
          reopened,
          blocks.filter(({ height }) => height > reopened.checkpoint),
        );
        expectAnswers(reopened, blocks, people, 50);
      }
      await KeyValueHistory.open(store).flush();
      expect(presentRuns(store)).toEqual(new Set(listedRuns(store)));
    }),
    { numRuns: 15 },
  );
});

test("blocks are looked up the same while a flush and its merges are under way", async () => {
  const random = new SeededRandom(3);
  const people = makePeople(5);
  const store = new FailingStore();
  const history = KeyValueHistory.open(store);
  const blocks: CommittedBlock[] = [];
  for (let height = 1; height <= 40; height++) {
    const block = randomBlock(random, height, 5, people);
    blocks.push(block);
    history.add(block);
    const entries = pagedEntries(history, people[0], 1_000);
    const heights = history.accountHeights(people[0], 1, 1_000);
    const { id } = blocks[0].transactions[0];
    let flushing = true;
    const flush = history.flush().finally(() => {
      flushing = false;
    });
    for (let turns = 0; flushing; turns++) {
      expect(history.transaction(id)).toEqual({ height: 1, index: 0 });
      if (turns % 4 === 0) {
        expect(pagedEntries(history, people[0], 1_000)).toEqual(entries);
        expect(history.accountHeights(people[0], 1, 1_000)).toEqual(heights);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await flush;
  }
  expectAnswers(history, blocks, people, 1_000);
});
