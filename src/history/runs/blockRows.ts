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
import { ID_ROW_BYTES, writeIdRow } from "./idBuckets.js";
import type { RowArena } from "./rowArena.js";
import { RowOffsets } from "./rowOffsets.js";
import { newRunMemory, type RunMemory } from "./runMemory.js";

const ADDRESS_BYTES = 32;
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
  readonly offsets: RowOffsets;
  readonly payments: PaymentRows;
  /** The rows of all transactions' ids, in their order. */
  readonly ids: Uint8Array;
  private idCount = 0;
  private readonly intake: IntakeKernel | undefined;
  private readonly source: DataView | undefined;
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
   * Of `transactions` in all. `onEntries` hears of those that may be about created tokens. `withKernel`: whether plain payments are read by
   * the kernel.
   */
  constructor(
    transactions: number,
    private readonly onEntries: (entries: HistoryEntry[]) => void,
    { memory = newRunMemory(), withKernel = true }: { memory?: RunMemory; withKernel?: boolean } = {},
  ) {
    this.arena = memory.entries;
    this.payments = new PaymentRows(memory);
    this.offsets = new RowOffsets(2 * transactions);
    this.ids = new Uint8Array(ID_ROW_BYTES * transactions);
    if (withKernel) {
      this.intake = historyKernel();
      this.source = new DataView(this.intake.bytes.buffer);
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
    writeIdRow(this.ids, ID_ROW_BYTES * this.idCount++, transaction.id, 0, block.height, index);
    this.onEntries(entries);
  }

  /** Adds the rows of a payment by its only signer; false where it is none. */
  private addPayment(block: RecordedBlock, index: number, inBatch: number): boolean {
    const { place, intake, source } = this;
    const transaction = block.block.transactions[index];
    const receipt = block.receipts[index];
    if (
      intake === undefined ||
      source === undefined ||
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
      source,
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
    const toItself = sameBytes(bytes, payer, payee, ADDRESS_BYTES);
    this.addSide(payment, toItself ? "self" : "out");
    // A failed transaction touched nobody but its signer.
    if (!toItself && receipt[0] === 0 && receipt[1] === 0) {
      this.addSide(payment, "in");
    }
    this.payments.addPlain(payment);
    writeIdRow(this.ids, ID_ROW_BYTES * this.idCount++, bytes, id, block.height, index);
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
