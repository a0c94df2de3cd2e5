// Hands transactions to the mempool for HTTP and WebSocket alike, and watches for their end where that is wanted.

import { keyBytes } from "../base/bytes.js";
import type { Door, Visitor } from "../http/door/door.js";
import { SubmitResult } from "../mempool/arrivals.js";
import { CodedError, type ErrorCode, errorNumber } from "../protocol/errors.js";
import { readParameters } from "../state/views.js";
import type { Final, FinalityTracker, FinalListener } from "./finality.js";
import type { ApiServices, ApiSubmitResult } from "./services.js";

/** What a submission's sender hears before anything else happens. */
export interface SubmissionEvents {
  /** First, of all its transactions. */
  onResults(results: ApiSubmitResult[]): void;
  /** Then of each that was decided while the submission was on its way. */
  onAlreadyFinal(index: number, final: Final): void;
}

/**
 * What a committed transaction may be refused for when it comes again. Other refusals are not looked up: while the node is full
 * or somebody sends rubbish, a look-up for each would be what a flood wants.
 */
const COMMITTED_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "SEQUENCE_USED",
  "SEQUENCE_GAP",
  "EXPIRED",
  "WRONG_KEY",
  "FEE_UNPAYABLE",
]);

/** Whether a transaction waits after this result: it was admitted, or the same one had been before. */
export function isWaiting({ error }: ApiSubmitResult): boolean {
  return error === undefined || error.code === "DUPLICATE";
}

/** Codes below this number are work for nothing. */
const FORM_CODES_BELOW = 200;
const NEWCOMER_RETRY_MS = 200;
const BAD_SIGNATURE_WASTE = 64;
/** A newcomer that sends more although its share is under way did not wait for the answer. */
const HASTY_NEWCOMER_WASTE = 64;

/** What a refusal cost the node that an honest client doesn't cause: a signature is dear, bytes of no form are cheap. */
export function wasteOf({ error }: ApiSubmitResult): number {
  if (error?.code === "BAD_SIGNATURE") {
    return BAD_SIGNATURE_WASTE;
  }
  return error !== undefined && errorNumber(error.code) < FORM_CODES_BELOW ? 1 : 0;
}

export class Submitter {
  constructor(
    private readonly services: ApiServices,
    private readonly finality: FinalityTracker,
    private readonly door: Door,
  ) {}

  /** Submits copies of transactions; what was committed before is refused as ALREADY_COMMITTED, not for what that used up. */
  async submit(transactions: Uint8Array[], visitor: Visitor): Promise<ApiSubmitResult[]> {
    if (!visitor.isNewcomer) {
      return this.decide(transactions, visitor, false);
    }
    const taken = this.door.enter(visitor, transactions.length);
    if (taken === 0) {
      visitor.waste(HASTY_NEWCOMER_WASTE);
    }
    try {
      const results = taken === 0 ? [] : await this.decide(transactions.slice(0, taken), visitor, true);
      const error = new CodedError("BUSY", "newcomers have too many transactions under way", {
        retryAfterMs: NEWCOMER_RETRY_MS,
      });
      const left = new Array<ApiSubmitResult>(transactions.length - taken).fill(new SubmitResult(undefined, error));
      return [...results, ...left];
    } finally {
      this.door.leave(visitor, taken);
    }
  }

  private async decide(transactions: Uint8Array[], visitor: Visitor, isNewcomer: boolean): Promise<ApiSubmitResult[]> {
    const results = await this.services.mempool.submit(transactions, isNewcomer);
    const refined = results.map((result) => this.refine(result));
    visitor.makeUpFor(refined.filter(({ error }) => error === undefined).length);
    if (refined.some(({ error }) => error?.code === "BAD_SIGNATURE")) {
      visitor.distrust();
    }
    visitor.waste(refined.reduce((sum, result) => sum + wasteOf(result), 0));
    return refined;
  }

  private refine(result: ApiSubmitResult): ApiSubmitResult {
    const { idKey, error } = result;
    if (idKey === undefined || error === undefined || !COMMITTED_CODES.has(error.code)) {
      return result;
    }
    const place = this.services.history.transaction(keyBytes(idKey));
    if (place === undefined) {
      return result;
    }
    const message = `the same transaction is already in block ${place.height}`;
    const details = { height: place.height, index: place.index };
    return new SubmitResult(idKey, new CodedError("ALREADY_COMMITTED", message, details));
  }

  /**
   * Submits, and has `listener` hear the end of what waits, as number `request`. All events come in one go, so that no block lies
   * between.
   */
  async submitAndWatch(
    transactions: Uint8Array[],
    visitor: Visitor,
    request: number,
    events: SubmissionEvents,
    listener: FinalListener,
  ): Promise<void> {
    const { finality } = this;
    const { state, mempool } = this.services;
    const flight = finality.takeOff();
    try {
      const results = await this.submit(transactions, visitor);
      events.onResults(results);
      const heightOver = state.height + 1 + readParameters(state).validUntilHeightsMax;
      for (let index = 0; index < results.length; index++) {
        const { idKey } = results[index];
        if (idKey !== undefined && isWaiting(results[index])) {
          const final = mempool.holds(idKey) ? undefined : finality.finalDuring(flight, idKey);
          if (final === undefined) {
            finality.watch(idKey, listener, request, index, heightOver);
          } else {
            events.onAlreadyFinal(index, final);
          }
        }
      }
      listener.onFinalsTold(finality.latest);
    } finally {
      finality.land(flight);
    }
  }
}
