// The list of runs, and what changes it: a flush adds one, a merge puts one in the place of sixteen. Rows are durable before the
// list names them, and a list is written as one value, so that a crash leaves either the old list or the new; rows that no
// list names are removed later.

import { assert } from "../../base/assert.js";
import { utf8Bytes } from "../../base/bytes.js";
import type { KeyValueStore } from "../../storage/keyValueStore.js";
import { mergeRuns, removeRun } from "./mergeRuns.js";
import { decodeRunList, encodeRunList, PARTS, RUNS_TABLE, type Run, type RunList, runOfKey, runPrefix } from "./run.js";

export const META_TABLE = "history.meta";
const LIST_KEY = utf8Bytes("runs");
/** Runs of one level that are merged into one of the next. */
const MERGE_RUNS = 16;

export class RunSet {
  private list: RunList;
  private numberNext: number;
  private garbage: number[];
  private lastCommit: Promise<void> = Promise.resolve();
  private tidying: Promise<void> | undefined;

  /** `onMerged`: awaited before rows are removed that a reader with the list before may look for. */
  constructor(
    private readonly store: KeyValueStore,
    private readonly onMerged: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.list = this.storedList();
    const present = PARTS.flatMap((part) => [...this.numbersPresent(part)]);
    const listed = new Set(this.list.runs.map((run) => run.number));
    this.garbage = [...new Set(present)].filter((number) => !listed.has(number));
    this.numberNext = Math.max(0, ...present, ...listed) + 1;
  }

  private storedList(): RunList {
    const bytes = this.store.get(META_TABLE, LIST_KEY);
    return bytes === undefined ? { checkpoint: 0, runs: [] } : decodeRunList(bytes);
  }

  /** Takes the list that another thread has written. */
  reload(): void {
    this.list = this.storedList();
  }

  /** All numbers that have rows in a part, by one look-up each. */
  private *numbersPresent(part: number): Iterable<number> {
    const end = Uint8Array.of(part + 1);
    for (let number = 0; ; ) {
      const [entry] = this.store.range(RUNS_TABLE, { start: runPrefix(part, number), end, limit: 1 });
      if (entry === undefined) {
        return;
      }
      yield runOfKey(entry.key);
      number = runOfKey(entry.key) + 1;
    }
  }

  /** Oldest first. */
  get runs(): readonly Run[] {
    return this.list.runs;
  }

  get checkpoint(): number {
    return this.list.checkpoint;
  }

  /** A number that no run has had. */
  takeNumber(): number {
    return this.numberNext++;
  }

  /** Adds a run whose rows are durable, or none, and moves the checkpoint. */
  append(run: Run | undefined, checkpoint: number): Promise<void> {
    return this.commit((list) => {
      assert(checkpoint > list.checkpoint, `the checkpoint ${list.checkpoint} can't go to ${checkpoint}`);
      return { checkpoint, runs: run === undefined ? list.runs : [...list.runs, run] };
    });
  }

  /** Changes to the list follow one another, each upon what the one before made. */
  private commit(change: (list: RunList) => RunList): Promise<void> {
    const commit = this.lastCommit.then(async () => {
      const list = change(this.list);
      await this.store.write([{ table: META_TABLE, key: LIST_KEY, value: encodeRunList(list) }]);
      this.list = list;
    });
    this.lastCommit = commit.catch(() => undefined);
    return commit;
  }

  /** Merges what is due and removes what no list names; resolves when nothing is left to do, rejects where `signal` ends it. One at a time. */
  tidy(signal?: AbortSignal): Promise<void> {
    this.tidying ??= this.tidyAll(signal).finally(() => {
      this.tidying = undefined;
    });
    return this.tidying;
  }

  private async tidyAll(signal: AbortSignal | undefined): Promise<void> {
    for (let due = this.dueRuns(); due !== undefined; due = this.dueRuns()) {
      const merging = due;
      const merged = await mergeRuns(this.store, merging, this.takeNumber(), signal);
      await this.commit((list) => {
        const at = list.runs.indexOf(merging[0]);
        assert(at >= 0, "the runs merged are in the list");
        return { ...list, runs: list.runs.toSpliced(at, merging.length, merged) };
      });
      await this.onMerged();
      this.garbage.push(...merging.map((run) => run.number));
    }
    for (let number = this.garbage.shift(); number !== undefined; number = this.garbage.shift()) {
      signal?.throwIfAborted();
      await removeRun(this.store, number, PARTS);
    }
  }

  /** The oldest runs of a level that has enough of them. */
  private dueRuns(): Run[] | undefined {
    const byLevel = new Map<number, Run[]>();
    for (const run of this.list.runs) {
      byLevel.set(run.level, [...(byLevel.get(run.level) ?? []), run]);
    }
    for (const runs of byLevel.values()) {
      if (runs.length >= MERGE_RUNS) {
        return runs.slice(0, MERGE_RUNS);
      }
    }
    return undefined;
  }
}
