// Admission and order of waiting transactions. Each passes, cheapest check first: form, chain, duplicate, limits, the rules that
// a block would hold it to, its signatures, and the balance that its sender's other transactions leave. What is admitted
// keeps its place in the order of arrival, within its lane in the order of sequences.

import { bytesKey, keyBytes } from "../base/bytes.js";
import {
  nextSequence,
  verifyFee,
  verifyFeePayable,
  verifyGasLimits,
  verifySigners,
  verifyWindow,
} from "../execution/verifyAdmissible.js";
import { WorkingState } from "../execution/workingState.js";
import { CodedError, type ErrorCode } from "../protocol/errors.js";
import type { ChainParameters } from "../protocol/parameters.js";
import { nativeIndex, type TokenId } from "../protocol/tokens.js";
import { decodeTransaction, type Transaction } from "../protocol/transaction.js";
import type { StateReader } from "../state/views.js";
import { readAccount, readBalance, readLane, readParameters } from "../state/views.js";
import { inBlockOrder, lostTransactions } from "./blockOrder.js";
import { Lanes, laneMapKey, type PoolEntry } from "./lanes.js";
import { MEMPOOL_LIMITS, type MempoolLimits } from "./limits.js";
import { outflowsOf, Reservations } from "./reservations.js";
import { SignatureBatcher, type VerifyBatch } from "./signatureBatcher.js";

/** What became of one submitted transaction: admitted where there is no error. */
export interface SubmitResult {
  /** Undefined where the bytes are no transaction, or the node was too busy to look. */
  id: Uint8Array | undefined;
  error?: CodedError;
}

/** The state that admission reads: the latest committed one. */
export interface MempoolState extends StateReader {
  readonly height: number;
}

export interface MempoolServices {
  state: MempoolState;
  genesisHash: Uint8Array;
  verifyBatch: VerifyBatch;
  /** Batches given to `verifyBatch` at once; 2 where undefined. */
  batchesAtOnce?: number;
  /** Told of transactions whose valid-until height passed. */
  onExpired?: (ids: Uint8Array[], height: number) => void;
  /** Told whenever a transaction became ready for a block. */
  onReady?: () => void;
  limits?: Partial<MempoolLimits>;
}

export class Mempool {
  readonly limits: MempoolLimits;
  private readonly entries = new Map<string, PoolEntry>();
  /** Ready entries in the order in which they became ready. */
  private readonly readyEntries = new Map<string, PoolEntry>();
  private readyBytes = 0;
  private readonly byValidUntil = new Map<number, Set<string>>();
  private readonly senderCounts = new Map<string, number>();
  /** Admissions under way, by id and signatures: the id alone would let anybody keep a transaction out with a bad signature. */
  private readonly admissions = new Map<string, Promise<void>>();
  private verifyingBytes = 0;
  private readonly lanes = new Lanes();
  private readonly reservations = new Reservations();
  private readonly batcher: SignatureBatcher;
  private parameters: ChainParameters;
  private bytesHeld = 0;

  constructor(private readonly services: MempoolServices) {
    this.limits = { ...MEMPOOL_LIMITS, ...services.limits };
    this.batcher = new SignatureBatcher(services.verifyBatch, services.genesisHash, services.batchesAtOnce);
    this.parameters = readParameters(services.state);
  }

  get count(): number {
    return this.entries.size;
  }

  get bytes(): number {
    return this.bytesHeld;
  }

  get readyCount(): number {
    return this.readyEntries.size;
  }

  /** Signatures queued or under verification. */
  get verifying(): number {
    return this.batcher.verifying;
  }

  /** The waiting transaction with this id. */
  pending(id: Uint8Array): Transaction | undefined {
    return this.entries.get(bytesKey(id))?.transaction;
  }

  /** The sequence that the next transaction of a lane should have, after those that wait; undefined where none waits. */
  pendingSequence(address: Uint8Array, lane: number): number | undefined {
    const laneKey = laneMapKey(address, lane);
    if (this.lanes.has(laneKey)) {
      this.restartLane(laneKey, this.laneNext(address, lane));
    }
    return this.lanes.nextOpen(laneKey);
  }

  /** Admits or refuses each; the promise resolves when all are decided. The bytes are kept: pass copies. */
  submit(transactions: Uint8Array[]): Promise<SubmitResult[]> {
    return Promise.all(transactions.map((bytes) => this.submitOne(bytes)));
  }

  private async submitOne(bytes: Uint8Array): Promise<SubmitResult> {
    if (this.batcher.verifying >= this.limits.verifyingMax) {
      // Before anything is computed: a node that can't keep up must not spend its time on refusals.
      return { id: undefined, error: this.busy(`${this.batcher.verifying} signatures wait for verification`) };
    }
    let id: Uint8Array | undefined;
    try {
      const transaction = decodeTransaction(bytes);
      id = transaction.id;
      await this.admit(transaction);
      return { id };
    } catch (error) {
      if (error instanceof CodedError) {
        return { id, error };
      }
      throw error;
    }
  }

  private async admit(transaction: Transaction): Promise<void> {
    const key = bytesKey(transaction.id) + bytesKey(transaction.bytes.subarray(transaction.bodyBytes));
    const before = this.admissions.get(key);
    if (before !== undefined) {
      // The same bytes: where they are refused, so are these.
      await before;
      throw new CodedError("DUPLICATE");
    }
    this.expectNew(transaction);
    this.expectVerifiable(transaction);
    this.expectRoom(transaction);
    this.expectAdmissible(transaction);
    const admission = this.verifyAndInsert(transaction);
    this.admissions.set(key, admission);
    try {
      await admission;
    } finally {
      this.admissions.delete(key);
    }
  }

  private async verifyAndInsert(transaction: Transaction): Promise<void> {
    const bytes = transaction.bytes.length;
    this.verifyingBytes += bytes;
    try {
      if (!(await this.batcher.verify(transaction))) {
        throw new CodedError("BAD_SIGNATURE");
      }
    } finally {
      this.verifyingBytes -= bytes;
    }
    // Blocks were committed and others admitted in the meantime: everything that can change is checked again.
    this.expectNew(transaction);
    this.expectRoom(transaction);
    this.expectAdmissible(transaction);
    this.expectRoomAhead(transaction);
    this.insert(transaction);
  }

  private expectNew(transaction: Transaction): void {
    if (this.entries.has(bytesKey(transaction.id))) {
      throw new CodedError("DUPLICATE");
    }
  }

  private expectVerifiable(transaction: Transaction): void {
    const { bytesMax } = this.limits;
    if (this.bytesHeld + this.verifyingBytes + transaction.bytes.length > bytesMax) {
      throw this.busy(`the mempool is full: ${this.bytesHeld} bytes, and ${this.verifyingBytes} to be verified`);
    }
  }

  /** Only for verified ones: those of one submission come before the ones that they follow are in the pool. */
  private expectRoomAhead(transaction: Transaction): void {
    const { earlyTransactionsMax, earlyBytesMax } = this.limits;
    const laneKey = laneMapKey(transaction.signers[0].address, transaction.lane);
    const open = this.lanes.nextOpen(laneKey) ?? this.laneNext(transaction.signers[0].address, transaction.lane);
    const early = this.entries.size - this.readyEntries.size;
    const earlyBytes = this.bytesHeld - this.readyBytes + transaction.bytes.length;
    if (transaction.sequence !== open && (early >= earlyTransactionsMax || earlyBytes > earlyBytesMax)) {
      throw this.busy(`${early} transactions wait for others before them in their lanes`);
    }
  }

  private busy(message: string): CodedError {
    return new CodedError("BUSY", message, { retryAfterMs: this.limits.retryAfterMs });
  }

  private expectRoom(transaction: Transaction): void {
    const limits = this.limits;
    if (this.entries.size >= limits.transactionsMax || this.bytesHeld + transaction.bytes.length > limits.bytesMax) {
      throw this.busy(`the mempool is full: ${this.entries.size} transactions, ${this.bytesHeld} bytes`);
    }
    const sender = transaction.signers[0].address;
    const senderKey = bytesKey(sender);
    const waiting = this.senderCounts.get(senderKey) ?? 0;
    if (waiting >= limits.senderTransactionsMax) {
      throw this.senderLimit(
        `expected at most ${limits.senderTransactionsMax} waiting transactions of a sender, got ${waiting}`,
      );
    }
    if (
      !this.lanes.has(laneMapKey(sender, transaction.lane)) &&
      this.lanes.countOf(senderKey) >= limits.senderLanesMax
    ) {
      throw this.senderLimit(`expected at most ${limits.senderLanesMax} lanes in use by a sender`);
    }
  }

  private senderLimit(message: string): CodedError {
    return new CodedError("SENDER_LIMIT", message, { retryAfterMs: this.limits.retryAfterMs });
  }

  /** The sequence that the state takes next in a lane. */
  private laneNext(address: Uint8Array, lane: number): number {
    return nextSequence(readLane(this.services.state, address, lane), this.services.state.height + 1);
  }

  /** Lets a lane begin again that expired in the state while transactions waited in it. */
  private restartLane(laneKey: string, next: number): void {
    this.markUnready(this.lanes.restart(laneKey, next));
  }

  /** The checks of a block, but for the sequence, which may wait for the ones before it. */
  private expectAdmissible(transaction: Transaction): void {
    const { state, genesisHash } = this.services;
    verifyWindow(this.parameters, { height: state.height + 1, genesisHash }, transaction);
    const terms = verifyFee(this.parameters, transaction);
    verifyGasLimits(this.parameters, transaction);
    if (terms.fee > transaction.feeLimit) {
      // A block could hold it, but it would only fail there and pay: better to be told at once.
      throw new CodedError(
        "FEE_LIMIT_TOO_LOW",
        `expected a fee limit of at least ${terms.fee}, got ${transaction.feeLimit}`,
        { fee: `${terms.fee}` },
      );
    }
    const working = new WorkingState(state);
    const signers = verifySigners(working, transaction);
    verifyFeePayable(working, signers[transaction.feePayer], transaction, terms);
    this.expectSequence(transaction);
  }

  private expectSequence(transaction: Transaction): void {
    const sender = transaction.signers[0].address;
    const laneKey = laneMapKey(sender, transaction.lane);
    const next = this.laneNext(sender, transaction.lane);
    this.restartLane(laneKey, next);
    const { sequence } = transaction;
    if (sequence < next) {
      throw new CodedError(
        "SEQUENCE_USED",
        `expected sequence ${next} or more in lane ${transaction.lane}, got ${sequence}`,
        { sequenceNext: next },
      );
    }
    const open = Math.max(next, this.lanes.nextOpen(laneKey) ?? 0);
    if (sequence > open + this.limits.sequenceAheadMax) {
      throw new CodedError("SEQUENCE_GAP", `expected sequence ${open} in lane ${transaction.lane}, got ${sequence}`, {
        sequenceNext: open,
      });
    }
    if (this.lanes.at(laneKey, sequence) !== undefined) {
      throw new CodedError(
        "SEQUENCE_USED",
        `another transaction waits with sequence ${sequence} of lane ${transaction.lane}`,
        {
          sequenceNext: open,
        },
      );
    }
  }

  private accountExists = (address: Uint8Array): boolean => readAccount(this.services.state, address) !== undefined;

  private balanceOf(address: Uint8Array, token: TokenId): bigint {
    const index = nativeIndex(token);
    if (index >= 0) {
      return readAccount(this.services.state, address)?.balances[index] ?? 0n;
    }
    return readBalance(this.services.state, address, token)?.amount ?? 0n;
  }

  private insert(transaction: Transaction): void {
    const idKey = bytesKey(transaction.id);
    const outflows = outflowsOf(transaction, this.parameters, this.accountExists);
    for (const { address, token, units } of outflows) {
      const balance = this.balanceOf(address, token);
      const reserved = this.reservations.of(address, token);
      if (reserved + units > balance) {
        const code: ErrorCode = units > balance ? "INSUFFICIENT_BALANCE" : "BALANCE_RESERVED";
        const message = `expected ${units} ${token} besides ${reserved} reserved by waiting transactions, got a balance of ${balance}`;
        throw new CodedError(code, message, { balance: `${balance}`, reserved: `${reserved}`, needed: `${units}` });
      }
    }
    const sender = transaction.signers[0].address;
    const senderKey = bytesKey(sender);
    const laneKey = laneMapKey(sender, transaction.lane);
    const entry: PoolEntry = { transaction, idKey, laneKey, senderKey, outflows, ready: false };
    this.entries.set(idKey, entry);
    this.bytesHeld += transaction.bytes.length;
    this.senderCounts.set(senderKey, (this.senderCounts.get(senderKey) ?? 0) + 1);
    this.reservations.add(outflows);
    this.expirySet(transaction.validUntil).add(idKey);
    this.markReady(this.lanes.add(entry, this.laneNext(sender, transaction.lane)));
  }

  private expirySet(validUntil: number): Set<string> {
    let ids = this.byValidUntil.get(validUntil);
    if (ids === undefined) {
      ids = new Set();
      this.byValidUntil.set(validUntil, ids);
    }
    return ids;
  }

  private markReady(entries: PoolEntry[]): void {
    for (const entry of entries) {
      this.readyEntries.set(entry.idKey, entry);
      this.readyBytes += entry.transaction.bytes.length;
    }
    if (entries.length > 0) {
      this.services.onReady?.();
    }
  }

  private markUnready(entries: PoolEntry[]): void {
    for (const entry of entries) {
      if (this.readyEntries.delete(entry.idKey)) {
        this.readyBytes -= entry.transaction.bytes.length;
      }
    }
  }

  /** The transactions for the next block, in order, within its limits. They stay in the pool until a block commits them. */
  take(transactionsMax: number, bytesMax: number): Transaction[] {
    const taken: Transaction[] = [];
    let bytes = 0;
    for (const transaction of inBlockOrder(this.readyEntries.values(), this.parameters)) {
      bytes += transaction.bytes.length;
      if (taken.length >= transactionsMax || bytes > bytesMax) {
        break;
      }
      taken.push(transaction);
    }
    return taken;
  }

  /** Removes a transaction that no block can hold any more, such as one whose payer's balance is gone. */
  drop(id: Uint8Array): void {
    const entry = this.entries.get(bytesKey(id));
    if (entry !== undefined) {
      this.forget(entry);
      this.markUnready(this.lanes.removeDropped(entry));
    }
  }

  /** The next block couldn't hold these: they leave, but for those that now wait for a sequence before theirs. */
  onLeftOut(leftOut: readonly { transaction: Transaction; error: CodedError }[]): void {
    const lost = lostTransactions(leftOut);
    for (const { transaction, error } of lost) {
      if (error.code !== "SEQUENCE_GAP") {
        this.drop(transaction.id);
      }
    }
    for (const { transaction } of lost) {
      const sender = transaction.signers[0].address;
      this.restartLane(laneMapKey(sender, transaction.lane), this.laneNext(sender, transaction.lane));
      if (this.readyEntries.has(bytesKey(transaction.id))) {
        this.drop(transaction.id);
      }
    }
  }

  /** A block was committed and the state moved to its height: its transactions leave, and so do those that expired. */
  onCommitted(height: number, transactions: Transaction[]): void {
    this.parameters = readParameters(this.services.state);
    const laneNext = new Map<string, number>();
    for (const transaction of transactions) {
      const idKey = bytesKey(transaction.id);
      const entry = this.entries.get(idKey);
      if (entry !== undefined) {
        this.forget(entry);
        this.lanes.remove(entry);
      }
      const laneKey = laneMapKey(transaction.signers[0].address, transaction.lane);
      if (transaction.sequence === 0) {
        this.restartLane(laneKey, 0);
      }
      laneNext.set(laneKey, transaction.sequence + 1);
    }
    for (const [laneKey, next] of laneNext) {
      const { ready, stale } = this.lanes.moveTo(laneKey, next);
      for (const entry of stale) {
        this.lanes.remove(entry);
        this.forget(entry);
      }
      this.markReady(ready);
    }
    this.dropExpired(height);
  }

  private dropExpired(height: number): void {
    const ids = this.byValidUntil.get(height);
    if (ids === undefined) {
      return;
    }
    const expired = [...ids].map(keyBytes);
    for (const id of expired) {
      this.drop(id);
    }
    this.services.onExpired?.(expired, height);
  }

  private forget(entry: PoolEntry): void {
    const { transaction, idKey, senderKey } = entry;
    this.entries.delete(idKey);
    this.markUnready([entry]);
    const ids = this.byValidUntil.get(transaction.validUntil);
    if (ids?.delete(idKey) && ids.size === 0) {
      this.byValidUntil.delete(transaction.validUntil);
    }
    this.bytesHeld -= transaction.bytes.length;
    const left = (this.senderCounts.get(senderKey) ?? 0) - 1;
    if (left > 0) {
      this.senderCounts.set(senderKey, left);
    } else {
      this.senderCounts.delete(senderKey);
    }
    this.reservations.remove(entry.outflows);
  }
}
