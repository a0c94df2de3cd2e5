// Gathers the signatures of many submissions into batches for the worker pool: one hand-over costs as much as dozens of
// verifications, and a signature in a large batch costs a quarter of one alone. Only few batches are under way at once; what comes
// meanwhile joins the next, so that batches are small and quick while there is little to do and grow with the load.

import type { Clock, Timer } from "../base/clock.js";
import type { SignedTransaction } from "../pool/packedSignatures.js";
import { signedMessage, TAGS } from "../protocol/hashing.js";
import { SIGNATURE_BYTES } from "../protocol/transaction.js";

/** Verifies a batch somewhere: a byte for each signature, in order, 1 where it is valid. Every signature covers `prefix` and its body. */
export type VerifyBatch = (transactions: readonly SignedTransaction[], prefix: Uint8Array) => Promise<Uint8Array>;

const BATCH_SIGNATURES_MAX = 256;
/** One batch that is judged and one that is on its way, where nothing else is asked for. */
export const BATCHES_AT_ONCE_DEFAULT = 2;
/** After a batch that was not full, so long until the next such one: the hand-overs of small ones would be a tenth of a busy main thread. */
const GATHER_MS = 4;
/** For so many batches of known senders, one of newcomers may be under way. */
const KNOWN_BATCHES_A_NEWCOMERS = 8;

/** How many signatures a transaction has. */
export function signatureCount({ bytes, bodyBytes }: SignedTransaction): number {
  return (bytes.length - bodyBytes) / SIGNATURE_BYTES;
}

export interface BatcherOptions<T> {
  verifyBatch: VerifyBatch;
  genesisHash: Uint8Array;
  batchesAtOnce?: number | undefined;
  /** Lets small batches gather under load; without it each goes as soon as it may. */
  clock?: Clock | undefined;
  /** Told whether all signatures of one are valid. */
  onVerdict: (waiting: T, valid: boolean) => void;
  /** Told of each of a batch that could not be judged. */
  onFailure: (waiting: T, error: unknown) => void;
}

/** What waits for verification, in the order of arrival. */
class BatchQueue<T extends { readonly transaction: SignedTransaction }> {
  batchesUnderWay = 0;
  private waiting: T[] = [];
  /** How many at the front were handed over. */
  private taken = 0;
  private readonly smallBatchesAtOnce: number;

  constructor(private readonly batchesAtOnce: number) {
    this.smallBatchesAtOnce = Math.min(batchesAtOnce, BATCHES_AT_ONCE_DEFAULT);
  }

  push(waiting: T): void {
    this.waiting.push(waiting);
  }

  /** Small batches go only while few are under way: a worker that is busy anyway gets more at once a little later. */
  mayHandOver(): boolean {
    const atOnce = this.isFull ? this.batchesAtOnce : this.smallBatchesAtOnce;
    return this.waiting.length > this.taken && this.batchesUnderWay < atOnce;
  }

  /** Whether a full batch waits. */
  get isFull(): boolean {
    return this.waiting.length - this.taken >= BATCH_SIGNATURES_MAX;
  }

  nextBatch(): T[] {
    let signatures = 0;
    let end = this.taken;
    while (end < this.waiting.length && signatures < BATCH_SIGNATURES_MAX) {
      signatures += signatureCount(this.waiting[end++].transaction);
    }
    const batch = this.waiting.slice(this.taken, end);
    this.taken = end;
    // Moving the rest up for every batch would cost more than the batch where thousands wait.
    if (2 * end > this.waiting.length) {
      this.waiting = this.waiting.slice(end);
      this.taken = 0;
    }
    return batch;
  }
}

export class SignatureBatcher<T extends { readonly transaction: SignedTransaction }> {
  private scheduled = false;
  private timer: Timer | undefined;
  private lastHandOverMs = Number.NEGATIVE_INFINITY;
  private verifyingCount = 0;
  /** Tag and genesis hash: what every signing message begins with, so that it travels once a batch. */
  private readonly prefix: Uint8Array;
  private readonly known: BatchQueue<T>;
  /** Of senders who have not proved themselves: a bad signature makes its whole batch dear, so theirs are never in one with others. */
  private readonly newcomers: BatchQueue<T>;

  constructor(private readonly options: BatcherOptions<T>) {
    this.prefix = signedMessage(TAGS.transaction, options.genesisHash, new Uint8Array(0));
    const batchesAtOnce = options.batchesAtOnce ?? BATCHES_AT_ONCE_DEFAULT;
    this.known = new BatchQueue(batchesAtOnce);
    this.newcomers = new BatchQueue(Math.max(1, Math.floor(batchesAtOnce / KNOWN_BATCHES_A_NEWCOMERS)));
  }

  /** Signatures queued or under verification. */
  get verifying(): number {
    return this.verifyingCount;
  }

  add(waiting: T, isNewcomer: boolean): void {
    this.verifyingCount += signatureCount(waiting.transaction);
    const queue = isNewcomer ? this.newcomers : this.known;
    queue.push(waiting);
    if (queue.isFull) {
      this.timer?.cancel();
      this.timer = undefined;
    }
    this.schedule();
  }

  /** Hands the next batch over once the event loop has taken in what has arrived. */
  private schedule(): void {
    if (this.scheduled || this.timer !== undefined || !(this.known.mayHandOver() || this.newcomers.mayHandOver())) {
      return;
    }
    const { clock } = this.options;
    const waitMs = clock === undefined ? 0 : this.lastHandOverMs + GATHER_MS - clock.monotonicMs();
    if (clock !== undefined && waitMs > 0 && !this.known.isFull && !this.newcomers.isFull) {
      this.timer = clock.setTimer(waitMs, () => {
        this.timer = undefined;
        this.handOverNext();
        this.schedule();
      });
      return;
    }
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.handOverNext();
      this.schedule();
    });
  }

  private handOverNext(): void {
    for (const queue of [this.known, this.newcomers]) {
      if (queue.mayHandOver()) {
        this.handOver(queue);
      }
    }
  }

  private handOver(queue: BatchQueue<T>): void {
    queue.batchesUnderWay++;
    this.lastHandOverMs = this.options.clock?.monotonicMs() ?? 0;
    void this.run(queue.nextBatch()).finally(() => {
      queue.batchesUnderWay--;
      this.schedule();
    });
  }

  private async run(batch: T[]): Promise<void> {
    const { verifyBatch, onVerdict, onFailure } = this.options;
    let verdicts: Uint8Array;
    try {
      verdicts = await verifyBatch(
        batch.map(({ transaction }) => transaction),
        this.prefix,
      );
    } catch (error) {
      for (const waiting of batch) {
        this.verifyingCount -= signatureCount(waiting.transaction);
        onFailure(waiting, error);
      }
      return;
    }
    let at = 0;
    for (const waiting of batch) {
      const count = signatureCount(waiting.transaction);
      this.verifyingCount -= count;
      let valid = true;
      for (let i = 0; i < count; i++) {
        valid &&= verdicts[at++] === 1;
      }
      onVerdict(waiting, valid);
    }
  }
}

interface Asked {
  transaction: SignedTransaction;
  resolve: (valid: boolean) => void;
  reject: (error: unknown) => void;
}

/** The same with a promise for each transaction. */
export class TransactionVerifier {
  private readonly batcher: SignatureBatcher<Asked>;

  constructor(verifyBatch: VerifyBatch, genesisHash: Uint8Array, batchesAtOnce?: number) {
    this.batcher = new SignatureBatcher<Asked>({
      verifyBatch,
      genesisHash,
      batchesAtOnce,
      onVerdict: ({ resolve }, valid) => resolve(valid),
      onFailure: ({ reject }, error) => reject(error),
    });
  }

  /** Signatures queued or under verification. */
  get verifying(): number {
    return this.batcher.verifying;
  }

  /** Whether every signature of the transaction matches its signer's key. */
  verify(transaction: SignedTransaction, isNewcomer = false): Promise<boolean> {
    return new Promise((resolve, reject) => this.batcher.add({ transaction, resolve, reject }, isNewcomer));
  }
}
