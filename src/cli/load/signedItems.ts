// The signed bytes of every item: made in threads before the clock starts, or one by one when an item is due.

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type ItemContext, signItem } from "./itemTransaction.js";
import type { PlanOptions } from "./plan.js";
import type { SignedShare, SignShareRequest } from "./signShare.js";

/** Bytes and id of an item's transaction. */
export interface ItemBytes {
  bytes: Uint8Array;
  id: Uint8Array;
}

export interface SignedItems {
  /** The transaction of item `index`; a duplicate has its original's. */
  get(index: number): ItemBytes;
}

const THREADS_MAX = 8;
/** A thread costs more than it saves below this many items. */
const ITEMS_PER_THREAD_MIN = 500;

/** Signs items when they are asked for, and keeps what it signed. */
export class LazyItems implements SignedItems {
  private readonly signed: (ItemBytes | undefined)[] = [];

  constructor(private readonly context: ItemContext) {}

  get(index: number): ItemBytes {
    const item = this.context.plan.items[index];
    if (item.kind === "duplicate") {
      return this.get(item.original);
    }
    let made = this.signed[index];
    if (made === undefined) {
      const { bytes, id } = signItem(this.context, item);
      made = { bytes, id };
      this.signed[index] = made;
    }
    return made;
  }
}

class PresignedItems implements SignedItems {
  private readonly places: Int32Array;

  constructor(
    private readonly context: ItemContext,
    private readonly shares: SignedShare[],
  ) {
    // Where each item lies within its thread's share.
    const next = new Int32Array(shares.length);
    this.places = Int32Array.from(context.plan.items, (item) =>
      item.kind === "duplicate" ? -1 : next[item.index % shares.length]++,
    );
  }

  get(index: number): ItemBytes {
    const item = this.context.plan.items[index];
    if (item.kind === "duplicate") {
      return this.get(item.original);
    }
    const { packed, offsets, ids } = this.shares[index % this.shares.length];
    const place = this.places[index];
    return {
      bytes: packed.subarray(offsets[place], offsets[place + 1]),
      id: ids.subarray(32 * place, 32 * place + 32),
    };
  }
}

function signInThread(request: SignShareRequest): Promise<SignedShare> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./signWorker.js", import.meta.url), { workerData: request });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`a signing thread ended with code ${code}`)));
  });
}

/** Signs the whole plan in threads. */
export async function presignItems(context: ItemContext, options: PlanOptions): Promise<SignedItems> {
  const { chain, sequencesFirst, validUntil, plan, contract } = context;
  const wanted = Math.ceil(plan.items.length / ITEMS_PER_THREAD_MIN);
  const threads = Math.max(1, Math.min(availableParallelism(), THREADS_MAX, wanted));
  const requests = Array.from({ length: threads }, (_, thread) =>
    signInThread({ plan: options, chain, sequencesFirst, validUntil, thread, threads, contract }),
  );
  return new PresignedItems(context, await Promise.all(requests));
}
