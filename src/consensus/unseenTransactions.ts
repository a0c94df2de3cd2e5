// Reads a block's transactions, and verifies the signatures of those that did not come by the mempool, which verifies the rest.

import type { Mempool } from "../mempool/mempool.js";
import { TransactionVerifier, type VerifyBatch } from "../mempool/signatureBatcher.js";
import { CodedError } from "../protocol/errors.js";
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

  /** The transactions, all of whose signatures hold. Throws BAD_SIGNATURE, or as decoding does. */
  async read(encoded: readonly Uint8Array[]): Promise<Transaction[]> {
    const { transactions, unverified } = this.mempool.ofBlock(encoded);
    const verdicts = unverified.map(({ transaction, verdict }) => verdict ?? this.verifier.verify(transaction));
    if (!(await Promise.all(verdicts)).every((valid) => valid)) {
      throw new CodedError("BAD_SIGNATURE", "a transaction of the block has a signature that does not match");
    }
    return transactions;
  }
}
