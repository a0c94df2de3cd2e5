// The rows of blocks, in the order of their making, and the ids of their transactions. Most transactions are plain payments, whose rows
// are put together from what the intake kernel reads of them, about ten times as quickly as by way of decoded transactions and entries;
// all others go that way. Both make the same rows.

import { decodeReceipt, EVENT_KINDS, hasEvent } from "../../protocol/receipt.js";
import { decodeTransaction, hasMemo, operationsOffset } from "../../protocol/transaction.js";
import type { RecordedBlock } from "../../storage/committedBlock.js";
import { IntakeKernel, type PaymentPlace } from "../../wasm/intakeKernel.js";
import { addAccountEntries } from "../accountEntries.js";
import { appendEntryRow, appendPlainRow, type PlainPayment } from "../entryRow.js";
import type { HistoryEntry } from "../history.js";
import { addPayments } from "../payments/blockPayments.js";
import type { Payment } from "../payments/payment.js";
import { PaymentRows } from "../payments/paymentRows.js";
import { RowArena } from "./rowArena.js";

const ID_BYTES = 32;
const ROW_BYTES_USUAL = 128;
/** A transfer's bytes end with a mark, 1 where a reference follows. */
const REFERENCE_MARK_IN_TRANSFER = 43;

let kernel: IntakeKernel | undefined;

/** One for all runs: it takes some megabytes. */
function historyKernel(): IntakeKernel {
  if (kernel === undefined) {
    kernel = new IntakeKernel();
    kernel.askForNoFees();
  }
  return kernel;
}

export class BlockRows {
  readonly arena: RowArena;
  /** Where each row begins in the arena. */
  readonly offsets: number[] = [];
  readonly payments = new PaymentRows();
  /** Of all transactions, in their order. */
  readonly ids: Uint8Array;
  private idCount = 0;
  private readonly intake: IntakeKernel | undefined;
  private readonly place: PaymentPlace = {
    id: 0,
    payer: 0,
    payee: 0,
    amount: 0,
    signers: 0,
    feeToken: 0,
    token: 0,
    lane: 0,
  };

  /**
   * With room for the rows of `transactions`. `onEntries` hears of those that may be about created tokens. `withKernel`: whether plain
   * payments are read by the kernel.
   */
  constructor(
    transactions: number,
    private readonly onEntries: (entries: HistoryEntry[]) => void,
    withKernel = true,
  ) {
    this.arena = new RowArena(Math.max(1_024, 2 * transactions * ROW_BYTES_USUAL));
    this.ids = new Uint8Array(ID_BYTES * transactions);
    if (withKernel) {
      this.intake = historyKernel();
    }
  }

  /** Adds the rows of transactions from `from` on, as many as are read at once; returns where those end. */
  addSome(block: RecordedBlock, from: number, most: number): number {
    const encoded = block.block.transactions;
    const end = Math.min(from + most, encoded.length);
    const { intake } = this;
    let read = from;
    if (intake !== undefined) {
      intake.begin();
      while (read < end && intake.add(encoded[read])) {
        read++;
      }
      intake.read();
    }
    // One that is too long for the kernel goes the way of every kind.
    const next = intake === undefined ? end : Math.max(read, from + 1);
    for (let index = from; index < next; index++) {
      if (index >= read || !this.addPayment(block, index, index - from)) {
        this.addAny(block, index);
      }
    }
    if (next === encoded.length) {
      this.payments.endBlock(block.height);
    }
    return next;
  }

  private addAny(block: RecordedBlock, index: number): void {
    const transaction = decodeTransaction(block.block.transactions[index]);
    const receipt = decodeReceipt(block.receipts[index]);
    const entries: HistoryEntry[] = [];
    addAccountEntries(entries, block, index, transaction, receipt);
    for (const entry of entries) {
      this.offsets.push(this.arena.length);
      appendEntryRow(this.arena, entry);
    }
    const payments: Payment[] = [];
    addPayments(payments, block, index, transaction, receipt);
    this.payments.add(block.height, payments);
    this.ids.set(transaction.id, ID_BYTES * this.idCount++);
    this.onEntries(entries);
  }

  /** Adds the rows of a payment by its only signer; false where it is none. */
  private addPayment(block: RecordedBlock, index: number, inBatch: number): boolean {
    const { place, intake } = this;
    const transaction = block.block.transactions[index];
    const receipt = block.receipts[index];
    if (
      intake === undefined ||
      !intake.locate(inBatch, place) ||
      place.signers !== 1 ||
      hasMemo(transaction) ||
      hasEvent(receipt, EVENT_KINDS.contractTransfer)
    ) {
      return false;
    }
    const { bytes } = intake;
    const { payer, payee, id } = place;
    const mark = operationsOffset(transaction) + 1 + REFERENCE_MARK_IN_TRANSFER;
    const reference = transaction[mark] === 0 ? 0 : mark + 1;
    // Written out: spreading the place into it made a payment's rows take 5.9 µs instead of 1.4.
    const payment: PlainPayment = {
      bytes,
      payer,
      payee,
      id,
      amount: place.amount,
      token: place.token,
      feeToken: place.feeToken,
      lane: place.lane,
      height: block.height,
      index,
      receipt,
      transaction,
      reference,
    };
    const toItself = sameBytes(bytes, payer, payee, ID_BYTES);
    this.addSide(payment, toItself ? "self" : "out");
    // A failed transaction touched nobody but its signer.
    if (!toItself && receipt[0] === 0 && receipt[1] === 0) {
      this.addSide(payment, "in");
    }
    this.payments.addPlain(payment);
    const idAt = ID_BYTES * this.idCount++;
    for (let i = 0; i < ID_BYTES; i++) {
      this.ids[idAt + i] = bytes[id + i];
    }
    return true;
  }

  private addSide(payment: PlainPayment, direction: HistoryEntry["direction"]): void {
    this.offsets.push(this.arena.length);
    appendPlainRow(this.arena, payment, direction);
  }
}

function sameBytes(bytes: Uint8Array, a: number, b: number, count: number): boolean {
  for (let i = 0; i < count; i++) {
    if (bytes[a + i] !== bytes[b + i]) {
      return false;
    }
  }
  return true;
}
