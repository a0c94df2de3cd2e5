// What came to an outside ledger (won to the bank, coins of another chain): each deposit is written down once by that ledger's own
// number, and credited once on the chain to the address that it names. One that names none waits for a person, who assigns it or has
// it sent back.

import type { MerchantRows } from "../rows/merchantRows.js";
import { dayOf } from "./dayLimits.js";
import type { Desk } from "./desk.js";
import { DeskRefusal, type OrderKind, type Step } from "./order.js";

/** A deposit as the outside ledger tells of it. */
export interface DepositRow {
  /** The ledger's own number of the movement: what makes a deposit count once. */
  id: string;
  /** Units of the ledger. What leaves it is negative, and no deposit. */
  units: bigint;
  /** What the sender wrote, or the address it was sent to: what names who gets it. */
  memo: string;
  /** The sender. */
  name: string;
  /** As the ledger writes it. */
  time: string;
}

export interface Deposit extends Omit<DepositRow, "units"> {
  ledger: string;
  units: string;
  /** "credited" while an order for it is under way or done; that order says how far it is. */
  state: "unassigned" | "credited" | "returned";
  /** ttc1… text of who gets it. */
  to?: string;
  /** Orders that were undone before; the next has a key of its own. */
  attempts?: number;
  /** Why it is not credited. */
  reason?: string;
  recordedMs: number;
}

export interface DepositsOptions {
  rows: MerchantRows;
  desk: Desk;
  /** The outside ledger's name, by which limits are counted. */
  ledger: string;
  kind: OrderKind;
  /** The address that a deposit's memo names. */
  addressOf: (memo: string) => string | undefined;
  /** The steps that credit so many units. May refuse, such as with NOTHING_LEFT. */
  plan: (to: string, units: bigint) => Step[];
  nowMs: () => number;
}

export class Deposits {
  /** The latest change under way of a deposit, by its number. */
  private readonly changing = new Map<string, Promise<unknown>>();

  constructor(private readonly options: DepositsOptions) {}

  deposit(id: string): Deposit | undefined {
    const row = this.options.rows.get<Deposit>("deskDeposit", this.rowOf(id));
    return row && this.standing(row);
  }

  /** All that were recorded, in the order of the ledger's numbers. */
  all(): Deposit[] {
    const { rows, ledger } = this.options;
    return [...rows.below<Deposit>("deskDeposit", `${ledger}/`)].map(({ value }) => this.standing(value));
  }

  /** The row says what came in and what people decided, its order how far it is: so the two can't disagree, whenever the process ends. */
  private standing(row: Deposit): Deposit {
    if (row.state === "returned") {
      return row;
    }
    for (let attempts = 0; ; attempts++) {
      const order = this.options.desk.order(this.keyOf(row.id, attempts));
      if (order === undefined) {
        return { ...row, attempts };
      }
      if (order.state !== "undone") {
        const { reason: _, ...rest } = row;
        return { ...rest, attempts, state: "credited" };
      }
      row = { ...row, ...(order.reason === undefined ? {} : { reason: order.reason.code }) };
    }
  }

  /**
   * Writes deposits down and credits those whose memo names a code. What was recorded before is passed over; the same number with another
   * amount is refused with KEY_REUSED, and then nothing of the list is taken. Rows of 0 units or less are not deposits.
   */
  async record(list: readonly DepositRow[]): Promise<{ recorded: number; known: number; unassigned: number }> {
    const { rows, ledger } = this.options;
    const deposits = list.filter(({ units }) => units > 0n);
    for (const { id, units } of deposits) {
      const before = this.deposit(id);
      if (before !== undefined && before.units !== units.toString()) {
        throw new DeskRefusal(
          "KEY_REUSED",
          `Deposit ${id} was recorded with ${before.units} units, now it has ${units}.`,
        );
      }
    }
    const fresh = deposits.filter(({ id }) => this.deposit(id) === undefined);
    for (const row of fresh) {
      const deposit: Deposit = {
        ...row,
        ledger,
        units: row.units.toString(),
        state: "unassigned",
        reason: "UNKNOWN_CODE",
        recordedMs: this.options.nowMs(),
      };
      rows.put("deskDeposit", this.rowOf(row.id), deposit);
    }
    await rows.durable();
    for (const { id, memo } of deposits) {
      const to = this.options.addressOf(memo);
      if (to !== undefined && this.deposit(id)?.state === "unassigned") {
        await this.credit(id, to).catch(expectRefusal);
      }
    }
    const unassigned = fresh.filter(({ id }) => this.deposit(id)?.state === "unassigned").length;
    return { recorded: fresh.length, known: deposits.length - fresh.length, unassigned };
  }

  /** A person says whose deposit it is. Throws DEPOSIT_USED where it was credited or returned. */
  assign(id: string, to: string): Promise<void> {
    return this.credit(id, to);
  }

  /** Marks that it was sent back there. Throws DEPOSIT_USED. */
  markReturned(id: string): Promise<void> {
    return this.inTurn(id, async () => {
      const deposit = this.unassigned(id);
      this.options.rows.put("deskDeposit", this.rowOf(id), { ...deposit, state: "returned" } satisfies Deposit);
      await this.options.rows.durable();
    });
  }

  /** The order that credits the deposit, or the next that will. */
  orderKey(id: string): string {
    return this.keyOf(id, this.deposit(id)?.attempts ?? 0);
  }

  private keyOf(id: string, attempts: number): string {
    return `deposit/${this.rowOf(id)}/${attempts}`;
  }

  private rowOf(id: string): string {
    return `${this.options.ledger}/${id}`;
  }

  private unassigned(id: string): Deposit {
    const deposit = this.deposit(id);
    if (deposit === undefined || deposit.state !== "unassigned") {
      throw new DeskRefusal("DEPOSIT_USED", `Deposit ${id} is ${deposit?.state ?? "unknown"}.`);
    }
    return deposit;
  }

  /** One change of a deposit at a time: what is being credited must not be sent back meanwhile, nor credited to another. */
  private async inTurn(id: string, change: () => Promise<void>): Promise<void> {
    const turn = (this.changing.get(id) ?? Promise.resolve()).then(change);
    const ended = turn.catch(() => undefined);
    this.changing.set(id, ended);
    try {
      await turn;
    } finally {
      if (this.changing.get(id) === ended) {
        this.changing.delete(id);
      }
    }
  }

  private credit(id: string, to: string): Promise<void> {
    return this.inTurn(id, () => this.creditNow(id, to));
  }

  private async creditNow(id: string, to: string): Promise<void> {
    const { rows, desk, ledger, kind, plan, nowMs } = this.options;
    const deposit = this.unassigned(id);
    const counted = { ledger, account: to, units: deposit.units, day: dayOf(nowMs()) };
    try {
      await desk.submit({ key: this.orderKey(id), kind, steps: plan(to, BigInt(deposit.units)), counted });
    } catch (error) {
      if (error instanceof DeskRefusal) {
        rows.put("deskDeposit", this.rowOf(id), { ...deposit, reason: error.code, to } satisfies Deposit);
        await rows.durable();
      }
      throw error;
    }
    rows.put("deskDeposit", this.rowOf(id), { ...deposit, to } satisfies Deposit);
    await rows.durable();
  }
}

function expectRefusal(error: unknown): void {
  if (!(error instanceof DeskRefusal)) {
    throw error;
  }
}
