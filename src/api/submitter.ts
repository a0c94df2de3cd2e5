// Hands transactions to the mempool for HTTP and WebSocket alike, and watches for their end where that is wanted.

import { bytesKey } from "../base/bytes.js";
import { CodedError, type ErrorCode } from "../protocol/errors.js";
import type { Final, FinalityTracker, FinalListener } from "./finality.js";
import type { ApiServices, ApiSubmitResult } from "./services.js";

/** What a submission's sender hears before anything else happens: first all results, then of each that has an end. */
export interface SubmissionEvents {
  onResults(results: ApiSubmitResult[]): void;
  /** It waits; the listener will hear its end. */
  onWatched(idKey: string, index: number): void;
  /** It was decided while the submission was on its way. */
  onAlreadyFinal(idKey: string, index: number, final: Final): void;
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

export class Submitter {
  constructor(
    private readonly services: ApiServices,
    private readonly finality: FinalityTracker,
  ) {}

  /** Submits copies of transactions; what was committed before is refused as ALREADY_COMMITTED, not for what that used up. */
  async submit(transactions: Uint8Array[], source: string): Promise<ApiSubmitResult[]> {
    const results = await this.services.mempool.submit(transactions, source);
    return results.map((result) => this.refine(result));
  }

  private refine(result: ApiSubmitResult): ApiSubmitResult {
    if (result.id === undefined || result.error === undefined || !COMMITTED_CODES.has(result.error.code)) {
      return result;
    }
    const place = this.services.history.transaction(result.id);
    if (place === undefined) {
      return result;
    }
    const message = `the same transaction is already in block ${place.height}`;
    const details = { height: place.height, index: place.index };
    return { id: result.id, error: new CodedError("ALREADY_COMMITTED", message, details) };
  }

  /** Submits, and has `listener` hear the end of what waits. All events come in one go, so that no block lies between. */
  async submitAndWatch(
    transactions: Uint8Array[],
    source: string,
    events: SubmissionEvents,
    listener: FinalListener,
  ): Promise<void> {
    const flight = this.finality.takeOff();
    try {
      const results = await this.submit(transactions, source);
      events.onResults(results);
      for (const [index, result] of results.entries()) {
        if (result.id !== undefined && isWaiting(result)) {
          const idKey = bytesKey(result.id);
          const final = this.finality.finalDuring(flight, idKey);
          if (final === undefined) {
            events.onWatched(idKey, index);
            this.finality.watch(idKey, listener);
          } else {
            events.onAlreadyFinal(idKey, index, final);
          }
        }
      }
      listener.onFinalsTold();
    } finally {
      this.finality.land(flight);
    }
  }
}
