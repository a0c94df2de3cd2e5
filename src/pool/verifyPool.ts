// Signature verification on all cores. A batch moves to a worker and its verdicts move back: handing one over costs about
// 100 µs, so batches hold dozens to hundreds of signatures. The pool queues whatever it is given; callers bound
// what they hand in. Keys that sign often get a table, which all workers use.
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { assert } from "../base/assert.js";
import { type Clock, systemClock } from "../base/clock.js";
import { Ed25519Kernel } from "../wasm/ed25519Kernel.js";
import { layOutEd25519 } from "../wasm/ed25519Memory.js";
import {
  type PackedSignatures,
  packSignatures,
  packTransactions,
  type SignatureItem,
  type SignedTransaction,
  unpackSignatures,
} from "./packedSignatures.js";
import { TableEarner } from "./tableEarner.js";
import type { VerifyWorkerData } from "./verifyWorker.js";
import { workerUrl } from "./workerUrl.js";

/** Batches that lie at a worker: what it does while the main thread makes a block, which can take 30 ms. */
const BATCHES_PER_WORKER = 12;
/** Parts of the kernel's memory for workers that take the place of ended ones. */
const SPARE_INSTANCES = 4;
const KEY_TABLE_CACHE_BYTES_DEFAULT = 256 * 1024 * 1024;
/** 304 KB a key: 842 keys in the default cache. With 8 bits a signature takes a tenth less, but not many more than 400 keys find room. */
const KEY_TABLE_BITS = 7;
const BASE_TABLE_BITS = 12;

export interface VerifyPoolOptions {
  /** Worker threads; 0 verifies on the calling thread, within `verify`. */
  workers: number;
  /** Bytes for tables of keys that sign often, 304 KB each; 0 for none. */
  keyTableCacheBytes?: number;
  /** Paces the building of tables. */
  clock?: Clock;
}

type Pool = Piscina<PackedSignatures | Uint8Array, Uint8Array | boolean>;

export class VerifyPool {
  /** Worker threads; 0 where the calling thread verifies. */
  readonly workers: number;

  readonly #pool: Pool | undefined;
  /** The calling thread's kernel, where there are no workers. */
  readonly #kernel: Ed25519Kernel | undefined;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #earner: TableEarner | undefined;
  #verifiedSignatures = 0;
  #closed = false;

  private constructor(workers: number, how: Pool | Ed25519Kernel, clock: Clock | undefined) {
    this.workers = workers;
    this.#pool = how instanceof Ed25519Kernel ? undefined : how;
    this.#kernel = how instanceof Ed25519Kernel ? how : undefined;
    // Without a clock there is no cache of tables.
    this.#earner = clock && new TableEarner((key) => this.#earn(key), clock);
  }

  /** Starts the workers and waits until they have loaded their code. */
  static async start(options: VerifyPoolOptions): Promise<VerifyPool> {
    const { workers, keyTableCacheBytes = KEY_TABLE_CACHE_BYTES_DEFAULT, clock = systemClock } = options;
    const earnerClock = keyTableCacheBytes > 0 ? clock : undefined;
    assert(Number.isInteger(workers) && workers >= 0, `a pool has 0 or more workers, got ${workers}`);
    const tables = { keyTableCacheBytes, keyTableBits: KEY_TABLE_BITS, baseTableBits: BASE_TABLE_BITS };
    if (workers === 0) {
      return new VerifyPool(0, new Ed25519Kernel(layOutEd25519(tables)), earnerClock);
    }
    const plan = layOutEd25519({ ...tables, instances: workers + SPARE_INSTANCES, shared: true });
    const workerData: VerifyWorkerData = { plan, instancesTaken: new Int32Array(new SharedArrayBuffer(4)) };
    const piscina: Pool = new Piscina({
      filename: fileURLToPath(workerUrl("./verifyWorker.js", import.meta.url)),
      workerData,
      minThreads: workers,
      maxThreads: workers,
      concurrentTasksPerWorker: BATCHES_PER_WORKER,
      recordTiming: false,
    });
    const pool = new VerifyPool(workers, piscina, earnerClock);
    try {
      await Promise.all(Array.from({ length: workers * BATCHES_PER_WORKER }, () => pool.verify(packSignatures([]))));
    } catch (error) {
      await piscina.destroy();
      throw error;
    }
    return pool;
  }

  /** Batches handed in and not answered yet. */
  get batchesUnderWay(): number {
    return this.#underWay.size;
  }

  /** Signatures judged since the start, valid or not. */
  get verifiedSignatures(): number {
    return this.#verifiedSignatures;
  }

  /** Tables built since the start, those that others pushed out again included. */
  get earnedTables(): number {
    return this.#earner?.builtTables ?? 0;
  }

  /**
   * A byte for each signature, in order: 1 where it is valid under ZIP-215, else 0. Takes the batch over: its buffer can't
   * be used any more afterwards. Rejects only where a worker fails or the pool is closed; then nothing is known.
   */
  async verify(packed: PackedSignatures): Promise<Uint8Array> {
    assert(!this.#closed, "a closed pool verifies nothing");
    const verdicts = this.#track(
      this.#pool === undefined
        ? Promise.resolve(this.#kernel!.verifyPacked(unpackSignatures(packed)))
        : (this.#pool.run(packed, { name: "verifyTask", transferList: [packed] }) as Promise<Uint8Array>),
    );
    const judged = await verdicts;
    this.#verifiedSignatures += judged.length;
    return judged;
  }

  /** Packs the items, verifies them and gives a verdict for each, in order. */
  async verifyItems(items: readonly SignatureItem[], prefix?: Uint8Array): Promise<boolean[]> {
    const verdicts = await this.verify(packSignatures(items, prefix));
    return Array.from(verdicts, (verdict) => verdict === 1);
  }

  /** A byte for each signature of the transactions, in their order: 1 where it is valid. */
  verifyTransactions(transactions: readonly SignedTransaction[], prefix: Uint8Array): Promise<Uint8Array> {
    return this.verify(packTransactions(transactions, prefix));
  }

  /**
   * Counts keys that signed a committed transaction, one entry a signature. One that is counted often enough gets a table,
   * which makes its signatures cheaper from then on; built one at a time, in a worker.
   */
  countCommitted(publicKeys: Iterable<Uint8Array>): void {
    this.#earner?.countCommitted(publicKeys);
  }

  /** Takes no more batches, waits for those under way, then ends the workers. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#underWay, this.#earner?.stop()]);
    await this.#pool?.destroy();
  }

  async #earn(key: Uint8Array): Promise<boolean> {
    return this.#pool === undefined
      ? this.#kernel!.earnTable(key)
      : ((await this.#pool.run(key, { name: "earnTableTask" })) as boolean);
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }
}
