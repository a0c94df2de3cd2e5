// Keeps an invoice up to date: asks the gateway to answer when there is a later version, and goes on asking while it is away.

import { type CheckoutJson, CodedError, MerchantClient } from "ttchain";

const WAIT_MS = 10_000;
const RETRY_MS = 1_500;

export type Watched =
  | { state: "loading" }
  | { state: "missing" }
  | { state: "known"; invoice: CheckoutJson; isLost: boolean };

/** Calls back with every version, until the function returned is called. */
export function watchInvoice(id: string, onChange: (watched: Watched) => void): () => void {
  const client = new MerchantClient({ url: location.origin, patienceMs: 0 });
  let stopped = false;
  let known: CheckoutJson | undefined;
  const ask = async (): Promise<void> => {
    try {
      const wait = known === undefined ? {} : { version: known.version, waitMs: WAIT_MS };
      known = await client.checkout(id, wait);
      if (!stopped) {
        onChange({ state: "known", invoice: known, isLost: false });
        setTimeout(ask, 0);
      }
    } catch (error) {
      if (stopped) {
        return;
      }
      if (error instanceof CodedError && error.code === "NOT_FOUND") {
        onChange({ state: "missing" });
        return;
      }
      if (known !== undefined) {
        onChange({ state: "known", invoice: known, isLost: true });
      }
      setTimeout(ask, RETRY_MS);
    }
  };
  void ask();
  return () => {
    stopped = true;
  };
}
