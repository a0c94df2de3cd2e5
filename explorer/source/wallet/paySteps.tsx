// From a payment that is ready to what became of it: the summary with the fee, the signature, and the outcome.

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { Account, Outcome } from "ttchain";
import { t } from "../i18n/translate.js";
import { codeText } from "../parts/errorText.js";
import { numberText } from "../parts/format.js";
import { Failure, TransactionLink } from "../parts/pieces.js";
import { type Payment, pay, type Quote } from "./pay.js";
import { SendSummary } from "./sendSummary.js";

export interface ReadyPayment {
  payment: Payment;
  quote: Quote;
  /** Who asks for it, in their own words. */
  label: string | undefined;
}

type Step =
  | { name: "summary" }
  | { name: "sending" }
  | { name: "done"; id: string; outcome: Outcome }
  | { name: "trouble"; error: unknown };

interface PayStepsProps {
  account: Account;
  ready: ReadyPayment;
  /** What leads away from the outcome. */
  againText: string;
  onLeave: () => void;
  /** What stands above the outcome of a payment that was made. */
  children?: ComponentChildren;
}

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

export function PaySteps({ account, ready, againText, onLeave, children }: PayStepsProps): JSX.Element {
  const [step, setStep] = useState<Step>({ name: "summary" });
  const send = async (): Promise<void> => {
    setStep({ name: "sending" });
    try {
      setStep({ name: "done", ...(await pay(account, ready.payment)) });
    } catch (error) {
      setStep({ name: "trouble", error });
    }
  };
  if (step.name === "summary") {
    return <SendSummary account={account} {...ready} onSign={() => void send()} onCancel={onLeave} />;
  }
  if (step.name === "sending") {
    return (
      <p class="notice" role="status">
        {t("send.sending")}
      </p>
    );
  }
  return (
    <>
      {step.name === "done" ? (
        <>
          {step.outcome.state === "committed" ? children : null}
          <Done id={step.id} outcome={step.outcome} />
        </>
      ) : (
        <>
          <p class="notice warn">{t("send.unknown")}</p>
          <Failure error={step.error} />
        </>
      )}
      <p>
        <button type="button" onClick={onLeave}>
          {againText}
        </button>
      </p>
    </>
  );
}
