// The exchange desk: runs orders step by step, so that all steps of an order happen or all that happened are undone, whatever stops the
// process in between. Before a step reaches outside, the row that says so is durable; every step is known outside by a key of its
// own (the order's key and the step's number), which outside ledgers and the chain take once.

import { assert } from "../../base/assert.js";
import type { Clock } from "../../base/clock.js";
import type { MerchantRows } from "../rows/merchantRows.js";
import type { ChainDesk } from "./chainDesk.js";
import { countUnits, type DayLimits, uncountUnits } from "./dayLimits.js";
import { DeskRefusal, type Order, type Step } from "./order.js";
import type { OutsideLedger } from "./outsideLedger.js";
import { canUndo, verifySteps } from "./verifySteps.js";

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 60_000;

/** The desk's hand on the chain. */
export type DeskChain = Pick<ChainDesk, "purses" | "address" | "balance" | "awaited" | "pay" | "burn">;

export interface DeskOptions {
  rows: MerchantRows;
  chain: DeskChain;
  ledgers: readonly OutsideLedger[];
  limits: DayLimits;
  clock: Clock;
}

type Pay = Extract<Step, { kind: "pay" }>;

/** Whether a step pays out of what a purse holds. */
function spends(step: Step): step is Pay {
  return step.kind === "pay" && !step.mint;
}

function totalUnits({ shares }: Pay): bigint {
  return shares.reduce((total, { units }) => total + BigInt(units), 0n);
}

export type NewOrder = Pick<Order, "key" | "kind" | "asked" | "steps" | "counted">;

function isSame(known: Order, wanted: NewOrder): boolean {
  return known.asked === undefined || wanted.asked === undefined
    ? JSON.stringify(known.steps) === JSON.stringify(wanted.steps)
    : known.asked === wanted.asked;
}

export class Desk {
  private readonly ledgers: ReadonlyMap<string, OutsideLedger>;
  /** Orders that have not reached their end, by key. */
  private readonly open = new Map<string, Order>();
  private readonly running = new Map<string, Promise<void>>();
  private readonly wake = new Map<string, () => void>();
  private ended = false;

  constructor(private readonly options: DeskOptions) {
    this.ledgers = new Map(options.ledgers.map((ledger) => [ledger.name, ledger]));
  }

  /** Goes on with every order that was under way when the process ended. */
  start(): void {
    for (const { key: row } of [...this.options.rows.below<true>("deskOpen", "open/")]) {
      const key = row.slice("open/".length);
      const order = this.order(key);
      assert(order !== undefined, `an open order has a row: ${key}`);
      this.open.set(key, order);
    }
    for (const key of this.open.keys()) {
      this.run(key);
    }
  }

  /** Stops between two steps; what is under way outside is finished or asked again at the next start. */
  async stop(): Promise<void> {
    this.ended = true;
    for (const wake of this.wake.values()) {
      wake();
    }
    await Promise.all(this.running.values());
  }

  order(key: string): Order | undefined {
    return this.options.rows.get<Order>("deskOrder", key);
  }

  /** Units of a purse that orders under way will still pay. */
  promisedUnits(purse: string, token: string): bigint {
    let sum = 0n;
    for (const { state, steps, at } of this.open.values()) {
      for (const step of state === "running" ? steps.slice(at) : []) {
        if (spends(step) && step.purse === purse && step.token === token) {
          sum += totalUnits(step);
        }
      }
    }
    return sum;
  }

  /**
   * Takes an order and begins it. The same key for the same, by what was asked or else by the steps, gives the order as it stands; for
   * something else it is refused with KEY_REUSED, limits with LIMIT_ORDER or LIMIT_DAY, an empty purse with RESERVE_SHORT.
   */
  async submit(wanted: NewOrder): Promise<Order> {
    verifySteps(wanted.steps, this.ledgers, this.options.chain.purses);
    const known = this.order(wanted.key);
    if (known !== undefined) {
      if (!isSame(known, wanted)) {
        throw new DeskRefusal("KEY_REUSED");
      }
      return known;
    }
    const held = await this.heldUnits(wanted.steps);
    // Another request with this key may have come first meanwhile. From here on nothing else runs until the order is counted.
    if (this.order(wanted.key) !== undefined) {
      return this.submit(wanted);
    }
    this.expectReserve(wanted.steps, held);
    const { rows, limits, clock } = this.options;
    if (wanted.counted !== undefined) {
      countUnits(rows, limits, wanted.counted);
    }
    const nowMs = clock.nowMs();
    const order: Order = {
      ...wanted,
      state: "running",
      at: 0,
      receipts: [],
      createdMs: nowMs,
      updatedMs: nowMs,
    };
    rows.put("deskOrder", order.key, order);
    rows.put("deskOpen", `open/${order.key}`, true);
    this.open.set(order.key, order);
    await rows.durable();
    this.run(order.key);
    return order;
  }

  /** Resolves when the order has reached its end or the desk is stopped. */
  async settled(key: string): Promise<Order | undefined> {
    await this.running.get(key);
    return this.order(key);
  }

  /** What the purses of the payments hold, in the steps' order. */
  private heldUnits(steps: Step[]): Promise<bigint[]> {
    const { chain } = this.options;
    return Promise.all(steps.map((step) => (spends(step) ? chain.balance(step.purse, step.token) : 0n)));
  }

  private expectReserve(steps: Step[], heldUnits: bigint[]): void {
    steps.forEach((step, index) => {
      if (spends(step)) {
        const wanted = totalUnits(step);
        const promised = this.promisedUnits(step.purse, step.token);
        const held = heldUnits[index];
        if (held - promised < wanted) {
          throw new DeskRefusal("RESERVE_SHORT", `It holds ${held}, has promised ${promised}, and needs ${wanted}.`);
        }
      }
    });
  }

  private run(key: string): void {
    if (!this.running.has(key)) {
      this.running.set(
        key,
        this.runToEnd(key)
          // Only rows that can't be written any more end up here; they tell the process, and the next start goes on.
          .catch(() => undefined)
          .finally(() => this.running.delete(key)),
      );
    }
  }

  private async runToEnd(key: string): Promise<void> {
    let pauseMs = RETRY_FIRST_MS;
    while (!this.ended) {
      const order = this.order(key);
      if (order === undefined || order.state === "done" || order.state === "undone") {
        return;
      }
      const isAsBefore = await this.advance(order);
      if (isAsBefore && !this.ended) {
        await this.pause(key, pauseMs);
      }
      pauseMs = isAsBefore ? Math.min(pauseMs * 2, RETRY_MAX_MS) : RETRY_FIRST_MS;
    }
  }

  private pause(key: string, delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.options.clock.setTimer(delayMs, () => finish());
      const finish = (): void => {
        timer.cancel();
        this.wake.delete(key);
        resolve();
      };
      this.wake.set(key, finish);
    });
  }

  /** One step done or undone; true where it has to be tried again. */
  private async advance(order: Order): Promise<boolean> {
    const step = order.steps[order.at];
    const stepKey = `${order.key}.${order.at}`;
    try {
      if (order.state === "running") {
        const done = await this.doStep(order, step, stepKey);
        await this.save({ ...order, ...done, at: order.at + 1 });
      } else {
        await this.undoStep(order, step, stepKey);
        await this.save({ ...order, at: order.at - 1 });
      }
      return false;
    } catch (error) {
      if (error instanceof DeskRefusal && order.state === "running" && order.steps.slice(0, order.at).every(canUndo)) {
        const { code, message } = error;
        await this.save({ ...order, state: "undoing", at: order.at - 1, reason: { code, message } });
        return false;
      }
      // Whatever else went wrong says nothing of what happened outside, and what can't be undone must go on: ask again, with the same key.
      const waitsFor = error instanceof Error ? error.message : String(error);
      if (order.waitsFor !== waitsFor) {
        await this.save({ ...order, waitsFor });
      }
      return true;
    }
  }

  private async save(order: Order): Promise<void> {
    const { rows, clock } = this.options;
    const { waitsFor, ...rest } = order;
    const previous = this.order(order.key);
    const isAtStep = previous?.at === order.at && previous.state === order.state;
    const next: Order = {
      ...rest,
      updatedMs: clock.nowMs(),
      ...(isAtStep && waitsFor !== undefined ? { waitsFor } : {}),
    };
    if (next.state === "running" && next.at === next.steps.length) {
      next.state = "done";
    }
    if (next.state === "undoing" && next.at < 0) {
      next.state = "undone";
      if (next.counted !== undefined) {
        uncountUnits(rows, next.counted);
      }
    }
    const isOver = next.state === "done" || next.state === "undone";
    rows.put("deskOrder", next.key, next);
    if (isOver) {
      rows.remove("deskOpen", `open/${next.key}`);
      this.open.delete(next.key);
    } else {
      this.open.set(next.key, next);
    }
    await rows.durable();
  }

  private async doStep(order: Order, step: Step, key: string): Promise<Pick<Order, "receipts" | "payer">> {
    const { chain } = this.options;
    const andReceipt = (receipt: string): Pick<Order, "receipts"> => ({ receipts: [...order.receipts, receipt] });
    switch (step.kind) {
      case "await": {
        const { id, payer } = await chain.awaited(key, step);
        return { ...andReceipt(id), payer };
      }
      case "take":
        return andReceipt(await this.ledger(step.ledger).take(key, step.account, BigInt(step.units)));
      case "give":
        return andReceipt(await this.ledger(step.ledger).give(key, step.account, BigInt(step.units)));
      case "pay":
        return andReceipt(await chain.pay(key, step));
      case "burn":
        return andReceipt(await chain.burn(key, step));
    }
  }

  private async undoStep(order: Order, step: Step, stepKey: string): Promise<void> {
    const { chain } = this.options;
    const key = `${stepKey}.undo`;
    switch (step.kind) {
      case "await":
        assert(order.payer !== undefined, "an awaited payment that was made has a payer");
        await chain.pay(key, { ...step, kind: "pay", mint: false, shares: [{ to: order.payer, units: step.units }] });
        return;
      case "take":
        await this.ledger(step.ledger).giveBack(stepKey, step.account, BigInt(step.units));
        return;
      case "pay":
        assert(step.toPurse !== undefined, "only a payment between purses is undone");
        await chain.pay(key, {
          ...step,
          purse: step.toPurse,
          shares: [{ to: chain.address(step.purse), units: step.shares[0].units }],
        });
        return;
      default:
        assert(false, `a ${step.kind} is never undone`);
    }
  }

  private ledger(name: string): OutsideLedger {
    const ledger = this.ledgers.get(name);
    assert(ledger !== undefined, `the order's ledger ${name} is one of this desk's`);
    return ledger;
  }
}
