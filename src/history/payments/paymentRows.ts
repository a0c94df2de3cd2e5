// Collects what a run keeps of payments: each payment once, and for every subject one row a block that names its payments there. An
// account's own payments are named by its entries already; only those that failed get a row, for they are few and sought alone.

import { bytesKey } from "../../base/bytes.js";
import { NATIVE_TOKENS } from "../../protocol/tokens.js";
import type { PlainPayment } from "../entryRow.js";
import type { RowArena } from "../runs/rowArena.js";
import { RowOffsets } from "../runs/rowOffsets.js";
import type { RunMemory } from "../runs/runMemory.js";
import type { Payment, PaymentSubject } from "./payment.js";
import { appendPaymentRow, appendPlainPaymentRow, appendSubjectRow, NAMED_MAX } from "./paymentRow.js";
import { accountsOf, type NamedPayment, otherSubjectsOf, SubjectKeys, stateOf, subjectKey } from "./subjects.js";

const KEYS_KNOWN_MAX = 10_000;
const ADDRESS_BYTES = 32;
const REFERENCE_BYTES = 32;

type PaymentPart = Pick<Payment, "index" | "part">;

interface Named {
  key: Uint8Array;
  /** Index and part, one payment after another. */
  places: number[];
}

export class PaymentRows {
  readonly payments: RowArena;
  readonly subjects: RowArena;
  readonly subjectOffsets = new RowOffsets();
  private readonly keys = new SubjectKeys(KEYS_KNOWN_MAX);
  /** Of the chain's own tokens: each payment is found under one. */
  private readonly tokenKeys = NATIVE_TOKENS.map((token) => {
    const key = subjectKey({ kind: "token", token }, "committed");
    return { key, text: bytesKey(key) };
  });
  private named = new Map<string, Named>();

  constructor({ payments, subjects }: Pick<RunMemory, "payments" | "subjects">) {
    this.payments = payments;
    this.subjects = subjects;
  }

  /** Takes some of a block's payments, in order. */
  add(height: number, payments: readonly Payment[]): void {
    for (const payment of payments) {
      appendPaymentRow(this.payments, payment);
      this.nameAll(height, payment, payment);
    }
  }

  /** The same of one that a transaction's only signer made, without a memo. */
  addPlain(payment: PlainPayment): void {
    appendPlainPaymentRow(this.payments, payment);
    const { bytes, receipt, reference, lane, height, index, payer, payee } = payment;
    const place = { index, part: 0 };
    const code = receipt[0] | (receipt[1] << 8);
    if (code === 0 && reference === 0 && lane === 0) {
      const { key, text } = this.tokenKeys[payment.token];
      this.name(height, key, text, place);
      return;
    }
    const named = {
      from: bytes.slice(payer, payer + ADDRESS_BYTES),
      to: bytes.slice(payee, payee + ADDRESS_BYTES),
      token: NATIVE_TOKENS[payment.token],
      reference: reference === 0 ? undefined : payment.transaction.slice(reference, reference + REFERENCE_BYTES),
      memo: undefined,
      lane,
      code,
    };
    this.nameAll(height, named, place);
  }

  private nameAll(height: number, payment: NamedPayment, place: PaymentPart): void {
    const state = stateOf(payment);
    const name = (subject: PaymentSubject): void => {
      const key = this.keys.of(subject, state);
      this.name(height, key, bytesKey(key), place);
    };
    otherSubjectsOf(payment).forEach(name);
    if (state === "failed") {
      for (const account of accountsOf(payment)) {
        name({ kind: "account", account });
      }
    }
  }

  private name(height: number, key: Uint8Array, text: string, { index, part }: PaymentPart): void {
    let named = this.named.get(text);
    if (named === undefined) {
      named = { key, places: [] };
      this.named.set(text, named);
    }
    named.places.push(index, part);
    if (named.places.length === 2 * NAMED_MAX) {
      this.write(height, named);
      this.named.delete(text);
    }
  }

  private write(height: number, { key, places }: Named): void {
    this.subjectOffsets.push(this.subjects.length);
    appendSubjectRow(this.subjects, key, height, places);
  }

  /** Writes the rows of the block whose payments were all taken. */
  endBlock(height: number): void {
    for (const named of this.named.values()) {
      this.write(height, named);
    }
    this.named = new Map();
  }
}
