// The way of submitted transactions up to the pool: read, checked, signatures verified in batches, and handed over. Plain payments are
// read by the intake kernel, all others decoded.

import { bytesKey, equalBytes } from "../base/bytes.js";
import type { Clock } from "../base/clock.js";
import { IdTable } from "../base/idTable.js";
import { CodedError } from "../protocol/errors.js";
import { ReadTransaction } from "../protocol/readTransaction.js";
import { decodeTransaction, type Transaction } from "../protocol/transaction.js";
import { IntakeKernel, type PaymentTerms } from "../wasm/intakeKernel.js";
import { Arrival, decide, failAll, follow, Submission, type SubmitResult, sameArrival, verdictOf } from "./arrivals.js";
import type { MempoolLimits } from "./limits.js";
import type { PoolAccount } from "./poolAccount.js";
import type { PoolAccounts } from "./poolAccounts.js";
import { SignatureBatcher, signatureCount, type VerifyBatch } from "./signatureBatcher.js";

export interface AdmissionServices {
  limits: MempoolLimits;
  accounts: PoolAccounts;
  genesisHash: Uint8Array;
  verifyBatch: VerifyBatch;
  batchesAtOnce: number | undefined;
  clock: Clock | undefined;
  withIntake: boolean;
  /** Throws the coded error that keeps a transaction out before anything is verified. */
  expectWelcome(transaction: Transaction, idKey: string, terms: PaymentTerms | undefined, verifyingBytes: number): void;
  /** One that waits in the pool, where all have been verified. */
  waiting(idKey: string): Transaction | undefined;
  /** Takes one whose signatures are valid, or throws the coded error that keeps it out. */
  enter(arrival: Arrival): void;
}

/** A block's transactions as this node has them. */
export interface BlockTransactions {
  transactions: Transaction[];
  /** Those of them that this node has not verified yet; with the verdict to come where that is under way. */
  unverified: { transaction: Transaction; verdict: Promise<boolean> | undefined }[];
}

export function busyError({ retryAfterMs }: MempoolLimits, message: string): CodedError {
  return new CodedError("BUSY", message, { retryAfterMs });
}

function sentBy(isNewcomer: boolean): "customers" | "newcomers" {
  return isNewcomer ? "newcomers" : "customers";
}

export class Admission {
  private readonly arrivals = new IdTable<Arrival>();
  private readonly batcher: SignatureBatcher<Arrival>;
  private readonly intake: IntakeKernel | undefined;
  private verifyingBytes = 0;
  /** Accounts of which something is under verification, by who sent it. */
  private readonly sendersVerifying = { customers: 0, newcomers: 0 };
  private shareTaken: CodedError | undefined;

  constructor(private readonly services: AdmissionServices) {
    const { verifyBatch, genesisHash, batchesAtOnce, clock, withIntake } = services;
    this.intake = withIntake ? new IntakeKernel() : undefined;
    this.batcher = new SignatureBatcher({
      verifyBatch,
      genesisHash,
      batchesAtOnce,
      clock,
      onVerdict: (arrival, valid) => this.onVerdict(arrival, valid),
      onFailure: (arrival, error) => {
        this.land(arrival);
        failAll(arrival, error);
      },
    });
  }

  /** Signatures queued or under verification. */
  get verifying(): number {
    return this.batcher.verifying;
  }

  /** The chain's parameters, as the ledger kernel takes them. */
  setParameters(encoded: Uint8Array): void {
    this.intake?.setParameters(encoded);
  }

  /** Admits or refuses each; the promise resolves when all are decided. The bytes are kept: pass copies. */
  submit(transactions: readonly Uint8Array[], isNewcomer: boolean): Promise<SubmitResult[]> {
    const submission = new Submission(transactions.length, isNewcomer);
    this.services.accounts.bound();
    let index = 0;
    while (index < transactions.length && !this.isBehind) {
      const first = index;
      const end = this.read(transactions, first);
      // One that is too long for the kernel goes the way of every kind.
      const next = Math.max(end, first + 1);
      for (; index < next && !this.isBehind; index++) {
        this.arrive(submission, index, transactions[index], index < end ? index - first : undefined);
      }
    }
    // Before anything is computed: a node that can't keep up must not spend its time on refusals.
    const refusal = index < transactions.length ? this.behind() : undefined;
    for (; index < transactions.length; index++) {
      submission.decide(index, undefined, refusal);
    }
    return submission.decided;
  }

  /** Has the kernel read transactions from `first` on, as many as it takes at once; returns where those end. */
  private read(transactions: readonly Uint8Array[], first: number): number {
    const { intake } = this;
    let end = first;
    if (intake !== undefined) {
      intake.begin();
      while (end < transactions.length && intake.add(transactions[end])) {
        end++;
      }
      intake.read();
    }
    return end;
  }

  /** Whether nothing more can be taken in before others are done. */
  private get isBehind(): boolean {
    return this.batcher.verifying >= this.services.limits.verifyingMax;
  }

  private behind(): CodedError {
    return busyError(this.services.limits, `${this.batcher.verifying} signatures wait for verification`);
  }

  /** A block's transactions: those that wait or are verified here are not read again. Throws as decoding does. */
  ofBlock(encoded: readonly Uint8Array[]): BlockTransactions {
    const found: BlockTransactions = { transactions: [], unverified: [] };
    for (let index = 0; index < encoded.length; ) {
      const first = index;
      const end = this.read(encoded, first);
      const next = Math.max(end, first + 1);
      for (; index < next; index++) {
        this.find(encoded[index], index < end ? index - first : undefined, found);
      }
    }
    return found;
  }

  /** Finds one of a block's transactions, number `place` of what the kernel has read. */
  private find(bytes: Uint8Array, place: number | undefined, { transactions, unverified }: BlockTransactions): void {
    const idKeyRead = place === undefined ? undefined : this.intake?.idKey(place);
    const decoded = idKeyRead === undefined ? decodeTransaction(bytes) : undefined;
    const idKey = idKeyRead ?? bytesKey(decoded!.id);
    const waiting = this.services.waiting(idKey);
    if (waiting !== undefined && equalBytes(waiting.bytes, bytes)) {
      transactions.push(waiting);
      return;
    }
    const arrival = sameArrival(this.arrivals, idKey, bytes);
    const transaction = arrival?.transaction ?? decoded ?? new ReadTransaction(bytes, this.intake!.payment(place!)!);
    transactions.push(transaction);
    // Newcomers' batches wait for others: a block does not.
    const verdict = arrival === undefined || arrival.submission.isNewcomer ? undefined : verdictOf(arrival);
    unverified.push({ transaction, verdict });
  }

  /** Takes one of a submission's transactions in, number `place` of what the kernel has read. */
  private arrive(submission: Submission, index: number, bytes: Uint8Array, place: number | undefined): void {
    let idKey: string | undefined;
    try {
      const read = place === undefined ? undefined : this.intake?.payment(place);
      const whole = read === undefined ? decodeTransaction(bytes) : undefined;
      const transaction = read === undefined ? ReadTransaction.of(whole!) : new ReadTransaction(bytes, read);
      idKey = transaction.idKey;
      const same = sameArrival(this.arrivals, idKey, bytes);
      if (same !== undefined) {
        follow(same, submission, index);
        return;
      }
      const terms = read === undefined ? undefined : this.intake?.terms(place!);
      this.services.expectWelcome(whole ?? transaction, idKey, terms, this.verifyingBytes);
      const sender = this.services.accounts.of(terms?.sender ?? bytesKey(whole!.signers[0].address));
      const refusal = this.shareRefusal(sender, submission.isNewcomer);
      if (refusal !== undefined) {
        submission.decide(index, undefined, refusal);
        return;
      }
      this.verify(new Arrival(submission, index, transaction, sender, terms));
    } catch (error) {
      if (!(error instanceof CodedError)) {
        throw error;
      }
      submission.decide(index, idKey, error);
    }
  }

  /**
   * While many signatures wait, no sender may have more of them than its share: one that sends the most must not keep the others out. A
   * newcomer's count against what newcomers sent alone.
   */
  private shareRefusal(sender: PoolAccount, isNewcomer: boolean): CodedError | undefined {
    const { limits } = this.services;
    const from = sentBy(isNewcomer);
    const verifying = sender.verifying[from];
    const senders = this.sendersVerifying[from] + (verifying === 0 ? 1 : 0);
    if (2 * this.batcher.verifying < limits.verifyingMax || verifying * 2 * senders <= limits.verifyingMax) {
      return undefined;
    }
    // One error for all: making them would be most of what such a flood costs.
    this.shareTaken ??= busyError(limits, "this sender's share of the signatures that wait for verification is taken");
    return this.shareTaken;
  }

  private verify(arrival: Arrival): void {
    const { sender, transaction, submission } = arrival;
    const from = sentBy(submission.isNewcomer);
    this.arrivals.add(arrival);
    this.verifyingBytes += transaction.bytes.length;
    this.sendersVerifying[from] += sender.verifying[from] === 0 ? 1 : 0;
    sender.verifying[from] += signatureCount(transaction);
    sender.uses++;
    this.batcher.add(arrival, submission.isNewcomer);
  }

  /** An arrival is under verification no longer. */
  private land(arrival: Arrival): void {
    const { sender, transaction, submission } = arrival;
    const from = sentBy(submission.isNewcomer);
    this.arrivals.remove(arrival);
    this.verifyingBytes -= transaction.bytes.length;
    sender.verifying[from] -= signatureCount(transaction);
    this.sendersVerifying[from] -= sender.verifying[from] === 0 ? 1 : 0;
    sender.uses--;
  }

  private onVerdict(arrival: Arrival, valid: boolean): void {
    try {
      if (!valid) {
        throw new CodedError("BAD_SIGNATURE");
      }
      this.services.enter(arrival);
      decide(arrival, undefined);
    } catch (error) {
      if (error instanceof CodedError) {
        decide(arrival, error);
      } else {
        failAll(arrival, error);
      }
    } finally {
      this.land(arrival);
    }
  }
}
