// The batches of a connection whose end is not known yet: brings each answer to the batch that it belongs to, in whatever order
// admissions and ends are told, and forgets a batch when nothing more can come.

import type { NodeMessage, RefusedItem } from "../protocol/apiTypes.js";
import { type ErrorCode, errorName } from "../protocol/errors.js";

/** A transaction of a batch that was refused. */
export interface Refusal {
  index: number;
  code: ErrorCode;
  message: string;
  retryAfterMs?: number;
}

/** Told about one batch. Called synchronously as frames arrive; it must not throw. */
export interface BatchListener {
  /** All were admitted or refused: those that `refused` does not name were admitted. A DUPLICATE waits too, and its end is told. */
  results(refused: Refusal[], height: number): void;
  /** One that waits is final: number 0 committed, 3xx failed in the block, 202 expired, 204 where another one has used its sequence. */
  final(index: number, number: number, height: number, timeMs: number): void;
  /** The connection broke, or the node refused the whole batch: nothing more will be told. */
  lost(error: Error): void;
}

/** What became of one transaction, as far as a connection heard. */
export interface FinalAnswer {
  /** "unknown": the connection broke before it was told; ask for the id. */
  state: "committed" | "failed" | "expired" | "refused" | "unknown";
  /** "OK" or an error's name. */
  code: ErrorCode | "OK";
  message?: string;
  height?: number;
  timeMs?: number;
}

/** The answers to a batch as promises. */
export interface BatchPromises {
  /** When each was admitted (undefined) or refused; rejects where the connection breaks before. */
  results: Promise<(Refusal | undefined)[]>;
  /** One for each transaction; they never reject. */
  finals: Promise<FinalAnswer>[];
}

interface Batch {
  listener: BatchListener;
  /** Whether ends are told. */
  final: boolean;
  /** Admitted and not final yet; undefined until the results are there. */
  waiting: number | undefined;
  /** Told final before the results were. */
  early: number;
}

function refusalOf([index, code, message, retryAfterMs]: RefusedItem): Refusal {
  return { index, code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

export class OpenBatches {
  readonly #batches = new Map<number, Batch>();

  add(request: number, listener: BatchListener, final: boolean): void {
    this.#batches.set(request, { listener, final, waiting: undefined, early: 0 });
  }

  results({ request, accepted, refused, height }: NodeMessage & { type: "results" }): void {
    const batch = this.#batches.get(request);
    if (batch === undefined) {
      return;
    }
    const duplicates = refused.filter(([, code]) => code === "DUPLICATE").length;
    batch.waiting = accepted + duplicates - batch.early;
    if (!batch.final || batch.waiting <= 0) {
      this.#batches.delete(request);
    }
    batch.listener.results(refused.map(refusalOf), height);
  }

  finals({ items, height, timeMs }: NodeMessage & { type: "final" }): void {
    for (const [request, index, number] of items) {
      const batch = this.#batches.get(request);
      if (batch === undefined) {
        continue;
      }
      if (batch.waiting === undefined) {
        batch.early++;
      } else if (--batch.waiting === 0) {
        this.#batches.delete(request);
      }
      batch.listener.final(index, number, height, timeMs);
    }
  }

  /** One batch was refused as a whole. */
  refused(request: number, error: Error): void {
    const batch = this.#batches.get(request);
    this.#batches.delete(request);
    batch?.listener.lost(error);
  }

  /** The connection broke. */
  lost(error: Error): void {
    const batches = [...this.#batches.values()];
    this.#batches.clear();
    for (const { listener } of batches) {
      listener.lost(error);
    }
  }
}

function finalState(number: number, code: ErrorCode | "OK"): FinalAnswer["state"] {
  if (number === 0) {
    return "committed";
  }
  return code === "EXPIRED" ? "expired" : code === "SEQUENCE_USED" ? "refused" : "failed";
}

/** Sends a batch of `count` through `submit` and gives its answers as promises. */
export function promiseBatch(count: number, submit: (listener: BatchListener) => void): BatchPromises {
  const settlers: ((answer: FinalAnswer) => void)[] = [];
  const finals = Array.from({ length: count }, () => new Promise<FinalAnswer>((resolve) => settlers.push(resolve)));
  const results = new Promise<(Refusal | undefined)[]>((resolve, reject) => {
    const lost = (error: Error) => {
      reject(error);
      for (const settle of settlers) {
        settle({ state: "unknown", code: "UNAVAILABLE", message: error.message });
      }
    };
    try {
      submit({
        results(refused) {
          const answers: (Refusal | undefined)[] = settlers.map(() => undefined);
          for (const refusal of refused) {
            const { index, code, message } = refusal;
            answers[index] = refusal;
            if (code !== "DUPLICATE") {
              settlers[index]({ state: "refused", code, message });
            }
          }
          resolve(answers);
        },
        final(index, number, height, timeMs) {
          const code = errorName(number) ?? "INTERNAL";
          settlers[index]({ state: finalState(number, code), code, height, timeMs });
        },
        lost,
      });
    } catch (error) {
      // Nothing was sent.
      lost(error as Error);
    }
  });
  return { results, finals };
}
