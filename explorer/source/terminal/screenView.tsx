// One screen of the customer's display, drawn large.

import type { JSX } from "preact";
import { t } from "../i18n/translate.js";
import { QrCode } from "../parts/qrCode.js";
import type { CustomerScreen } from "./terminal.js";

export function ScreenView({ screen }: { screen: CustomerScreen }): JSX.Element {
  return (
    <div class={`display ${screen.kind}`} data-testid="display">
      {screen.label === "" ? null : (
        <p class="display-label">
          <bdi>{screen.label}</bdi>
        </p>
      )}
      {screen.kind === "idle" ? <p role="status">{t("terminal.welcome")}</p> : null}
      {screen.kind === "idle" ? null : <p class="display-amount">{screen.amount}</p>}
      {screen.kind === "pay" ? (
        <>
          <div class="qr-box">
            <QrCode text={screen.uri} label={t("terminal.pleasePay")} />
          </div>
          <p role="status">{t("terminal.pleasePay")}</p>
        </>
      ) : null}
      {screen.kind === "paid" ? (
        <p class="paid-banner" role="status">
          <span aria-hidden="true">✓</span> {t("terminal.thanks")}
        </p>
      ) : null}
      {screen.kind === "expired" ? <p role="status">{t("terminal.over")}</p> : null}
    </div>
  );
}
