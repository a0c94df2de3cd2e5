// Gathers the signatures of many submissions into batches for the worker pool: one hand-over costs as much as dozens of
// verifications, and a signature in a large batch costs a quarter of one alone. Only few batches are under way at once; what comes
// meanwhile joins the next, so that batches are small and quick while there is little to do and grow with the load.

import type { SignatureItem } from "../pool/packedSignatures.js";
import { signedMessage, TAGS } from "../protocol/hashing.js";
import type { Transaction } from "../protocol/transaction.js";

/** Verifies a batch somewhere; verdicts in the order of the items. Every signature covers `prefix` and its item's message. */
export type VerifyBatch = (items: readonly SignatureItem[], prefix: Uint8Array) => Promise<boolean[]>;

interface Waiting {
  items: SignatureItem[];
  resolve: (valid: boolean) => void;
  reject: (error: unknown) => void;
}

const BATCH_SIGNATURES_MAX = 256;
/** One batch that is judged and one that is on its way, where nothing else is asked for. */
export const BATCHES_AT_ONCE_DEFAULT = 2;

export class SignatureBatcher {
  private queue: Waiting[] = [];
  private scheduled = false;
  private batchesUnderWay = 0;
  private verifyingCount = 0;

  /** Tag and genesis hash: what every signing message begins with, so that it travels once a batch. */
  private readonly prefix: Uint8Array;

  constructor(
    private readonly verifyBatch: VerifyBatch,
    genesisHash: Uint8Array,
    private readonly batchesAtOnce = BATCHES_AT_ONCE_DEFAULT,
  ) {
    this.prefix = signedMessage(TAGS.transaction, genesisHash, new Uint8Array(0));
  }

  /** Signatures queued or under verification. */
  get verifying(): number {
    return this.verifyingCount;
  }

  /** Whether every signature of the transaction matches its signer's key. */
  verify(transaction: Transaction): Promise<boolean> {
    const message = transaction.bytes.subarray(0, transaction.bodyBytes);
    const items = transaction.signers.map((signer, i) => ({
      signature: transaction.signatures[i],
      message,
      publicKey: signer.publicKey,
    }));
    this.verifyingCount += items.length;
    return new Promise((resolve, reject) => {
      this.queue.push({ items, resolve, reject });
      this.schedule();
    });
  }

  /** Hands the next batch over once the event loop has taken in what has arrived. */
  private schedule(): void {
    if (!this.scheduled && this.queue.length > 0 && this.batchesUnderWay < this.batchesAtOnce) {
      this.scheduled = true;
      setImmediate(() => {
        this.scheduled = false;
        this.handOver();
      });
    }
  }

  private handOver(): void {
    const batch = this.nextBatch();
    this.batchesUnderWay++;
    this.run(batch)
      .catch((error: unknown) => {
        for (const waiting of batch) {
          waiting.reject(error);
        }
      })
      .finally(() => {
        this.batchesUnderWay--;
        this.schedule();
      });
    this.schedule();
  }

  private nextBatch(): Waiting[] {
    let signatures = 0;
    let count = 0;
    while (count < this.queue.length && signatures < BATCH_SIGNATURES_MAX) {
      signatures += this.queue[count].items.length;
      count++;
    }
    return this.queue.splice(0, count);
  }

  private async run(batch: Waiting[]): Promise<void> {
    const items = batch.flatMap((waiting) => waiting.items);
    try {
      const verdicts = await this.verifyBatch(items, this.prefix);
      let offset = 0;
      for (const waiting of batch) {
        const end = offset + waiting.items.length;
        waiting.resolve(verdicts.slice(offset, end).every((valid) => valid));
        offset = end;
      }
    } finally {
      this.verifyingCount -= items.length;
    }
  }
}
