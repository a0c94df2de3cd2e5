// One action of the wallet: summed up with its fee, signed when the person says so, and followed until its fate is known.

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { Account, Action, Outcome } from "ttchain";
import { t } from "../i18n/translate.js";
import { codeText } from "../parts/errorText.js";
import { Amount, Facts, Failure, TransactionLink } from "../parts/pieces.js";
import { type Quote, quoteActions, signAndSend } from "./pay.js";

export interface ReadyAction {
  action: Action;
  /** What it does, in plain words. */
  rows: [string, ComponentChildren][];
  /** TTC units that it moves or locks, for the list of what is under way. */
  amount: bigint;
  quote: Omit<Quote, "deposit">;
}

type Step =
  | { name: "summary" }
  | { name: "sending" }
  | { name: "done"; id: string; outcome: Outcome }
  | { name: "trouble"; error: unknown };

/** The action with what it would cost now. Throws a coded error for one that can't be built. */
export async function readyAction(account: Account, wanted: Omit<ReadyAction, "quote">): Promise<ReadyAction> {
  return { ...wanted, quote: await quoteActions(account, { actions: [wanted.action] }) };
}

function Done({ id, outcome }: { id: string; outcome: Outcome }): JSX.Element {
  const ok = outcome.state === "committed";
  return (
    <p role="status" class={ok ? "notice ok" : "notice bad"} data-testid="action-done">
      {ok ? t("action.done") : `${codeText(outcome.code) ?? outcome.message ?? ""} (${outcome.code})`}{" "}
      <TransactionLink id={id} />
    </p>
  );
}

interface SignActionProps {
  account: Account;
  ready: ReadyAction;
  onCommitted: () => void;
  onClose: () => void;
}

export function SignAction({ account, ready, onCommitted, onClose }: SignActionProps): JSX.Element {
  const [step, setStep] = useState<Step>({ name: "summary" });
  const { action, rows, amount, quote } = ready;
  const sign = async (): Promise<void> => {
    setStep({ name: "sending" });
    try {
      const done = await signAndSend(account, { actions: [action] }, { to: account.addressText, token: "TTC", amount });
      setStep({ name: "done", ...done });
      if (done.outcome.state === "committed") {
        onCommitted();
      }
    } catch (error) {
      setStep({ name: "trouble", error });
    }
  };
  if (step.name === "summary") {
    return (
      <section class="summary" aria-labelledby="action-summary">
        <h2 id="action-summary">{t("send.summary")}</h2>
        <Facts rows={[...rows, [t("send.fee"), <Amount key="fee" units={quote.fee} token={quote.feeToken} />]]} />
        <p class="actions">
          <button type="button" class="primary" onClick={() => void sign()}>
            {t("action.sign")}
          </button>
          <button type="button" onClick={onClose}>
            {t("app.cancel")}
          </button>
        </p>
      </section>
    );
  }
  if (step.name === "sending") {
    return (
      <p class="notice" role="status">
        {t("action.sending")}
      </p>
    );
  }
  return (
    <>
      {step.name === "done" ? <Done id={step.id} outcome={step.outcome} /> : null}
      {step.name === "trouble" ? (
        <>
          <p class="notice warn">{t("send.unknown")}</p>
          <Failure error={step.error} />
        </>
      ) : null}
      <p>
        <button type="button" onClick={onClose}>
          {t("action.back")}
        </button>
      </p>
    </>
  );
}
