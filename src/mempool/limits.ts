// What the mempool holds at most. Options of the node may lower or raise each.

export interface MempoolLimits {
  transactionsMax: number;
  bytesMax: number;
  /**
   * The part of the pool, in transactions and bytes, for those that wait for one before them in their lane. They cost their sender
   * nothing until that one comes, so they must not fill the pool.
   */
  earlyTransactionsMax: number;
  earlyBytesMax: number;
  /** Transactions that one sender may have waiting, over all its lanes. */
  senderTransactionsMax: number;
  /** Lanes in which one sender may have transactions waiting. */
  senderLanesMax: number;
  /** How far a sequence may run ahead of its lane's next one; what lies between may still be on its way. */
  sequenceAheadMax: number;
  /**
   * Signatures waiting for or under verification; beyond it the answer is BUSY, and beyond half of it for senders with more than their share.
   * Half a second's work: a pause of the main thread, while what arrives piles up, must not be answered with BUSY.
   */
  verifyingMax: number;
  /** What BUSY tells the client to wait. */
  retryAfterMs: number;
}

export const MEMPOOL_LIMITS: MempoolLimits = {
  transactionsMax: 200_000,
  bytesMax: 128 * 1024 * 1024,
  earlyTransactionsMax: 100_000,
  earlyBytesMax: 64 * 1024 * 1024,
  senderTransactionsMax: 20_000,
  senderLanesMax: 4_096,
  sequenceAheadMax: 4_096,
  verifyingMax: 32_768,
  retryAfterMs: 500,
};
