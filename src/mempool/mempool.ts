// Admission and order of waiting transactions. Each passes, cheapest check first: form, chain, duplicate, limits, the rules that
// a block would hold it to, its signatures, and the balance that its sender's other transactions leave. What is admitted
// keeps its place in the order of arrival, within its lane in the order of sequences.
// Plain payments are read by the intake kernel and pass on what it gives, without being decoded; where one of their checks does not hold,
// the checks for every kind (admissionChecks.ts) say why, so that both ways give the same verdicts.

import { bytesKey } from "../base/bytes.js";
import type { Clock } from "../base/clock.js";
import { HeightIndex } from "../base/heightIndex.js";
import { IdTable } from "../base/idTable.js";
import type { Ledger } from "../execution/kernel/kernelLedger.js";
import { encodeKernelParameters } from "../execution/kernel/kernelParameters.js";
import { CodedError } from "../protocol/errors.js";
import { gasLimitsOf } from "../protocol/operations/contracts.js";
import type { PackedChanges } from "../protocol/packedChanges.js";
import type { ChainParameters } from "../protocol/parameters.js";
import { idKeyOf } from "../protocol/readTransaction.js";
import { NATIVE_TOKENS } from "../protocol/tokens.js";
import type { Transaction } from "../protocol/transaction.js";
import { readParameters } from "../state/views.js";
import type { PaymentTerms } from "../wasm/intakeKernel.js";
import { Admission, type BlockTransactions, busyError } from "./admission.js";
import { expectAdmissible, expectFree, expectSequence, type PoolView } from "./admissionChecks.js";
import type { Arrival, SubmitResult } from "./arrivals.js";
import { MEMPOOL_LIMITS, type MempoolLimits } from "./limits.js";
import { lostTransactions } from "./lostTransactions.js";
import { type Lane, PoolEntry } from "./poolAccount.js";
import { type MempoolState, PoolAccounts } from "./poolAccounts.js";
import { ReadyOrder } from "./readyOrder.js";
import { outflowsOf, paymentOutflows } from "./reservations.js";
import type { VerifyBatch } from "./signatureBatcher.js";
import { withOwnBytes } from "./withOwnBytes.js";

export { SubmitResult } from "./arrivals.js";

export interface MempoolServices {
  state: MempoolState;
  /** What executes blocks on `state`, asked whether payees have accounts: it holds most of them. The twin, which reads the state, where undefined. */
  ledger?: Pick<Ledger, "hasAccount">;
  genesisHash: Uint8Array;
  verifyBatch: VerifyBatch;
  /** Batches given to `verifyBatch` at once; 2 where undefined. */
  batchesAtOnce?: number;
  /** Lets signatures gather to larger batches under load. */
  clock?: Clock;
  /** Told of transactions whose valid-until height passed. */
  onExpired?: (ids: Uint8Array[], height: number) => void;
  /** Told of transactions whose sequence another one in a block has used up: no block can hold them any more. */
  onOvertaken?: (ids: Uint8Array[], height: number) => void;
  /** Told whenever a transaction became ready for a block. */
  onReady?: () => void;
  limits?: Partial<MempoolLimits>;
  /** Whether payments are read by the intake kernel; true where undefined. The verdicts are the same. */
  intake?: boolean;
}

export class Mempool {
  readonly limits: MempoolLimits;
  private readonly entries = new IdTable<PoolEntry>();
  private readonly ready = new ReadyOrder();
  private readonly expiries = new HeightIndex<PoolEntry>();
  private readonly accounts: PoolAccounts;
  private readonly admission: Admission;
  private parameters: ChainParameters;
  private bytesHeld = 0;
  /** Accounts of which something waits. */
  private sendersWaiting = 0;

  constructor(private readonly services: MempoolServices) {
    const { state, ledger, genesisHash, verifyBatch, batchesAtOnce, clock } = services;
    this.limits = { ...MEMPOOL_LIMITS, ...services.limits };
    this.accounts = new PoolAccounts(state, ledger);
    this.admission = new Admission({
      limits: this.limits,
      accounts: this.accounts,
      genesisHash,
      verifyBatch,
      batchesAtOnce,
      clock,
      withIntake: services.intake ?? true,
      expectWelcome: (...arrival) => this.expectWelcome(...arrival),
      waiting: (idKey) => this.entries.get(idKey)?.transaction,
      enter: (arrival) => this.enter(arrival),
    });
    this.parameters = readParameters(state);
    this.tellParameters();
  }

  private tellParameters(): void {
    const { genesisHash, state } = this.services;
    this.admission.setParameters(
      encodeKernelParameters(this.parameters, { height: state.height + 1, timeMs: 0, genesisHash }),
    );
  }

  get count(): number {
    return this.entries.count;
  }

  get bytes(): number {
    return this.bytesHeld;
  }

  get readyCount(): number {
    return this.ready.count;
  }

  /** Signatures queued or under verification. */
  get verifying(): number {
    return this.admission.verifying;
  }

  /** The waiting transaction with this id. */
  pending(id: Uint8Array): Transaction | undefined {
    return this.entries.get(bytesKey(id))?.transaction;
  }

  /** Whether the transaction whose id has this `bytesKey` waits. */
  holds(idKey: string): boolean {
    return this.entries.get(idKey) !== undefined;
  }

  /** The sequence that the next transaction of a lane should have, after those that wait; undefined where none waits. */
  pendingSequence(address: Uint8Array, number: number): number | undefined {
    const lane = this.accounts.known(bytesKey(address))?.lanes.get(number);
    if (lane !== undefined) {
      this.restart(lane);
    }
    return lane?.nextOpen;
  }

  /**
   * Admits or refuses each; the promise resolves when all are decided. The bytes are kept: pass copies. Signatures of newcomers, who may
   * send anything, are verified in batches of their own.
   */
  submit(transactions: readonly Uint8Array[], isNewcomer = false): Promise<SubmitResult[]> {
    return this.admission.submit(transactions, isNewcomer);
  }

  /** The transactions of a block that others made, as far as they are known here. Throws as decoding does. */
  ofBlock(encoded: readonly Uint8Array[]): BlockTransactions {
    return this.admission.ofBlock(encoded);
  }

  private busy(message: string): CodedError {
    return busyError(this.limits, message);
  }

  private expectWelcome(
    transaction: Transaction,
    idKey: string,
    terms: PaymentTerms | undefined,
    verifyingBytes: number,
  ): void {
    this.expectNew(idKey);
    const { bytes } = transaction;
    if (this.bytesHeld + verifyingBytes + bytes.length > this.limits.bytesMax) {
      throw this.busy(`the mempool is full: ${this.bytesHeld} bytes, and ${verifyingBytes} to be verified`);
    }
    if (terms === undefined || !this.passes(terms, transaction)) {
      this.check(transaction);
    }
  }

  private expectNew(idKey: string): void {
    if (this.entries.get(idKey) !== undefined) {
      throw new CodedError("DUPLICATE");
    }
  }

  private get view(): PoolView {
    const { accounts, parameters, limits, services } = this;
    return { accounts, parameters, limits, state: services.state, genesisHash: services.genesisHash };
  }

  /** Blocks were committed and others admitted in the meantime: everything that can change is checked again. */
  private enter({ transaction: arrived, sender, terms }: Arrival): void {
    this.expectNew(arrived.idKey);
    // What was decoded for the checks is not kept: only its bytes wait.
    const whole = terms === undefined || !this.passes(terms, arrived) ? arrived.decode() : undefined;
    if (whole !== undefined) {
      this.check(whole);
    }
    const lane = this.accounts.laneOf(sender, arrived.lane);
    const isEarly = this.isEarly(arrived, lane);
    const { accounts, parameters } = this;
    const outflows =
      terms === undefined
        ? outflowsOf(whole!, parameters, accounts)
        : paymentOutflows(terms, parameters.depositAccountTtcUnits, accounts);
    for (const outflow of outflows) {
      expectFree(outflow);
    }
    // What waits long must not keep the memory of its neighbours.
    const transaction = isEarly ? withOwnBytes(arrived) : arrived;
    const gas = arrived.runsContracts ? gasLimitsOf(whole!.operations) : undefined;
    this.insert(new PoolEntry(transaction, lane, outflows, gas));
  }

  /** Whether a payment passes all checks that `check` makes; false where that one has to look. */
  private passes(terms: PaymentTerms, { bytes, lane: number, sequence, validUntil }: Transaction): boolean {
    const { accounts, limits, services, parameters } = this;
    const { genesisHash, state } = services;
    const height = state.height + 1;
    if (
      // The chain's tag follows the version.
      bytes[1] !== genesisHash[0] ||
      bytes[2] !== genesisHash[1] ||
      bytes[3] !== genesisHash[2] ||
      bytes[4] !== genesisHash[3] ||
      validUntil < height ||
      validUntil - height > parameters.validUntilHeightsMax ||
      !terms.isFeeWithinLimit ||
      !this.hasRoom(bytes.length)
    ) {
      return false;
    }
    const { cosigners, feePayer } = terms;
    const sender = accounts.of(terms.sender);
    for (let index = 0; index <= cosigners.length; index++) {
      const signer = index === 0 ? sender : accounts.of(cosigners[index - 1]);
      if (!signer.hasOwnKey || (index === feePayer && signer.balance(NATIVE_TOKENS[terms.feeToken]) < terms.fee)) {
        return false;
      }
    }
    const lane = accounts.laneOf(sender, number);
    if (
      sender.waiting >= limits.senderTransactionsMax ||
      (lane.isEmpty && sender.lanesInUse >= limits.senderLanesMax)
    ) {
      return false;
    }
    const next = lane.stateSequence(height);
    this.markUnready(lane.restart(next));
    const open = Math.max(next, lane.nextOpen ?? 0);
    return sequence >= next && sequence <= open + limits.sequenceAheadMax && lane.at(sequence) === undefined;
  }

  /** The checks of a block and of the pool's limits, but for what waits for earlier sequences and for balances. */
  private check(transaction: Transaction): void {
    this.expectRoom(transaction);
    expectAdmissible(this.view, transaction);
    const lane = this.accounts.laneOf(this.accounts.of(bytesKey(transaction.signers[0].address)), transaction.lane);
    this.restart(lane);
    expectSequence(this.view, lane, transaction);
  }

  /**
   * Whether it waits for others in its lane; throws BUSY where too many do. Only for verified ones: those of one submission come before
   * the ones that they follow are in the pool.
   */
  private isEarly(transaction: Transaction, lane: Lane): boolean {
    const { earlyTransactionsMax, earlyBytesMax } = this.limits;
    const open = lane.nextOpen ?? lane.stateSequence(this.services.state.height + 1);
    if (transaction.sequence === open) {
      return false;
    }
    const early = this.entries.count - this.ready.count;
    const earlyBytes = this.bytesHeld - this.ready.bytes + transaction.bytes.length;
    if (early >= earlyTransactionsMax || earlyBytes > earlyBytesMax) {
      throw this.busy(`${early} transactions wait for others before them in their lanes`);
    }
    return true;
  }

  private hasRoom(bytes: number): boolean {
    return this.entries.count < this.limits.transactionsMax && this.bytesHeld + bytes <= this.limits.bytesMax;
  }

  private expectRoom(transaction: Transaction): void {
    const { limits } = this;
    if (!this.hasRoom(transaction.bytes.length)) {
      throw this.busy(`the mempool is full: ${this.entries.count} transactions, ${this.bytesHeld} bytes`);
    }
    const sender = this.accounts.known(bytesKey(transaction.signers[0].address));
    if (sender === undefined) {
      return;
    }
    if (sender.waiting >= limits.senderTransactionsMax) {
      throw this.senderLimit(
        `expected at most ${limits.senderTransactionsMax} waiting transactions of a sender, got ${sender.waiting}`,
      );
    }
    if ((sender.lanes.get(transaction.lane)?.isEmpty ?? true) && sender.lanesInUse >= limits.senderLanesMax) {
      throw this.senderLimit(`expected at most ${limits.senderLanesMax} lanes in use by a sender`);
    }
  }

  private senderLimit(message: string): CodedError {
    return new CodedError("SENDER_LIMIT", message, { retryAfterMs: this.limits.retryAfterMs });
  }

  /** Lets a lane begin again that expired in the state while transactions waited in it. */
  private restart(lane: Lane): void {
    this.markUnready(lane.restart(lane.stateSequence(this.services.state.height + 1)));
  }

  private insert(entry: PoolEntry): void {
    const { transaction, lane } = entry;
    this.entries.add(entry);
    this.bytesHeld += transaction.bytes.length;
    this.sendersWaiting += lane.account.waiting === 0 ? 1 : 0;
    lane.account.waiting++;
    lane.account.uses++;
    for (const { account, token, units } of entry.outflows) {
      account.reserve(token, units);
      account.uses++;
    }
    this.expiries.add(entry);
    lane.add(entry, lane.stateSequence(this.services.state.height + 1));
    this.markReady(lane);
  }

  /** Takes what became ready in a lane. */
  private markReady(lane: Lane): void {
    let entry = lane.nextReady();
    if (entry !== undefined) {
      for (; entry !== undefined; entry = lane.nextReady()) {
        this.ready.add(entry);
      }
      this.services.onReady?.();
    }
  }

  private markUnready(entries: readonly PoolEntry[]): void {
    for (const entry of entries) {
      this.ready.remove(entry);
    }
  }

  /**
   * The transactions for the next block, in order, within its limits: payments first, then what runs contracts. `encodedBytesMax`: of
   * their bytes and the lengths before them. They stay in the pool until a block commits them.
   */
  take(transactionsMax: number, bytesMax: number, encodedBytesMax = Number.POSITIVE_INFINITY): Transaction[] {
    const room = { transactions: transactionsMax, bytes: bytesMax, encodedBytes: encodedBytesMax };
    return this.ready.take(room, this.sendersWaiting, this.parameters);
  }

  /** Removes a transaction that no block can hold any more, such as one whose payer's balance is gone. */
  drop(id: Uint8Array): void {
    const entry = this.entries.get(bytesKey(id));
    if (entry !== undefined) {
      this.forget(entry);
      this.markUnready(entry.lane.removeDropped(entry));
    }
  }

  /** The next block couldn't hold these: they leave, but for those that now wait for a sequence before theirs. */
  onLeftOut(leftOut: readonly { transaction: Transaction; error: CodedError }[]): void {
    const lost = lostTransactions(leftOut);
    const entries = lost.map(({ transaction }) => this.entries.get(bytesKey(transaction.id)));
    for (const [index, { transaction, error }] of lost.entries()) {
      if (entries[index] !== undefined && error.code !== "SEQUENCE_GAP") {
        this.drop(transaction.id);
      }
    }
    for (const entry of entries) {
      if (entry !== undefined) {
        this.restart(entry.lane);
        if (this.ready.has(entry)) {
          this.drop(entry.transaction.id);
        }
      }
    }
  }

  /**
   * A block was committed and the state moved to its height by these changes: its transactions leave, and so do those that
   * expired.
   */
  onCommitted(height: number, transactions: readonly Transaction[], changes: PackedChanges): void {
    this.accounts.apply(changes);
    this.accounts.bound();
    this.parameters = readParameters(this.services.state);
    this.tellParameters();
    const next = new Map<Lane, number>();
    for (const transaction of transactions) {
      const entry = this.entries.get(idKeyOf(transaction));
      if (entry !== undefined) {
        this.forget(entry);
        entry.lane.remove(entry);
      }
      const lane = entry?.lane ?? this.knownLane(transaction);
      if (lane !== undefined) {
        if (transaction.sequence === 0) {
          this.markUnready(lane.restart(0));
        }
        next.set(lane, transaction.sequence + 1);
      }
    }
    const overtaken: Uint8Array[] = [];
    for (const [lane, sequence] of next) {
      for (const entry of lane.moveTo(sequence)) {
        lane.remove(entry);
        this.forget(entry);
        overtaken.push(entry.transaction.id);
      }
      this.markReady(lane);
    }
    if (overtaken.length > 0) {
      this.services.onOvertaken?.(overtaken, height);
    }
    this.dropExpired(height);
  }

  /** The lane of a transaction that did not wait here, where something waits in it. */
  private knownLane(transaction: Transaction): Lane | undefined {
    return this.accounts.known(bytesKey(transaction.signers[0].address))?.lanes.get(transaction.lane);
  }

  private dropExpired(height: number): void {
    const expired = this.expiries.at(height).map(({ transaction }) => transaction.id);
    for (const id of expired) {
      this.drop(id);
    }
    if (expired.length > 0) {
      this.services.onExpired?.(expired, height);
    }
  }

  private forget(entry: PoolEntry): void {
    const { transaction, lane } = entry;
    this.entries.remove(entry);
    this.ready.remove(entry);
    this.expiries.remove(entry);
    this.bytesHeld -= transaction.bytes.length;
    lane.account.waiting--;
    lane.account.uses--;
    this.sendersWaiting -= lane.account.waiting === 0 ? 1 : 0;
    for (const { account, token, units } of entry.outflows) {
      account.release(token, units);
      account.uses--;
    }
  }
}
