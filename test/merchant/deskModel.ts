// A desk in a world that fails: ledgers and a chain that refuse, lose their answers or stop the process in the middle, with books
// that show what really moved. Seeded, so that a failure can be run again.

import type { Clock } from "../../src/base/clock.js";
import type { SeededRandom } from "../../src/base/random.js";
import type { LedgerLimits } from "../../src/merchant/desk/dayLimits.js";
import { Desk, type DeskChain } from "../../src/merchant/desk/desk.js";
import { DeskRefusal, NotYet } from "../../src/merchant/desk/order.js";
import type { OutsideLedger } from "../../src/merchant/desk/outsideLedger.js";
import { MerchantRows } from "../../src/merchant/rows/merchantRows.js";
import type { KeyValueStore } from "../../src/storage/keyValueStore.js";
import { MemoryStore } from "../support/memoryStore.js";

/** Timers fire as soon as everything else has had its turn. */
const quickClock: Clock = {
  nowMs: () => Date.UTC(2026, 0, 2),
  monotonicMs: () => 0,
  setTimer(_delayMs, callback) {
    const handle = setImmediate(callback);
    return { cancel: () => clearImmediate(handle) };
  },
};

/** Balances by "ledger/account"; a call with a known key changes nothing more. */
class Books {
  readonly units = new Map<string, bigint>();
  readonly done = new Map<string, string>();

  move(key: string, changes: [place: string, units: bigint][]): string {
    const known = this.done.get(key);
    if (known !== undefined) {
      return known;
    }
    if (changes.some(([place, units]) => (this.units.get(place) ?? 0n) + units < 0n)) {
      throw new DeskRefusal("OUTSIDE_REFUSED", "too little there");
    }
    for (const [place, units] of changes) {
      this.units.set(place, (this.units.get(place) ?? 0n) + units);
    }
    this.done.set(key, `receipt of ${key}`);
    return `receipt of ${key}`;
  }
}

class Crash extends Error {}

export class DeskWorld {
  readonly books = new Books();
  private readonly store = new MemoryStore();
  /** Counts lives; what belongs to an earlier one does nothing any more. */
  private life = 0;
  calm = false;
  /** Everything that may be refused is. */
  refusing = false;
  desk!: Desk;
  rows!: MerchantRows;
  /** Payments that were made to awaited references, by step key. */
  readonly paid = new Map<string, string>();

  constructor(
    private readonly random: SeededRandom,
    private readonly limits: ReadonlyMap<string, LedgerLimits> = new Map(),
  ) {
    this.boot();
  }

  private chance(percent: number): boolean {
    return !this.calm && this.random.bytes(1)[0] < (percent * 256) / 100;
  }

  boot(): void {
    const life = ++this.life;
    const alive = (): void => {
      if (life !== this.life) {
        throw new Crash("this life is over");
      }
    };
    const store: KeyValueStore = {
      get: (table, key) => this.store.get(table, key),
      range: (table, range) => this.store.range(table, range),
      close: () => this.store.close(),
      write: async (changes) => {
        alive();
        if (this.chance(4)) {
          this.boot();
          throw new Crash("stopped before a write");
        }
        await this.store.write(changes);
        if (this.chance(4)) {
          this.boot();
          throw new Crash("stopped after a write");
        }
      },
    };
    this.rows = new MerchantRows(store, () => undefined);
    const outside = async (act: () => string): Promise<string> => {
      await Promise.resolve();
      alive();
      if (this.chance(15)) {
        throw new NotYet("no answer");
      }
      if (this.chance(3)) {
        this.boot();
        throw new Crash("stopped before it was done");
      }
      const receipt = act();
      if (this.chance(5)) {
        this.boot();
        throw new Crash("stopped after it was done");
      }
      if (this.chance(15)) {
        throw new Error("the answer was lost");
      }
      return receipt;
    };
    const refuseSometimes = (key: string): void => {
      if (!this.books.done.has(key) && (this.refusing || this.chance(20))) {
        throw new DeskRefusal("OUTSIDE_REFUSED");
      }
    };
    const ledger = (name: string): OutsideLedger => ({
      name,
      take: (key, account, units) =>
        outside(() => {
          refuseSometimes(key);
          return this.books.move(key, [
            [`${name}/${account}`, -units],
            [`${name}/desk`, units],
          ]);
        }),
      give: (key, account, units) =>
        outside(() => {
          refuseSometimes(key);
          return this.books.move(key, [
            [`${name}/desk`, -units],
            [`${name}/${account}`, units],
          ]);
        }),
      giveBack: (key, account, units) =>
        outside(() =>
          this.books.move(`${key} back`, [
            [`${name}/desk`, -units],
            [`${name}/${account}`, units],
          ]),
        ),
    });
    const chain: DeskChain = {
      purses: new Map(["one", "two"].map((name) => [name, {} as never])),
      address: (purse) => purse,
      balance: async (purse, token) => this.books.units.get(`${token}/${purse}`) ?? 0n,
      awaited: async (key, step) => {
        alive();
        const payer = this.paid.get(key);
        if (payer === undefined) {
          throw this.calm || this.chance(10) ? new DeskRefusal("UNPAID") : new NotYet("unpaid");
        }
        const id = await outside(() =>
          this.books.move(key, [
            [`${step.token}/${payer}`, -BigInt(step.units)],
            [`${step.token}/${step.purse}`, BigInt(step.units)],
          ]),
        );
        return { id, payer };
      },
      pay: (key, step) =>
        outside(() => {
          const isUndoing = key.endsWith(".undo");
          if (!isUndoing) {
            refuseSometimes(key);
          }
          const total = step.shares.reduce((sum, { units }) => sum + BigInt(units), 0n);
          return this.books.move(key, [
            [`${step.token}/${step.mint ? "supply" : step.purse}`, step.mint ? total : -total],
            ...step.shares.map(({ to, units }): [string, bigint] => [`${step.token}/${to}`, BigInt(units)]),
          ]);
        }),
      burn: (key, step) =>
        outside(() => {
          refuseSometimes(key);
          return this.books.move(key, [
            [`${step.token}/${step.purse}`, -BigInt(step.units)],
            [`${step.token}/supply`, -BigInt(step.units)],
          ]);
        }),
    };
    this.desk = new Desk({
      rows: this.rows,
      chain,
      ledgers: [ledger("a"), ledger("b")],
      limits: this.limits,
      clock: quickClock,
    });
    this.desk.start();
  }

  /** Calls of clients: repeated until the desk has said yes or no for good. */
  async submit(order: Parameters<Desk["submit"]>[0]): Promise<"taken" | DeskRefusal> {
    for (;;) {
      try {
        await this.desk.submit(order);
        return "taken";
      } catch (error) {
        if (error instanceof DeskRefusal) {
          return error;
        }
        if (!(error instanceof Crash)) {
          throw error;
        }
      }
    }
  }

  /** Lets orders run while things fail, for so many turns of the event loop. */
  async stir(turns: number): Promise<void> {
    for (let turn = 0; turn < turns; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** No more failures; resolves when every order has ended. */
  async settle(keys: readonly string[]): Promise<void> {
    this.calm = true;
    this.boot();
    for (const key of keys) {
      await this.desk.settled(key);
    }
  }
}
