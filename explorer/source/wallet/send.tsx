// Sending: a form, then the steps of paying. A payment request fills the form and fixes what it asks for.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n/translate.js";
import { PaySteps, type ReadyPayment } from "./paySteps.js";
import { SendForm } from "./sendForm.js";
import type { WalletTabProps } from "./walletPage.js";

export function Send({ account, query }: WalletTabProps): JSX.Element {
  const [ready, setReady] = useState<ReadyPayment>();
  if (ready !== undefined) {
    return (
      <PaySteps account={account} ready={ready} againText={t("send.another")} onLeave={() => setReady(undefined)} />
    );
  }
  return (
    <SendForm
      account={account}
      initial={query.get("pay") ?? query.get("to") ?? ""}
      onReady={(payment, quote, label) => setReady({ payment, quote, label })}
    />
  );
}
