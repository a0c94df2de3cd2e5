// A store that this thread reads and another one writes (storeWriter.ts). A batch goes over in pieces between other work, so that even one
// of a hundred megabytes keeps this thread for a millisecond at a time only; it is still one transaction.

import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { assert } from "./base/assert.js";
import { workerUrl } from "./pool/workerUrl.js";
import type {
  BatchPiece,
  KeyValueChange,
  KeyValueEntry,
  KeyValueRange,
  KeyValueStore,
} from "./storage/keyValueStore.js";
import { type LmdbStoreOptions, openLmdbStore } from "./storage/lmdbStore.js";
import { BatchPacker } from "./storage/packedWrite.js";
import { describeFailure, StorageError } from "./storage/storageErrors.js";
import type { StoreAnswer, StoreRequest } from "./storeWriter.js";

/** Changes packed before other work gets its turn: about a millisecond. */
const CHANGES_A_TURN = 1_024;

async function* piecesOf(changes: readonly KeyValueChange[]): AsyncGenerator<BatchPiece> {
  const packer = new BatchPacker();
  for (let i = 0; i < changes.length; i++) {
    packer.add(changes[i]);
    if (i % CHANGES_A_TURN === CHANGES_A_TURN - 1) {
      yield* packer.takeFull();
      await setImmediate();
    }
  }
  yield* packer.finish();
}

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
  static open(directory: string, tables: readonly string[] = [], options: LmdbStoreOptions = {}): ThreadedStore {
    const reader = openLmdbStore(directory, options);
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
    return this.writePieces(piecesOf(changes));
  }

  writePieces(pieces: AsyncIterable<BatchPiece>): Promise<void> {
    assert(!this.closed, "a closed store takes no writes");
    const written = this.lastWrite.then(() => this.send(pieces));
    this.lastWrite = written.catch(() => undefined);
    return written;
  }

  private async send(pieces: AsyncIterable<BatchPiece>): Promise<void> {
    try {
      for await (const piece of pieces) {
        this.tell({ type: "piece", piece }, [piece.bytes.buffer]);
      }
    } catch (error) {
      // None of a batch is applied where one change of it can't be.
      this.tell({ type: "drop" });
      throw error;
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
