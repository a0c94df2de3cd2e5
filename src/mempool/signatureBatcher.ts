// Gathers the signatures of many submissions into batches for the worker pool: one hand-over costs as much as dozens of
// verifications, and batches verify quicker. A batch leaves when it is full or when the event loop has nothing more to add.

import type { Transaction } from "../protocol/transaction.js";
import { signingMessage } from "../protocol/transaction.js";

/** One signature to check. */
export interface SignatureItem {
  signature: Uint8Array;
  message: Uint8Array;
  publicKey: Uint8Array;
}

/** Verifies a batch somewhere; verdicts in the order of the items. */
export type VerifyBatch = (items: SignatureItem[]) => Promise<boolean[]>;

interface Waiting {
  items: SignatureItem[];
  resolve: (valid: boolean) => void;
  reject: (error: unknown) => void;
}

const BATCH_SIGNATURES_MAX = 256;

export class SignatureBatcher {
  private queue: Waiting[] = [];
  private queuedSignatures = 0;
  private scheduled = false;
  private verifyingCount = 0;

  constructor(
    private readonly verifyBatch: VerifyBatch,
    private readonly genesisHash: Uint8Array,
  ) {}

  /** Signatures queued or under verification. */
  get verifying(): number {
    return this.verifyingCount;
  }

  /** Whether every signature of the transaction matches its signer's key. */
  verify(transaction: Transaction): Promise<boolean> {
    const message = signingMessage(this.genesisHash, transaction.bytes.subarray(0, transaction.bodyBytes));
    const items = transaction.signers.map((signer, i) => ({
      signature: transaction.signatures[i],
      message,
      publicKey: signer.publicKey,
    }));
    this.verifyingCount += items.length;
    return new Promise((resolve, reject) => {
      this.queue.push({ items, resolve, reject });
      this.queuedSignatures += items.length;
      if (this.queuedSignatures >= BATCH_SIGNATURES_MAX) {
        this.flush();
      } else if (!this.scheduled) {
        this.scheduled = true;
        setImmediate(() => {
          this.scheduled = false;
          this.flush();
        });
      }
    });
  }

  private flush(): void {
    const batch = this.queue;
    if (batch.length === 0) {
      return;
    }
    this.queue = [];
    this.queuedSignatures = 0;
    this.run(batch).catch((error: unknown) => {
      for (const waiting of batch) {
        waiting.reject(error);
      }
    });
  }

  private async run(batch: Waiting[]): Promise<void> {
    const items = batch.flatMap((waiting) => waiting.items);
    try {
      const verdicts = await this.verifyBatch(items);
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
