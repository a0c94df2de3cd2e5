// Waits until a transaction's fate is known: committed, failed or expired. What a node is asked is only its own view; a node
// that is away for a while is asked again until the time is up.

import type { TransactionState } from "./answers.js";
import type { TTChainClient } from "./client.js";
import { delay } from "./delay.js";
import { NodeUnreachableError } from "./requestJson.js";

const POLL_FIRST_MS = 50;
const POLL_MAX_MS = 1_000;

export interface WaitOptions {
  /** The transaction's valid-until height: lets the node say "expired". */
  validUntil?: number;
  /** Give up after this long; 60 s by default. */
  timeoutMs?: number;
}

/** Whether a state can't change any more. */
export function isFinal(state: TransactionState): boolean {
  return state.state === "committed" || state.state === "failed" || state.state === "expired";
}

/**
 * The transaction's last known state: final, or "pending" or "unknown" where the time was up before. Throws
 * NodeUnreachableError where the node never answered.
 */
export async function waitForCommit(
  client: Pick<TTChainClient, "transaction">,
  id: Uint8Array | string,
  { validUntil, timeoutMs = 60_000 }: WaitOptions = {},
): Promise<TransactionState> {
  const deadlineMs = performance.now() + timeoutMs;
  let last: TransactionState | undefined;
  let unreachable: NodeUnreachableError | undefined;
  for (let pollMs = POLL_FIRST_MS; ; pollMs = Math.min(pollMs * 2, POLL_MAX_MS)) {
    try {
      last = await client.transaction(id, validUntil === undefined ? {} : { validUntil });
      if (isFinal(last)) {
        return last;
      }
    } catch (error) {
      if (!(error instanceof NodeUnreachableError)) {
        throw error;
      }
      unreachable = error;
    }
    if (performance.now() + pollMs > deadlineMs) {
      if (last === undefined && unreachable !== undefined) {
        throw unreachable;
      }
      return last ?? { id: typeof id === "string" ? id : "", state: "unknown" };
    }
    await delay(pollMs);
  }
}
