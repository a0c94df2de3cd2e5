// A store that this thread reads and another one writes (storeWriter.ts). A batch goes over in pieces between other work, so that even one
// of a hundred megabytes keeps this thread for a millisecond at a time only; it is still one transaction.

import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { assert } from "./base/assert.js";
import { workerUrl } from "./pool/workerUrl.js";
import type { KeyValueChange, KeyValueEntry, KeyValueRange, KeyValueStore } from "./storage/keyValueStore.js";
import { openLmdbStore } from "./storage/lmdbStore.js";
import { packChanges } from "./storage/packedWrite.js";
import { expectKeys } from "./storage/sortChanges.js";
import { describeFailure, StorageError } from "./storage/storageErrors.js";
import type { StoreAnswer, StoreRequest } from "./storeWriter.js";

const PIECE_BYTES = 1_048_576;

interface Waiting {
  resolve: () => void;
  reject: (error: unknown) => void;
}

export class ThreadedStore implements KeyValueStore {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private readonly ended: Promise<void>;
  private lastWrite: Promise<void> = Promise.resolve();
  private writes = 0;
  private failure: StorageError | undefined;
  private closed = false;

  private constructor(
    private readonly reader: KeyValueStore,
    directory: string,
  ) {
    this.worker = new Worker(workerUrl("./storeWriter.js", import.meta.url), { workerData: { directory } });
    this.worker.on("message", (answer: StoreAnswer) => this.onAnswer(answer));
    this.worker.on("error", (error) => this.fail(error));
    this.ended = new Promise((resolve) => {
      this.worker.once("exit", () => {
        this.fail(new Error("the thread that writes the store has ended"));
        resolve();
      });
    });
  }

  /** Opens the store in `directory`, which is made where it doesn't exist, and makes `tables`, lest a read waits for a write to do so. */
  static open(directory: string, tables: readonly string[] = []): ThreadedStore {
    const reader = openLmdbStore(directory);
    for (const table of tables) {
      reader.get(table, Uint8Array.of(0));
    }
    return new ThreadedStore(reader, directory);
  }

  get(table: string, key: Uint8Array): Uint8Array | undefined {
    return this.reader.get(table, key);
  }

  range(table: string, range: KeyValueRange): Iterable<KeyValueEntry> {
    return this.reader.range(table, range);
  }

  refresh(): void {
    this.reader.refresh?.();
  }

  write(changes: KeyValueChange[]): Promise<void> {
    assert(!this.closed, "a closed store takes no writes");
    const written = this.lastWrite.then(() => this.send(changes));
    this.lastWrite = written.catch(() => undefined);
    return written;
  }

  private async send(changes: KeyValueChange[]): Promise<void> {
    // Before anything is sent: none of a batch is applied where one can't be.
    expectKeys(changes);
    const tables: string[] = [];
    for (let next = 0; next < changes.length; ) {
      const { piece, end } = packChanges(changes, next, PIECE_BYTES, tables);
      this.tell({ type: "piece", piece, tables }, [piece.buffer]);
      next = end;
      await setImmediate();
    }
    if (this.failure !== undefined) {
      throw this.failure;
    }
    const number = this.writes++;
    await new Promise<void>((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.tell({ type: "write", number });
    });
  }

  private tell(request: StoreRequest, moved: ArrayBuffer[] = []): void {
    this.worker.postMessage(request, moved);
  }

  private onAnswer(answer: StoreAnswer): void {
    if (answer.type === "failed") {
      this.fail(answer.error);
      return;
    }
    this.reader.refresh?.();
    this.waiting.get(answer.number)?.resolve();
    this.waiting.delete(answer.number);
  }

  private fail(error: unknown): void {
    this.failure ??= new StorageError("STORE_FAILED", describeFailure(error), error);
    for (const { reject } of this.waiting.values()) {
      reject(this.failure);
    }
    this.waiting.clear();
  }

  async close(): Promise<void> {
    if (!this.closed) {
      this.closed = true;
      await this.lastWrite;
      this.tell({ type: "close" });
      await this.ended;
      await this.reader.close();
    }
  }
}
