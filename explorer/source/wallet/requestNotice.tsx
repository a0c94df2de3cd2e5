// What a payment request asks for, before it is paid.

import type { JSX } from "preact";
import type { PaymentRequest } from "ttchain";
import { expiryHeightOf } from "ttchain";
import { t } from "../i18n/translate.js";
import { numberText } from "../parts/format.js";
import { Amount } from "../parts/pieces.js";

export function RequestNotice({ request }: { request: PaymentRequest }): JSX.Element {
  const { label, amount, token, reference } = request;
  return (
    <div class="notice" data-testid="request">
      <p>
        <bdi>{label === undefined ? t("send.invoiceUnnamed") : t("send.invoice", { label })}</bdi>
      </p>
      {amount === undefined ? null : (
        <p class="big-amount">
          <Amount units={amount} token={token ?? "TTC"} />
        </p>
      )}
      {reference === undefined ? null : (
        <p class="muted">{t("send.invoiceUntil", { height: numberText(Number(expiryHeightOf(reference))) })}</p>
      )}
    </div>
  );
}
