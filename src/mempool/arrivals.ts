// Transactions on their way in, from their submission to the verdict on their signatures. Two with the same bytes are verified once; the
// id alone would let anybody keep a transaction out with a bad signature.

import { equalBytes } from "../base/bytes.js";
import { CodedError } from "../protocol/errors.js";
import type { ReadTransaction } from "../protocol/readTransaction.js";
import type { ArrivedPayment } from "../wasm/intakeKernel.js";
import type { PoolAccount } from "./poolAccount.js";

/** What became of one submitted transaction: admitted where there is no error. */
export interface SubmitResult {
  /** Undefined where the bytes are no transaction, or the node was too busy to look. */
  id: Uint8Array | undefined;
  error?: CodedError;
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

  decide(index: number, id: Uint8Array | undefined, error: CodedError | undefined): void {
    this.results[index] = error === undefined ? { id } : { id, error };
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
export interface Arrival {
  submission: Submission;
  index: number;
  transaction: ReadTransaction;
  idKey: string;
  sender: PoolAccount;
  /** Whether it came from an address that has not proved itself. */
  isNewcomer: boolean;
  /** What was read of it, where it is a plain payment. */
  payment: ArrivedPayment | undefined;
  /** Others with the same bytes, which share its verdict. */
  followers: { submission: Submission; index: number }[];
}

export class Arrivals {
  /** By id; several where their signatures differ. */
  private readonly byId = new Map<string, Arrival[]>();

  /** The arrival with the same bytes; undefined where there is none. */
  same(idKey: string, bytes: Uint8Array): Arrival | undefined {
    return this.byId.get(idKey)?.find(({ transaction }) => equalBytes(transaction.bytes, bytes));
  }

  add(arrival: Arrival): void {
    const others = this.byId.get(arrival.idKey);
    if (others === undefined) {
      this.byId.set(arrival.idKey, [arrival]);
    } else {
      others.push(arrival);
    }
  }

  remove(arrival: Arrival): void {
    const all = this.byId.get(arrival.idKey);
    if (all === undefined || all.length === 1) {
      this.byId.delete(arrival.idKey);
    } else {
      all.splice(all.indexOf(arrival), 1);
    }
  }
}

/** Tells an arrival's submission, and those that share its bytes, what became of it. */
export function decide(arrival: Arrival, error: CodedError | undefined): void {
  const { id } = arrival.transaction;
  arrival.submission.decide(arrival.index, id, error);
  for (const { submission, index } of arrival.followers) {
    // The same bytes: where they are refused, so are these.
    submission.decide(index, id, error ?? new CodedError("DUPLICATE"));
  }
}

/** Whether an arrival's signatures are valid, once that is known. */
export async function verdictOf(arrival: Arrival): Promise<boolean> {
  const submission = new Submission(1, arrival.isNewcomer);
  arrival.followers.push({ submission, index: 0 });
  const [{ error }] = await submission.decided;
  return error?.code !== "BAD_SIGNATURE";
}

/** Tells them that nothing could be found out. */
export function failAll(arrival: Arrival, error: unknown): void {
  arrival.submission.fail(error);
  for (const { submission } of arrival.followers) {
    submission.fail(error);
  }
}
