// Collects what a run keeps of payments: each payment once, and for every subject one row a block that names its payments there. An
// account's own payments are named by its entries already; only those that failed get a row, for they are few and sought alone.

import { bytesKey } from "../../base/bytes.js";
import { RowArena } from "../runs/rowArena.js";
import type { Payment } from "./payment.js";
import { appendPaymentRow, appendSubjectRow, NAMED_MAX } from "./paymentRow.js";
import { accountsOf, otherSubjectsOf, SubjectKeys, stateOf } from "./subjects.js";

const ARENA_BYTES = 65_536;
const KEYS_KNOWN_MAX = 10_000;

interface Named {
  key: Uint8Array;
  /** Index and part, one payment after another. */
  places: number[];
}

export class PaymentRows {
  readonly payments = new RowArena(ARENA_BYTES);
  readonly subjects = new RowArena(ARENA_BYTES);
  readonly subjectOffsets: number[] = [];
  private readonly keys = new SubjectKeys(KEYS_KNOWN_MAX);
  private named = new Map<string, Named>();

  /** Takes some of a block's payments, in order. */
  add(height: number, payments: readonly Payment[]): void {
    for (const payment of payments) {
      appendPaymentRow(this.payments, payment);
      const state = stateOf(payment);
      for (const subject of otherSubjectsOf(payment)) {
        this.name(height, this.keys.of(subject, state), payment);
      }
      if (state === "failed") {
        for (const account of accountsOf(payment)) {
          this.name(height, this.keys.of({ kind: "account", account }, state), payment);
        }
      }
    }
  }

  private name(height: number, key: Uint8Array, { index, part }: Payment): void {
    const text = bytesKey(key);
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
