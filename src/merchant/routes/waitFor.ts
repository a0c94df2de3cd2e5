// Long polls: an answer that waits until there is something to say, or until its time is up.

import { setMaxListeners } from "node:events";
import type { RouteRequest } from "../../http/request.js";
import type { Gateway } from "../gateway.js";

const WAIT_MS_MAX = 30_000;

/** Asks again after each event of the store until the answer is not undefined; the last answer where the time is up or the client gone. */
export async function waitFor<T>(
  gateway: Gateway,
  store: string,
  { request, closing }: { request: RouteRequest; closing: AbortSignal },
  ask: () => T | undefined,
): Promise<T | undefined> {
  const waitMs = Math.min(request.optionalNumber("wait") ?? 0, WAIT_MS_MAX);
  const first = ask();
  if (first !== undefined || waitMs === 0) {
    return first;
  }
  const { events, clock } = gateway.parts;
  setMaxListeners(0, closing);
  return new Promise((resolve) => {
    const end = (): void => {
      unsubscribe();
      timer.cancel();
      request.aborted.removeEventListener("abort", end);
      closing.removeEventListener("abort", end);
      resolve(ask());
    };
    const unsubscribe = events.subscribe((told) => {
      if (told === store && ask() !== undefined) {
        end();
      }
    });
    const timer = clock.setTimer(waitMs, end);
    request.aborted.addEventListener("abort", end);
    closing.addEventListener("abort", end);
  });
}
