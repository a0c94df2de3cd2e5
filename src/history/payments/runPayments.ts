// Payments out of the embedded history: blocks that are not durable yet answer from memory, runs for everything below.

import { assert } from "../../base/assert.js";
import { compareBytes } from "../../base/bytes.js";
import type { KeyValueStore } from "../../storage/keyValueStore.js";
import { readBlockSummary } from "../directRows.js";
import { entryFace, entryPlace, ROW_HEAD_BYTES, rowEnd, rowHeight } from "../entryRow.js";
import type { PendingBlock } from "../pendingBlock.js";
import { paymentChunk, rowsBefore } from "../runs/readRuns.js";
import { PART_SUBJECTS, type Run } from "../runs/run.js";
import { CONTRACT_PARTS, type Payment, type PaymentState, type PaymentSubject } from "./payment.js";
import { comparePlaces, type PaymentPlace } from "./paymentCursor.js";
import {
  decodePaymentRow,
  namedBackwards,
  PAYMENT_PLACE_BYTES,
  paymentPlaceBytes,
  paymentRowEnd,
} from "./paymentRow.js";
import { isOf, stateOf, subjectKey } from "./subjects.js";

/** A history as payments are read out of it, at one moment. */
export interface PaymentView {
  store: KeyValueStore;
  runs: readonly Run[];
  /** Blocks above the runs, oldest first. */
  pending: readonly PendingBlock[];
}

const PART_MAX = 65_535;

type Place = Omit<PaymentPlace, "timeMs">;

/** Reads payments by their places; the chunk read last is kept, for neighbours stand in it. */
class PaymentReader {
  private chunk: Uint8Array = new Uint8Array(0);
  private chunkFirst: Uint8Array = new Uint8Array(0);
  private chunkLast: Uint8Array = new Uint8Array(0);
  private readonly times = new Map<number, number>();

  constructor(private readonly store: KeyValueStore) {}

  private timeOf(height: number): number {
    let timeMs = this.times.get(height);
    if (timeMs === undefined) {
      timeMs = readBlockSummary(this.store, height)?.timeMs;
      assert(timeMs !== undefined, `history has payments of block ${height}, but not its summary`);
      this.times.set(height, timeMs);
    }
    return timeMs;
  }

  /** The payment at a place that a row of the run names. */
  at(run: Run, place: Place): Payment {
    const [payment] = this.between(run, place, place);
    assert(
      payment !== undefined,
      `history names payment ${place.part} of ${place.height}/${place.index}, but lacks it`,
    );
    return payment;
  }

  /** The payments at places from `from` to `to` of one transaction, both included, oldest first. */
  between(run: Run, from: Place, to: Place): Payment[] {
    const [first, last] = [paymentPlaceBytes(from), paymentPlaceBytes(to)];
    const found: Payment[] = [];
    for (let end = last; this.seek(run, end); end = justBelow(this.chunkFirst)) {
      const inChunk: Payment[] = [];
      const { chunk } = this;
      for (let offset = 0; offset < chunk.length; offset = paymentRowEnd(chunk, offset)) {
        const place = placeAt(chunk, offset);
        if (compareBytes(place, first) >= 0 && compareBytes(place, last) <= 0) {
          inChunk.push(decodePaymentRow(chunk, offset, this.timeOf(from.height)));
        }
      }
      found.unshift(...inChunk);
      if (compareBytes(this.chunkFirst, first) <= 0) {
        break;
      }
    }
    return found;
  }

  /** Makes the last chunk that begins at or below the place the present one; false where there is none. */
  private seek(run: Run, place: Uint8Array): boolean {
    if (compareBytes(this.chunkFirst, place) <= 0 && compareBytes(place, this.chunkLast) <= 0) {
      return true;
    }
    const entry = paymentChunk(this.store, run, place);
    if (entry === undefined) {
      return false;
    }
    const chunk = entry.value;
    let lastOffset = 0;
    for (let offset = 0; offset < chunk.length; offset = paymentRowEnd(chunk, offset)) {
      lastOffset = offset;
    }
    this.chunk = chunk;
    this.chunkFirst = placeAt(chunk, 0);
    this.chunkLast = placeAt(chunk, lastOffset);
    return true;
  }
}

function placeAt(chunk: Uint8Array, offset: number): Uint8Array {
  return chunk.subarray(offset, offset + PAYMENT_PLACE_BYTES);
}

/** The largest place below another that is not the first of all. */
function justBelow(place: Uint8Array): Uint8Array {
  const below = place.slice();
  for (let i = below.length - 1; i >= 0; i--) {
    below[i]--;
    if (place[i] > 0) {
      break;
    }
  }
  return below;
}

/** The place of an account's row that everything at or below a payment's place is below of. */
function rowPlaceAbove({ height, index }: Place): Uint8Array {
  return entryPlace({ height, index: index + 1, operationIndex: 0 });
}

/** The payments of an account that took place, which its entries name, newest first. */
function* accountPayments(
  { store, runs }: PaymentView,
  account: Uint8Array,
  heightFrom: number,
  before: Place,
): Iterable<Payment> {
  const reader = new PaymentReader(store);
  let contractsOf = "";
  for (const { rows, offset, run } of rowsBefore(store, runs, account, rowPlaceAbove(before))) {
    const height = rowHeight(rows, offset);
    if (height < heightFrom) {
      return;
    }
    const { kind, index, operationIndex, code } = entryFace(rows, offset);
    if (code !== 0) {
      continue;
    }
    if (kind === "transfer" || kind === "mint" || kind === "burn") {
      yield reader.at(run, { height, index, part: operationIndex });
    } else if (kind === "contractTransfer" && contractsOf !== `${height} ${index}`) {
      // Entries of transfers by contracts have one place; the payments themselves tell them apart.
      contractsOf = `${height} ${index}`;
      const all = reader.between(run, { height, index, part: CONTRACT_PARTS }, { height, index, part: PART_MAX });
      yield* all.filter((payment) => isOf(payment, { kind: "account", account })).reverse();
    }
  }
}

/** The payments that a subject's rows name, newest first. */
function* subjectPayments(
  { store, runs }: PaymentView,
  subject: PaymentSubject,
  state: PaymentState,
  heightFrom: number,
  before: Place,
): Iterable<Payment> {
  const reader = new PaymentReader(store);
  const key = subjectKey(subject, state);
  for (const { rows, offset, run } of rowsBefore(store, runs, key, rowPlaceAbove(before), PART_SUBJECTS)) {
    const height = rowHeight(rows, offset);
    if (height < heightFrom) {
      return;
    }
    for (const { index, part } of namedBackwards(rows, offset + ROW_HEAD_BYTES, rowEnd(rows, offset))) {
      const place = { height, index, part };
      if (comparePlaces(place, before) < 0) {
        yield reader.at(run, place);
      }
    }
  }
}

/** The payments of a subject and state from `heightFrom` on and below a place, newest first. */
export function* paymentsBackwards(
  view: PaymentView,
  subject: PaymentSubject,
  state: PaymentState,
  heightFrom: number,
  before: Place,
): Iterable<Payment> {
  for (const block of view.pending.toReversed()) {
    if (block.height >= heightFrom && block.height <= before.height) {
      for (const payment of block.payments().toReversed()) {
        if (stateOf(payment) === state && comparePlaces(payment, before) < 0 && isOf(payment, subject)) {
          yield payment;
        }
      }
    }
  }
  const durable =
    subject.kind === "account" && state === "committed"
      ? accountPayments(view, subject.account, heightFrom, before)
      : subjectPayments(view, subject, state, heightFrom, before);
  for (const payment of durable) {
    if (comparePlaces(payment, before) < 0) {
      yield payment;
    }
  }
}

/** The first height up to `height` whose block's time is not before `timeMs`; `height` + 1 where all are. */
export function heightAtTime(timeAt: (height: number) => number | undefined, height: number, timeMs: number): number {
  let [low, high] = [1, height + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    // Of blocks that are not kept any more nothing is known: they are older than what is asked for.
    if ((timeAt(middle) ?? Number.NEGATIVE_INFINITY) < timeMs) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
