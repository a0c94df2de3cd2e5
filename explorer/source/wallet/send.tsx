// Sending: a form, a summary with the fee, and what became of it. A payment request fills the form and fixes what it asks for.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Outcome } from "ttchain";
import { t } from "../i18n/translate.js";
import { codeText } from "../parts/errorText.js";
import { numberText } from "../parts/format.js";
import { Failure, TransactionLink } from "../parts/pieces.js";
import { type Payment, pay, type Quote } from "./pay.js";
import { SendForm } from "./sendForm.js";
import { SendSummary } from "./sendSummary.js";
import type { WalletTabProps } from "./walletPage.js";

type Step =
  | { name: "form" }
  | { name: "summary"; payment: Payment; quote: Quote; label: string | undefined }
  | { name: "sending" }
  | { name: "done"; id: string; outcome: Outcome }
  | { name: "trouble"; error: unknown };

function Done({ id, outcome }: { id: string; outcome: Outcome }): JSX.Element {
  if (outcome.state === "committed") {
    return (
      <div class="notice ok big" role="status" data-testid="sent">
        <p>
          <strong>✓ {t("send.committed", { height: numberText(outcome.height ?? 0) })}</strong>
        </p>
        <TransactionLink id={id} />
      </div>
    );
  }
  return (
    <div class="notice bad" role="alert" data-testid="not-sent">
      <p>
        <strong>{t("send.failed")}.</strong> {codeText(outcome.code) ?? `${outcome.message ?? ""} (${outcome.code})`}
      </p>
      {outcome.state === "failed" ? <TransactionLink id={id} /> : null}
    </div>
  );
}

export function Send({ account, query }: WalletTabProps): JSX.Element {
  const [step, setStep] = useState<Step>({ name: "form" });
  const send = async (payment: Payment): Promise<void> => {
    setStep({ name: "sending" });
    try {
      setStep({ name: "done", ...(await pay(account, payment)) });
    } catch (error) {
      setStep({ name: "trouble", error });
    }
  };
  switch (step.name) {
    case "form":
      return (
        <SendForm
          account={account}
          initial={query.get("pay") ?? query.get("to") ?? ""}
          onReady={(payment, quote, label) => setStep({ name: "summary", payment, quote, label })}
        />
      );
    case "summary":
      return (
        <SendSummary
          account={account}
          payment={step.payment}
          quote={step.quote}
          label={step.label}
          onSign={() => void send(step.payment)}
          onCancel={() => setStep({ name: "form" })}
        />
      );
    case "sending":
      return (
        <p class="notice" role="status">
          {t("send.sending")}
        </p>
      );
    default:
      return (
        <>
          {step.name === "done" ? (
            <Done id={step.id} outcome={step.outcome} />
          ) : (
            <>
              <p class="notice warn">{t("send.unknown")}</p>
              <Failure error={step.error} />
            </>
          )}
          <p>
            <button type="button" onClick={() => setStep({ name: "form" })}>
              {t("send.another")}
            </button>
          </p>
        </>
      );
  }
}
