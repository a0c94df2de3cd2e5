// Long polls: an answer that waits until there is something to say, or until its time is up.

import { setMaxListeners } from "node:events";
import type { Clock } from "../../base/clock.js";
import type { RouteRequest } from "../../http/request.js";
import { WAIT_MS_MAX } from "./pageParameters.js";

export interface Patience {
  clock: Clock;
  waitMs: number;
  /** The asker went away. */
  aborted: AbortSignal;
  /** The server closes. */
  closing: AbortSignal;
}

/** As long as the request's `wait` says. */
export function patienceOf(request: RouteRequest, { clock, closing }: Pick<Patience, "clock" | "closing">): Patience {
  const waitMs = Math.min(request.optionalNumber("wait") ?? 0, WAIT_MS_MAX);
  return { clock, waitMs, aborted: request.aborted, closing };
}

/** Asks again whenever `subscribe` tells of news until the answer is not undefined; the last answer where the time is up. */
export async function waitFor<T>(
  { clock, waitMs, aborted, closing }: Patience,
  subscribe: (listener: () => void) => () => void,
  ask: () => T | undefined,
): Promise<T | undefined> {
  const first = ask();
  if (first !== undefined || waitMs === 0 || aborted.aborted || closing.aborted) {
    return first;
  }
  setMaxListeners(0, closing);
  return new Promise((resolve, reject) => {
    const look = (isLast: boolean): void => {
      try {
        const answer = ask();
        if (answer !== undefined || isLast) {
          leave();
          resolve(answer);
        }
      } catch (error) {
        leave();
        reject(error);
      }
    };
    const end = (): void => look(true);
    const leave = (): void => {
      unsubscribe();
      timer.cancel();
      aborted.removeEventListener("abort", end);
      closing.removeEventListener("abort", end);
    };
    const unsubscribe = subscribe(() => look(false));
    const timer = clock.setTimer(waitMs, end);
    aborted.addEventListener("abort", end);
    closing.addEventListener("abort", end);
  });
}
