// The receipt of a paid sale, on the screen and on paper.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n/translate.js";
import { numberText, timeText } from "../parts/format.js";
import { Address, Facts, TransactionLink } from "../parts/pieces.js";
import { useStore } from "../store.js";
import { terminalChanges, tillTerminal } from "../terminal/tillTerminal.js";
import { receiptLines } from "./receiptLines.js";
import type { Sale } from "./sales.js";
import { saleAmount, saleFace } from "./saleView.js";

/** Prints on the terminal's printer; without one, by the browser's own dialogue. */
function PrintButton({ sale }: { sale: Sale }): JSX.Element {
  useStore(terminalChanges);
  const [told, setTold] = useState("");
  const submit = async (): Promise<void> => {
    const terminal = tillTerminal();
    if (!terminal.parts.has("print")) {
      print();
      return;
    }
    try {
      await terminal.print(receiptLines(sale));
      setTold(t("terminal.printed"));
    } catch (error) {
      setTold(t("terminal.failed", { reason: error instanceof Error ? error.message : String(error) }));
    }
  };
  return (
    <p class="no-print">
      <button type="button" onClick={() => void submit()}>
        {t("till.print")}
      </button>{" "}
      <span role="status">{told}</span>
    </p>
  );
}

export function Receipt({ sale }: { sale: Sale }): JSX.Element | null {
  const { paid } = sale;
  if (paid === undefined) {
    return null;
  }
  return (
    <section class="receipt" aria-labelledby="receipt">
      <h2 id="receipt">
        {t("till.receipt")} {sale.label === "" ? null : <bdi>· {sale.label}</bdi>}
      </h2>
      <Facts
        rows={[
          [t("till.amount"), `${saleAmount(sale)} ${saleFace(sale).symbol}`],
          [t("tx.block"), t("till.paidAt", { height: numberText(paid.height), time: timeText(paid.timeMs) })],
          [t("tx.title"), <TransactionLink key="tx" id={paid.id} />],
          [t("till.payer"), <Address key="payer" text={paid.payer} />],
          [t("till.payee"), <Address key="payee" text={sale.payee} />],
          [t("till.reference"), <code key="reference">{sale.reference.slice(16, 32)}</code>],
          ...(sale.refund === undefined
            ? []
            : ([[t("till.refunded"), <TransactionLink key="refund" id={sale.refund.id} />]] as [
                string,
                JSX.Element,
              ][])),
        ]}
      />
      <PrintButton sale={sale} />
    </section>
  );
}
