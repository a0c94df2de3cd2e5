// Finds out by id what became of items whose answer was lost or names no outcome. A node that is away is asked again.

import { toHex } from "../../base/bytes.js";
import type { Clock } from "../../base/clock.js";
import type { TransactionState } from "../../client/answers.js";
import type { TTChainClient } from "../../client/client.js";
import { delay } from "../../client/delay.js";
import { NodeUnreachableError } from "../../client/requestJson.js";
import { ERROR_CODES, type ErrorCode, errorNumber } from "../../protocol/errors.js";
import type { SignedItems } from "./signedItems.js";
import type { Tracker } from "./tracker.js";

const ASKED_AT_ONCE = 8;
const AWAY_MS = 250;
/** How often one item may be found unfinished and sent again. */
const UNFINISHED_MAX = 20;

export interface AskContext {
  client: Pick<TTChainClient, "transaction">;
  clock: Clock;
  signed: SignedItems;
  tracker: Tracker;
  validUntil: number;
  /** It has not ended: it waits in the node's mempool, or the node holds nothing of it. Its bytes may be sent again. */
  onUnfinished(index: number): void;
}

/** The number with which a final state of the API ended; undefined for one that isn't final. */
export function finalNumber(state: TransactionState): number | undefined {
  if (state.state === "committed") {
    return 0;
  }
  if (state.state === "expired") {
    return errorNumber("EXPIRED");
  }
  const code = state.receipt?.code;
  return state.state === "failed" && code !== undefined && Object.hasOwn(ERROR_CODES, code)
    ? errorNumber(code as ErrorCode)
    : undefined;
}

export class OutcomeAsker {
  readonly #context: AskContext;
  readonly #queue: number[] = [];
  readonly #queued = new Set<number>();
  readonly #unfinished = new Map<number, number>();
  #running = 0;
  #stopped = false;

  constructor(context: AskContext) {
    this.#context = context;
  }

  /** Items that are still to be asked for. */
  get waiting(): number {
    return this.#queue.length + this.#running;
  }

  ask(index: number): void {
    if (this.#queued.has(index) || this.#stopped) {
      return;
    }
    this.#queued.add(index);
    this.#queue.push(index);
    if (this.#running < ASKED_AT_ONCE) {
      this.#running++;
      this.#run().finally(() => {
        this.#running--;
      });
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#queue.length = 0;
  }

  async #run(): Promise<void> {
    for (let index = this.#queue.shift(); index !== undefined; index = this.#queue.shift()) {
      this.#queued.delete(index);
      if (!this.#context.tracker.isFinal(index)) {
        await this.#askOne(index);
      }
    }
  }

  async #askOne(index: number): Promise<void> {
    const { client, clock, signed, tracker, validUntil, onUnfinished } = this.#context;
    let state: TransactionState;
    try {
      state = await client.transaction(toHex(signed.get(index).id), { validUntil });
    } catch (error) {
      if (error instanceof NodeUnreachableError && !this.#stopped) {
        await delay(AWAY_MS);
        this.ask(index);
        return;
      }
      throw error;
    }
    const number = finalNumber(state);
    if (number !== undefined) {
      tracker.final(index, number, state.height ?? 0, clock.monotonicMs());
    } else {
      const times = (this.#unfinished.get(index) ?? 0) + 1;
      this.#unfinished.set(index, times);
      // Another transaction may have used its number: then it never ends, and what was told last stands.
      if (times <= UNFINISHED_MAX) {
        onUnfinished(index);
      }
    }
  }
}
