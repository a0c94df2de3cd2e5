// Hands transactions to the mempool for HTTP and WebSocket alike, and watches for their end where that is wanted.

import { bytesKey } from "../base/bytes.js";
import { CodedError, type ErrorCode } from "../protocol/errors.js";
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

  /**
   * Submits, and has `listener` hear the end of what waits, as number `request`. All events come in one go, so that no block lies
   * between.
   */
  async submitAndWatch(
    transactions: Uint8Array[],
    source: string,
    request: number,
    events: SubmissionEvents,
    listener: FinalListener,
  ): Promise<void> {
    const { finality } = this;
    const { state } = this.services;
    const flight = finality.takeOff();
    try {
      const results = await this.submit(transactions, source);
      events.onResults(results);
      const heightOver = state.height + 1 + readParameters(state).validUntilHeightsMax;
      for (let index = 0; index < results.length; index++) {
        const { id } = results[index];
        if (id !== undefined && isWaiting(results[index])) {
          const idKey = bytesKey(id);
          const final = finality.finalDuring(flight, idKey);
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
