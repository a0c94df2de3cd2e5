// The receipt of a paid sale, on the screen and on paper.

import type { JSX } from "preact";
import { t } from "../i18n/translate.js";
import { numberText, timeText } from "../parts/format.js";
import { Address, Facts, TransactionLink } from "../parts/pieces.js";
import type { Sale } from "./sales.js";
import { saleAmount, saleFace } from "./saleView.js";

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
      <p class="no-print">
        <button type="button" onClick={() => print()}>
          {t("till.print")}
        </button>
      </p>
    </section>
  );
}
