// A paid sale's receipt as lines for a printer. Its QR code names the sale, so that any till of the shop finds it again to refund it.

import { t } from "../i18n/translate.js";
import { numberText, timeText } from "../parts/format.js";
import type { ReceiptLine } from "../terminal/terminal.js";
import type { Sale } from "./sales.js";
import { saleAmount, saleFace } from "./saleView.js";

const SALE_SCHEME = "ttchain-sale:";

/** The reference of the sale that a receipt's code names; undefined for any other code. */
export function referenceOfCode(code: string): string | undefined {
  const match = /^ttchain-sale:([0-9a-f]{64})$/i.exec(code.trim());
  return match?.[1].toLowerCase();
}

export function receiptLines(sale: Sale): ReceiptLine[] {
  const { paid } = sale;
  if (paid === undefined) {
    throw new Error("only a paid sale has a receipt");
  }
  return [
    { kind: "title", text: sale.label === "" ? t("till.receipt") : sale.label },
    { kind: "rule" },
    { kind: "large", text: `${saleAmount(sale)} ${saleFace(sale).symbol}` },
    { kind: "rule" },
    { kind: "pair", name: t("till.title"), value: String(sale.till) },
    { kind: "pair", name: t("tx.block"), value: numberText(paid.height) },
    { kind: "text", text: timeText(paid.timeMs) },
    { kind: "pair", name: t("tx.title"), value: paid.id },
    { kind: "pair", name: t("till.payer"), value: paid.payer },
    { kind: "pair", name: t("till.payee"), value: sale.payee },
    ...(sale.refund === undefined ? [] : [{ kind: "pair" as const, name: t("till.refunded"), value: sale.refund.id }]),
    { kind: "qr", text: SALE_SCHEME + sale.reference },
  ];
}
