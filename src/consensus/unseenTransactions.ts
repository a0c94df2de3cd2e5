// Verifies the signatures of a block's transactions that did not come by the mempool, which has verified the rest.

import { equalBytes } from "../base/bytes.js";
import type { Mempool } from "../mempool/mempool.js";
import { TransactionVerifier, type VerifyBatch } from "../mempool/signatureBatcher.js";
import type { Transaction } from "../protocol/transaction.js";

export class UnseenTransactions {
  private readonly verifier: TransactionVerifier;

  constructor(
    private readonly mempool: Mempool,
    verifyBatch: VerifyBatch,
    genesisHash: Uint8Array,
  ) {
    this.verifier = new TransactionVerifier(verifyBatch, genesisHash);
  }

  /** Whether all signatures hold. */
  async verify(transactions: Transaction[]): Promise<boolean> {
    const unseen = transactions.filter(({ id, bytes }) => {
      const waiting = this.mempool.pending(id);
      return waiting === undefined || !equalBytes(waiting.bytes, bytes);
    });
    const verdicts = await Promise.all(unseen.map((transaction) => this.verifier.verify(transaction)));
    return verdicts.every((valid) => valid);
  }
}
