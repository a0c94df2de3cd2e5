// Takes what a run is made of and hands it to the store in batches: sequential keys, a few megabytes at a time, and between
// batches others have their turn on the thread.

import { setImmediate } from "node:timers/promises";
import type { KeyValueChange, KeyValueStore } from "../../storage/keyValueStore.js";

const BATCH_BYTES = 1_048_576;
/** Batches under way at once. */
const WRITES_MAX = 4;

export class RowSink {
  private batch: KeyValueChange[] = [];
  private batchBytes = 0;
  private readonly writes: Promise<void>[] = [];

  constructor(
    private readonly store: KeyValueStore,
    private readonly signal?: AbortSignal,
  ) {}

  /** Adds a change; true where it is time to wait for `pause`. */
  add(change: KeyValueChange): boolean {
    this.batch.push(change);
    this.batchBytes += change.key.length + (change.value?.length ?? 0);
    return this.batchBytes >= BATCH_BYTES;
  }

  /** Sends what was added and lets others have their turn. Rejects where the signal says so: what was sent is then of no use. */
  async pause(): Promise<void> {
    this.signal?.throwIfAborted();
    if (this.batch.length > 0) {
      const write = this.store.write(this.batch);
      // Its failure is taken up by a wait below; until then it must not count as unhandled.
      write.catch(() => undefined);
      this.writes.push(write);
      this.batch = [];
      this.batchBytes = 0;
    }
    if (this.writes.length >= WRITES_MAX) {
      await this.writes.shift();
    }
    await setImmediate();
  }

  /** Resolves when all that was added is durable. */
  async finish(): Promise<void> {
    await this.pause();
    await Promise.all(this.writes);
  }
}
