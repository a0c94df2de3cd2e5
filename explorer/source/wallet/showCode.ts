// A code that this wallet shows at a till: made, handed to the gateway, and waited for until a till has claimed it for an invoice or its
// time is up. The gateway may forget a code that nobody claimed; it is then handed in again.

import { type Account, CodedError, fromHex, MerchantClient, makePayCode, type PayCode } from "ttchain";
import { client } from "../node.js";

/** How long a code is shown. The chain's heights can't pass faster than its block interval, so its height ends no earlier. */
export const CODE_LIFE_MS = 100_000;
/** What gateways take, with room for one that is some blocks behind. */
const HEIGHTS_MAX = 1_150;
const WAIT_MS = 10_000;
const RETRY_MS = 1_000;

const gateway = new MerchantClient({ url: location.origin });

/** A fresh code, known to the gateway. Throws NOT_FOUND where the node has no gateway. */
export async function presentFreshCode(account: Account): Promise<PayCode> {
  const [{ chain, height }, { blockIntervalMs }] = await Promise.all([client.status(), client.parameters()]);
  const heights = Math.min(HEIGHTS_MAX, Math.ceil(CODE_LIFE_MS / blockIntervalMs));
  const code = makePayCode(account, fromHex(chain.genesisHash) as Uint8Array, height + heights);
  await gateway.presentCode(code.token);
  return code;
}

/** Calls back with the payment request of the invoice that a till claimed the code for, until the function returned is called. */
export function watchCode({ token, digits }: PayCode, onRequest: (uri: string) => void): () => void {
  let ended = false;
  const ask = async (): Promise<void> => {
    let pauseMs = 0;
    try {
      const { uri } = await gateway.presentedCode(digits, WAIT_MS);
      if (!ended && uri !== undefined) {
        ended = true;
        onRequest(uri);
      }
    } catch (error) {
      pauseMs = RETRY_MS;
      if (error instanceof CodedError && error.code === "NOT_FOUND") {
        await gateway.presentCode(token).catch(() => undefined);
      }
    }
    if (!ended) {
      setTimeout(() => void ask(), pauseMs);
    }
  };
  void ask();
  return () => {
    ended = true;
  };
}
