// Signature verification on all cores. A batch moves to a worker and its verdicts move back: handing one over costs about
// 100 µs, so batches hold dozens to hundreds of signatures. The pool queues whatever it is given; callers hold back when
// `queuedBatches` says that it falls behind.
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { assert } from "../base/assert.js";
import { type PackedSignatures, packSignatures, type SignatureItem } from "./packedSignatures.js";
import { verifyPacked } from "./verifyPacked.js";
import { workerUrl } from "./workerUrl.js";

/** Batches that lie at a worker: while it judges one, the next is there already. */
const BATCHES_PER_WORKER = 2;

export interface VerifyPoolOptions {
  /** Worker threads; 0 verifies on the calling thread, within `verify`. */
  workers: number;
}

export class VerifyPool {
  /** Worker threads; 0 where the calling thread verifies. */
  readonly workers: number;

  readonly #pool: Piscina<PackedSignatures, Uint8Array> | undefined;
  readonly #underWay = new Set<Promise<Uint8Array>>();
  #verifiedSignatures = 0;
  #closed = false;

  private constructor(workers: number, pool: Piscina<PackedSignatures, Uint8Array> | undefined) {
    this.workers = workers;
    this.#pool = pool;
  }

  /** Starts the workers and waits until they have loaded their code. */
  static async start({ workers }: VerifyPoolOptions): Promise<VerifyPool> {
    assert(Number.isInteger(workers) && workers >= 0, `a pool has 0 or more workers, got ${workers}`);
    if (workers === 0) {
      return new VerifyPool(0, undefined);
    }
    const piscina = new Piscina<PackedSignatures, Uint8Array>({
      filename: fileURLToPath(workerUrl("./verifyWorker.js", import.meta.url)),
      name: "verifyTask",
      minThreads: workers,
      maxThreads: workers,
      concurrentTasksPerWorker: BATCHES_PER_WORKER,
      recordTiming: false,
    });
    const pool = new VerifyPool(workers, piscina);
    try {
      await Promise.all(Array.from({ length: workers * BATCHES_PER_WORKER }, () => pool.verify(packSignatures([]))));
    } catch (error) {
      await piscina.destroy();
      throw error;
    }
    return pool;
  }

  /** Batches handed in and not answered yet, those that workers are at included. */
  get batchesUnderWay(): number {
    return this.#underWay.size;
  }

  /** Batches that no worker has got yet. */
  get queuedBatches(): number {
    return Math.max(0, this.#underWay.size - this.workers * BATCHES_PER_WORKER);
  }

  /** Workers that have a batch, at most. */
  get busyWorkers(): number {
    return Math.min(this.workers, this.#underWay.size);
  }

  /** Signatures judged since the start, valid or not. */
  get verifiedSignatures(): number {
    return this.#verifiedSignatures;
  }

  /**
   * A byte for each signature, in order: 1 where it is valid under ZIP-215, else 0. Takes the batch over: its buffer can't
   * be used any more afterwards. Rejects only where a worker fails or the pool is closed; then nothing is known.
   */
  async verify(packed: PackedSignatures): Promise<Uint8Array> {
    assert(!this.#closed, "a closed pool verifies nothing");
    const verdicts =
      this.#pool === undefined
        ? Promise.resolve(verifyPacked(packed))
        : this.#pool.run(packed, { transferList: [packed] });
    this.#underWay.add(verdicts);
    try {
      const judged = await verdicts;
      this.#verifiedSignatures += judged.length;
      return judged;
    } finally {
      this.#underWay.delete(verdicts);
    }
  }

  /** Packs the items, verifies them and gives a verdict for each, in order. */
  async verifyItems(items: readonly SignatureItem[], prefix?: Uint8Array): Promise<boolean[]> {
    const verdicts = await this.verify(packSignatures(items, prefix));
    return Array.from(verdicts, (verdict) => verdict === 1);
  }

  /** Takes no more batches, waits for those under way, then ends the workers. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
    await this.#pool?.destroy();
  }
}
