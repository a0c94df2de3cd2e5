// Everything that the fleet will send, fixed before the first transaction leaves: a pure function of its options, so that
// every thread makes the same plan and a run can be repeated. Items are in the order of their arrival.

import { assert } from "../../base/assert.js";
import { SeededRandom } from "../../base/random.js";
import { makeReference } from "../../client/references.js";
import { TTC_UNIT } from "../../protocol/tokens.js";
import type { FleetSize } from "./fleet.js";

export type ItemKind = "payment" | "mileage" | "refund" | "doublePay" | "duplicate";

export interface PlanItem {
  /** Place in the plan. */
  index: number;
  kind: ItemKind;
  /** Places in the fleet's list of accounts. */
  sender: number;
  payee: number;
  token: "TTC" | "TTM";
  /** Units. */
  amount: number;
  /** TTMI units that the payee gives back in the same transaction; 0 for none. */
  mileage: number;
  /** Number of the reference, from 0; -1 for none. */
  reference: number;
  /** Counted from the first number of the sender's lane that this run uses. */
  sequence: number;
  /** The item whose bytes a duplicate sends again; -1 for others. */
  original: number;
}

export interface PlanOptions extends FleetSize {
  count: number;
  hotShare: number;
  refunds: number;
  duplicates: number;
  doublePay: number;
  references: number;
  mileage: number;
  /** Up to which height the references can be paid. */
  referenceExpiryHeight: number;
}

export interface Plan {
  items: PlanItem[];
  references: Uint8Array[];
}

const PARTS = 1_000_000;
const TTC_AMOUNT_MAX = Number(TTC_UNIT) * 5;
const TTM_AMOUNT_MIN = 1_000;
const TTM_AMOUNT_MAX = 20_000;
/** One payment of this many is in TTC, the others in TTM, as at a shop. */
const TTC_PAYMENTS_ONE_IN = 4;
/** A duplicate repeats one of so many items before it: some still wait then, others are committed. */
const DUPLICATE_REACH = 2_000;
const MILEAGE_PERCENT = 1;

class PlanMaker {
  readonly items: PlanItem[] = [];
  readonly references: Uint8Array[] = [];
  private readonly random: SeededRandom;
  private readonly sequences: Int32Array;
  /** Items that carry a reference for the first time. */
  private readonly referenced: PlanItem[] = [];

  constructor(private readonly options: PlanOptions) {
    this.random = new SeededRandom(options.seed);
    this.sequences = new Int32Array(options.tills + options.merchants);
  }

  add(): void {
    const { refunds, duplicates, doublePay } = this.options;
    // One draw decides, so that the shares don't eat into each other.
    const draw = this.random.below(PARTS) / PARTS;
    if (draw < refunds && this.refund()) {
      return;
    }
    if (draw >= refunds && draw < refunds + duplicates && this.duplicate()) {
      return;
    }
    if (draw >= refunds + duplicates && draw < refunds + duplicates + doublePay && this.payTwice()) {
      return;
    }
    this.payment();
  }

  private chance(share: number): boolean {
    return this.random.below(PARTS) < share * PARTS;
  }

  private push(item: Omit<PlanItem, "index" | "sequence">): PlanItem {
    const sequence = item.kind === "duplicate" ? this.items[item.original].sequence : this.sequences[item.sender]++;
    const added = { ...item, index: this.items.length, sequence };
    this.items.push(added);
    return added;
  }

  private merchant(): number {
    const { tills, merchants, hotShare } = this.options;
    const isHot = merchants === 1 || this.chance(hotShare);
    return tills + (isHot ? 0 : 1 + this.random.below(merchants - 1));
  }

  /** Whom a payment without mileage goes to. */
  private payee(): number {
    const { tills, merchants, payees, hotShare } = this.options;
    return payees === 0 || this.chance(hotShare) ? this.merchant() : tills + merchants + this.random.below(payees);
  }

  private payment(): void {
    const { tills, references, mileage } = this.options;
    const isTtc = this.random.below(TTC_PAYMENTS_ONE_IN) === 0;
    const amount = isTtc
      ? 1 + this.random.below(TTC_AMOUNT_MAX)
      : TTM_AMOUNT_MIN + this.random.below(TTM_AMOUNT_MAX - TTM_AMOUNT_MIN);
    const token = isTtc ? "TTC" : "TTM";
    const hasMileage = !isTtc && this.chance(mileage);
    const reference = this.chance(references) ? this.references.length : -1;
    const item = this.push({
      kind: hasMileage ? "mileage" : "payment",
      sender: this.random.below(tills),
      payee: hasMileage ? this.merchant() : this.payee(),
      token,
      amount,
      mileage: hasMileage ? Math.ceil((amount * MILEAGE_PERCENT) / 100) : 0,
      reference,
      original: -1,
    });
    if (reference >= 0) {
      this.references.push(makeReference(this.options.referenceExpiryHeight, this.random));
      this.referenced.push(item);
    }
  }

  /** A merchant gives part of an earlier payment back. */
  private refund(): boolean {
    const paid = this.earlier(this.items.length);
    const { tills, merchants } = this.options;
    if (paid === undefined || paid.payee >= tills + merchants || (paid.kind !== "payment" && paid.kind !== "mileage")) {
      return false;
    }
    const amount = 1 + this.random.below(paid.amount);
    const { token, sender: payee, payee: sender } = paid;
    this.push({ kind: "refund", sender, payee, token, amount, mileage: 0, reference: -1, original: -1 });
    return true;
  }

  /** The bytes of an earlier item once more. */
  private duplicate(): boolean {
    const first = this.earlier(DUPLICATE_REACH);
    if (first === undefined || first.kind === "duplicate") {
      return false;
    }
    this.push({ ...first, kind: "duplicate", original: first.index });
    return true;
  }

  /** A second payment of a reference, by the same till or another. */
  private payTwice(): boolean {
    if (this.referenced.length === 0) {
      return false;
    }
    const first = this.referenced[this.random.below(this.referenced.length)];
    const sender = this.chance(0.5) ? first.sender : this.random.below(this.options.tills);
    const { payee, token, amount, reference } = first;
    this.push({ kind: "doublePay", sender, payee, token, amount, mileage: 0, reference, original: -1 });
    return true;
  }

  private earlier(reach: number): PlanItem | undefined {
    const count = this.items.length;
    return count === 0 ? undefined : this.items[count - 1 - this.random.below(Math.min(count, reach))];
  }
}

export function makePlan(options: PlanOptions): Plan {
  assert(options.tills >= 1 && options.merchants >= 1, "a fleet has a till and a merchant");
  const maker = new PlanMaker(options);
  for (let i = 0; i < options.count; i++) {
    maker.add();
  }
  return maker;
}
