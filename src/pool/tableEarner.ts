// Has tables built for the keys that have earned one, in the order in which they did. A table takes 1 to 2 ms of a worker, so
// they are built under a budget: whoever pays fees for many keys at once waits, and batches of signatures don't.
import type { Clock, Timer } from "../base/clock.js";
import { FrequentKeys } from "./frequentKeys.js";

/** Tables a second at the most: up to a tenth of a core. */
export const TABLES_PER_SECOND_MAX = 50;
/** Keys that may wait for their table; further ones have to be counted again. */
const WAITING_KEYS_MAX = 4096;

/** Builds the table of a key; false where it has none afterwards. */
export type BuildTable = (publicKey: Uint8Array) => Promise<boolean>;

export class TableEarner {
  readonly #build: BuildTable;
  readonly #clock: Clock;
  readonly #frequentKeys = new FrequentKeys();
  /** Keys that have earned a table and wait for it. */
  readonly #waiting: Uint8Array[] = [];
  #timer: Timer | undefined;
  #building: Promise<void> | undefined;
  #builtTables = 0;
  #stopped = false;

  constructor(build: BuildTable, clock: Clock) {
    this.#build = build;
    this.#clock = clock;
  }

  /** Tables built since the start, those that others pushed out again included. */
  get builtTables(): number {
    return this.#builtTables;
  }

  /** Counts keys that signed a committed transaction, one entry a signature; keeps copies of those that it needs. */
  countCommitted(publicKeys: Iterable<Uint8Array>): void {
    for (const publicKey of publicKeys) {
      if (this.#frequentKeys.count(publicKey) && this.#waiting.length < WAITING_KEYS_MAX) {
        this.#waiting.push(publicKey.slice());
      }
    }
    this.#buildNext();
  }

  /** Builds no more; resolves when the one under way is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#building;
  }

  #buildNext(): void {
    if (this.#stopped || this.#timer !== undefined) {
      return;
    }
    const key = this.#waiting.shift();
    if (key === undefined) {
      return;
    }
    // The next one waits for this one and for its own share of the second, whichever takes longer.
    this.#timer = this.#clock.setTimer(1_000 / TABLES_PER_SECOND_MAX, () => {
      void this.#building?.then(() => {
        this.#timer = undefined;
        this.#buildNext();
      });
    });
    // A key without a table is judged all the same; a worker that failed shows in its next batch.
    this.#building = this.#build(key)
      .catch(() => false)
      .then((built) => {
        this.#builtTables += built ? 1 : 0;
      });
  }
}
