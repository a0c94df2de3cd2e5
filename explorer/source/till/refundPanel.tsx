// Refunding a paid sale: needs the wallet of the till's own address, open.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Account } from "ttchain";
import { t } from "../i18n/translate.js";
import { linkState } from "../node.js";
import { codeText } from "../parts/errorText.js";
import { Failure, TransactionLink } from "../parts/pieces.js";
import { useStore } from "../store.js";
import { UnlockForm } from "../wallet/unlockForm.js";
import { openAccount, storedKeyFile } from "../wallet/vault.js";
import { lookForRefund, refundSale } from "./refund.js";
import { queueRefund, refundQueue } from "./refundQueue.js";
import type { Sale } from "./sales.js";
import { saleAmount, saleFace } from "./saleView.js";

type Step = { name: "idle" | "asking" | "sending" } | { name: "failed"; error: unknown };

function Confirm({ sale, account, onStep }: { sale: Sale; account: Account; onStep: (step: Step) => void }) {
  const send = async (): Promise<void> => {
    onStep({ name: "sending" });
    try {
      const outcome = await refundSale(account, sale);
      if (outcome.state === "committed") {
        onStep({ name: "idle" });
      } else {
        onStep({ name: "failed", error: new Error(codeText(outcome.code) ?? outcome.message ?? outcome.code) });
      }
    } catch (error) {
      onStep({ name: "failed", error });
    }
  };
  return (
    <>
      <p>{t("till.refundAsk", { amount: saleAmount(sale), symbol: saleFace(sale).symbol })}</p>
      <p class="actions">
        <button type="button" class="primary" onClick={() => void send()}>
          {t("till.refundGo")}
        </button>
        <button type="button" onClick={() => onStep({ name: "idle" })}>
          {t("app.cancel")}
        </button>
      </p>
    </>
  );
}

/** Without a network: the refund is noted and goes out later. */
function Offline({ sale }: { sale: Sale }): JSX.Element {
  const waits = useStore(refundQueue).some(({ reference }) => reference === sale.reference);
  return waits ? (
    <p class="notice warn" role="status" data-testid="refund-queued">
      {t("till.refund")}: {t("offline.waits")}
    </p>
  ) : (
    <>
      <p class="muted">{t("offline.queueText")}</p>
      <button type="button" onClick={() => queueRefund(sale.reference)}>
        {t("offline.queue")}
      </button>
    </>
  );
}

export function RefundPanel({ sale }: { sale: Sale }): JSX.Element {
  const account = useStore(openAccount);
  const file = useStore(storedKeyFile);
  const link = useStore(linkState);
  const [step, setStep] = useState<Step>({ name: "idle" });
  useEffect(() => {
    if (sale.refund === undefined) {
      lookForRefund(sale).catch(() => undefined);
    }
  }, [sale]);
  if (sale.refund !== undefined) {
    return (
      <p class="notice ok" role="status" data-testid="refunded">
        {t("till.refunded")} <TransactionLink id={sale.refund.id} />
      </p>
    );
  }
  if (file?.address !== sale.payee) {
    return <p class="muted no-print">{t("till.refundNoWallet")}</p>;
  }
  if (link === "lost") {
    return <Offline sale={sale} />;
  }
  return (
    <div class="refund no-print">
      {step.name === "idle" || step.name === "failed" ? (
        <button type="button" onClick={() => setStep({ name: "asking" })}>
          {t("till.refund")}
        </button>
      ) : null}
      {step.name === "asking" && account === undefined ? <UnlockForm /> : null}
      {step.name === "asking" && account !== undefined ? (
        <Confirm sale={sale} account={account} onStep={setStep} />
      ) : null}
      {step.name === "sending" ? <p role="status">{t("till.refunding")}</p> : null}
      {step.name === "failed" ? (
        <>
          <p class="notice bad">{t("till.refundFailed")}</p>
          <Failure error={step.error} />
        </>
      ) : null}
    </div>
  );
}
