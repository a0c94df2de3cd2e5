// Under which subjects a payment is found, and each subject's key: a hash under a tag of its own, so that nobody can pay a
// reference that is somebody's account.

import { bytesKey, concatBytes, equalBytes } from "../../base/bytes.js";
import { saleFaceOf } from "../../protocol/saleReference.js";
import { tokenBytes } from "../../protocol/tokens.js";
import { sha256 } from "../../wasm/sha256.js";
import type { Payment, PaymentState, PaymentSubject } from "./payment.js";

const KIND_BYTES = { account: 1, till: 2, token: 3, reference: 4, memo: 5 } as const;
const FAILED_BIT = 128;

function till4(till: number): Uint8Array {
  return Uint8Array.of(till >>> 24, till >>> 16, till >>> 8, till);
}

function subjectBytes(subject: PaymentSubject): Uint8Array {
  switch (subject.kind) {
    case "account":
      return subject.account;
    case "till":
      return concatBytes(subject.account, till4(subject.till));
    case "token":
      return tokenBytes(subject.token);
    case "reference":
      return subject.reference;
    case "memo":
      return subject.memo;
  }
}

/** What of a payment decides under which subjects it is found. */
export type NamedPayment = Pick<Payment, "from" | "to" | "token" | "reference" | "memo" | "lane" | "code">;

/** The 32 bytes under which a subject's payments of one state are kept. */
export function subjectKey(subject: PaymentSubject, state: PaymentState): Uint8Array {
  const tag = KIND_BYTES[subject.kind] | (state === "failed" ? FAILED_BIT : 0);
  return sha256(concatBytes(Uint8Array.of(tag), subjectBytes(subject)));
}

export function stateOf(payment: Pick<Payment, "code">): PaymentState {
  return payment.code === 0 ? "committed" : "failed";
}

/** The accounts that a payment is found under: a failed one touched nobody but its payer. */
export function accountsOf({ from, to, code }: Pick<Payment, "from" | "to" | "code">): Uint8Array[] {
  return code !== 0 || to === undefined || equalBytes(from, to) ? [from] : [from, to];
}

/** Everything that a payment is found under but its accounts. */
export function otherSubjectsOf(payment: NamedPayment): PaymentSubject[] {
  const { from, to, token, reference, memo, lane, code } = payment;
  const subjects: PaymentSubject[] = [{ kind: "token", token }];
  if (lane !== 0) {
    subjects.push({ kind: "till", account: from, till: lane });
  }
  if (reference !== undefined) {
    subjects.push({ kind: "reference", reference });
    const { till } = saleFaceOf(reference);
    if (to !== undefined && code === 0 && till !== 0 && !(till === lane && equalBytes(from, to))) {
      subjects.push({ kind: "till", account: to, till });
    }
  }
  if (memo !== undefined) {
    subjects.push({ kind: "memo", memo });
  }
  return subjects;
}

/** Whether the payment is found under the subject. */
export function isOf(payment: Payment, subject: PaymentSubject): boolean {
  if (subject.kind === "account") {
    return accountsOf(payment).some((account) => equalBytes(account, subject.account));
  }
  const wanted = bytesKey(subjectBytes(subject));
  return otherSubjectsOf(payment).some((one) => one.kind === subject.kind && bytesKey(subjectBytes(one)) === wanted);
}

/** Keys of subjects, hashed once each: tokens and tills come again with every block. */
export class SubjectKeys {
  private readonly known = new Map<string, Uint8Array>();

  constructor(private readonly most: number) {}

  of(subject: PaymentSubject, state: PaymentState): Uint8Array {
    if (subject.kind === "reference" || subject.kind === "memo") {
      return subjectKey(subject, state);
    }
    const name = `${state}${subject.kind}${subject.kind === "token" ? subject.token : bytesKey(subjectBytes(subject))}`;
    let key = this.known.get(name);
    if (key === undefined) {
      if (this.known.size >= this.most) {
        this.known.clear();
      }
      key = subjectKey(subject, state);
      this.known.set(name, key);
    }
    return key;
  }
}
