// Gathers the signatures of many submissions into batches for the worker pool: one hand-over costs as much as dozens of
// verifications, and batches verify quicker. A batch leaves when it is full or when the event loop has nothing more to add.

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

export class SignatureBatcher {
  private queue: Waiting[] = [];
  private queuedSignatures = 0;
  private scheduled = false;
  private verifyingCount = 0;

  /** Tag and genesis hash: what every signing message begins with, so that it travels once a batch. */
  private readonly prefix: Uint8Array;

  constructor(
    private readonly verifyBatch: VerifyBatch,
    genesisHash: Uint8Array,
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
