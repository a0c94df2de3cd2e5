// The history whose rows are made and written by a thread of its own (historyWorker.ts). Blocks are answered from memory until that
// thread has said that they are durable, and from the store's runs afterwards.

import { Worker } from "node:worker_threads";
import { KeyValueHistory } from "./history/keyValueHistory.js";
import type { HistoryAnswer, HistoryRequest } from "./historyWorker.js";
import { workerUrl } from "./pool/workerUrl.js";
import { type CommittedBlock, recordOf } from "./storage/committedBlock.js";
import type { KeyValueStore } from "./storage/keyValueStore.js";

/** Rows live for one flush: a small young generation would have them all copied once. */
const YOUNG_MEGABYTES = 64;

interface Waiting {
  resolve: () => void;
  reject: (error: unknown) => void;
}

export class ThreadedHistory extends KeyValueHistory {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private readonly ended: Promise<void>;
  private flushes = 0;
  private failure: unknown;

  private constructor(store: KeyValueStore, directory: string) {
    super(store);
    this.worker = new Worker(workerUrl("./historyWorker.js", import.meta.url), {
      workerData: { directory },
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
    this.worker.on("message", (answer: HistoryAnswer) => this.onAnswer(answer));
    this.worker.on("error", (error) => this.fail(error));
    this.ended = new Promise((resolve) => {
      this.worker.once("exit", () => {
        this.fail(new Error("the history's thread has ended"));
        resolve();
      });
    });
  }

  /** The history in `directory`, which `store` reads. */
  static start(store: KeyValueStore, directory: string): ThreadedHistory {
    return new ThreadedHistory(store, directory);
  }

  private tell(request: HistoryRequest): void {
    this.worker.postMessage(request);
  }

  private onAnswer(answer: HistoryAnswer): void {
    if (answer.type === "merged") {
      this.followStore();
      this.tell({ type: "follows" });
      return;
    }
    const waiting = this.waiting.get(answer.number);
    this.waiting.delete(answer.number);
    if (answer.type === "flushed") {
      this.followStore();
      waiting?.resolve();
    } else {
      waiting?.reject(answer.error);
    }
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.values()) {
      reject(this.failure);
    }
    this.waiting.clear();
  }

  override add(block: CommittedBlock): void {
    const before = this.height;
    const recorded = recordOf(block);
    super.add(recorded);
    if (this.height > before) {
      this.tell({ type: "block", payload: recorded.payload });
    }
  }

  override flush(): Promise<void> {
    if (this.failure !== undefined) {
      return Promise.reject(this.failure);
    }
    const number = this.flushes++;
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.tell({ type: "flush", number });
    });
  }

  /** Ends the thread after what it is at. */
  async close(): Promise<void> {
    this.tell({ type: "close" });
    await this.ended;
  }
}
