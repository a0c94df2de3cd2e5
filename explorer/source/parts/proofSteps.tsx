// What a verification showed, as a list of steps that held.

import type { ComponentChildren, JSX } from "preact";
import { t } from "../i18n/translate.js";
import type { Verified } from "../verify.js";
import { numberText, timeText } from "./format.js";

export function ProofSteps({ verified, children }: { verified: Verified; children: ComponentChildren }): JSX.Element {
  const { hash, verdict, sinceMs, signed, delegates, height } = verified;
  return (
    <div class={verdict === "other" ? "notice warn" : "notice ok"} role="status">
      <p>
        <strong>✓ {t("verify.ok")}</strong>
      </p>
      <ul class="steps">
        <li class="break">{t("verify.step.genesis", { hash })}</li>
        <li>{t("verify.step.certificate", { signed, all: delegates, height: numberText(height) })}</li>
        {children}
      </ul>
      <p>{t(`verify.anchor.${verdict}`, { date: timeText(sinceMs) })}</p>
    </div>
  );
}
