// Transactions on their way in, from their submission to the verdict on their signatures. Two with the same bytes are verified once; the
// id alone would let anybody keep a transaction out with a bad signature.

import { equalBytes, keyBytes } from "../base/bytes.js";
import type { Identified, IdTable } from "../base/idTable.js";
import { CodedError } from "../protocol/errors.js";
import type { ReadTransaction } from "../protocol/readTransaction.js";
import type { PaymentTerms } from "../wasm/intakeKernel.js";
import type { PoolAccount } from "./poolAccount.js";

/** What became of one submitted transaction: admitted where there is no error. */
export class SubmitResult {
  constructor(
    /** `bytesKey` of the id; undefined where the bytes are no transaction, or the node was too busy to look. */
    readonly idKey: string | undefined,
    readonly error: CodedError | undefined,
  ) {}

  get id(): Uint8Array | undefined {
    return this.idKey === undefined ? undefined : keyBytes(this.idKey);
  }
}

/** One call of `submit`, which is answered when all its transactions are decided. */
export class Submission {
  readonly decided: Promise<SubmitResult[]>;
  private readonly results: SubmitResult[];
  private left: number;
  private resolve!: (results: SubmitResult[]) => void;
  private reject!: (error: unknown) => void;

  constructor(
    count: number,
    /** Whether it came from an address that has not proved itself. */
    readonly isNewcomer: boolean,
  ) {
    this.left = count;
    this.results = new Array(count);
    this.decided = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    if (count === 0) {
      this.resolve(this.results);
    }
  }

  decide(index: number, idKey: string | undefined, error: CodedError | undefined): void {
    this.results[index] = new SubmitResult(idKey, error);
    this.left--;
    if (this.left === 0) {
      this.resolve(this.results);
    }
  }

  fail(error: unknown): void {
    this.reject(error);
  }
}

/** A transaction whose signatures are being verified. */
export class Arrival implements Identified<Arrival> {
  next: Arrival | undefined;
  /** Others with the same bytes, which share its verdict; undefined where there are none. */
  followers: { submission: Submission; index: number }[] | undefined;

  constructor(
    readonly submission: Submission,
    readonly index: number,
    readonly transaction: ReadTransaction,
    readonly sender: PoolAccount,
    /** What was read of it, where it is a plain payment. */
    readonly terms: PaymentTerms | undefined,
  ) {}

  get idKey(): string {
    return this.transaction.idKey;
  }
}

/** Has a submission's transaction share the verdict on one with the same bytes. */
export function follow(arrival: Arrival, submission: Submission, index: number): void {
  arrival.followers ??= [];
  arrival.followers.push({ submission, index });
}

/** The arrival with the same bytes; undefined where there is none. */
export function sameArrival(arrivals: IdTable<Arrival>, idKey: string, bytes: Uint8Array): Arrival | undefined {
  let arrival = arrivals.get(idKey);
  while (arrival !== undefined && (arrival.idKey !== idKey || !equalBytes(arrival.transaction.bytes, bytes))) {
    arrival = arrival.next;
  }
  return arrival;
}

/** Tells an arrival's submission, and those that share its bytes, what became of it. */
export function decide(arrival: Arrival, error: CodedError | undefined): void {
  const { idKey } = arrival.transaction;
  arrival.submission.decide(arrival.index, idKey, error);
  for (const { submission, index } of arrival.followers ?? []) {
    // The same bytes: where they are refused, so are these.
    submission.decide(index, idKey, error ?? new CodedError("DUPLICATE"));
  }
}

/** Whether an arrival's signatures are valid, once that is known. */
export async function verdictOf(arrival: Arrival): Promise<boolean> {
  const submission = new Submission(1, arrival.submission.isNewcomer);
  follow(arrival, submission, 0);
  const [{ error }] = await submission.decided;
  return error?.code !== "BAD_SIGNATURE";
}

/** Tells them that nothing could be found out. */
export function failAll(arrival: Arrival, error: unknown): void {
  arrival.submission.fail(error);
  for (const { submission } of arrival.followers ?? []) {
    submission.fail(error);
  }
}
