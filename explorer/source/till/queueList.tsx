// Refunds that wait for network or wallet, with the reason of the last failure.

import type { JSX } from "preact";
import { t } from "../i18n/translate.js";
import { Time } from "../parts/pieces.js";
import { Link } from "../router.js";
import { useStore } from "../store.js";
import { UnlockForm } from "../wallet/unlockForm.js";
import { openAccount } from "../wallet/vault.js";
import { refundQueue, sendQueuedRefunds } from "./refundQueue.js";

export function QueueList(): JSX.Element | null {
  const queue = useStore(refundQueue);
  const account = useStore(openAccount);
  if (queue.length === 0) {
    return null;
  }
  return (
    <section aria-labelledby="queue" data-testid="refund-queue">
      <h2 id="queue">{t("offline.waiting")}</h2>
      <ul class="sales">
        {queue.map(({ reference, askedMs, problem }) => (
          <li key={reference}>
            <Link to={`/till/${reference}`}>{reference.slice(16, 24)}</Link>
            <span class="pill warn">{problem ?? t("offline.waits")}</span>
            <Time timeMs={askedMs} short />
          </li>
        ))}
      </ul>
      {account === undefined ? (
        <UnlockForm />
      ) : (
        <button type="button" onClick={() => void sendQueuedRefunds()}>
          {t("offline.sendNow")}
        </button>
      )}
    </section>
  );
}
