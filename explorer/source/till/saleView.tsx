// One sale on the till's screen: open with its QR code, paid and green with the receipt, or expired with the proof of absence.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { formatPaymentUri, fromHex } from "ttchain";
import { t } from "../i18n/translate.js";
import { liveBlocks } from "../live.js";
import { nodeStatus } from "../node.js";
import { amountText, durationText, numberText } from "../parts/format.js";
import { CopyButton, Heading } from "../parts/pieces.js";
import { QrCode } from "../parts/qrCode.js";
import { nativeFace } from "../parts/tokenFaces.js";
import { go } from "../router.js";
import { useStore } from "../store.js";
import type { CustomerScreen } from "../terminal/terminal.js";
import { tillTerminal } from "../terminal/tillTerminal.js";
import { CHAIN_DIGITS } from "../wallet/receive.js";
import { AbsenceProof } from "./absenceProof.js";
import { CustomerCode } from "./customerCode.js";
import { Receipt } from "./receipt.js";
import { RefundPanel } from "./refundPanel.js";
import type { Sale } from "./sales.js";
import { tillSettings } from "./tillSettings.js";
import { watchSale } from "./watchSale.js";

const PACE_BLOCKS = 10;

/** Symbol and decimals of what the sale is in. */
export function saleFace({ token, face }: Sale): { symbol: string; decimals: number } {
  return face ?? nativeFace(token) ?? { symbol: token, decimals: 0 };
}

/** The sale's amount as people read it, without its symbol. */
export function saleAmount(sale: Sale): string {
  return amountText(BigInt(sale.amount), saleFace(sale).decimals);
}

export function uriOfSale(sale: Sale, chain: string | undefined): string {
  const reference = fromHex(sale.reference);
  return formatPaymentUri({
    payee: sale.payee,
    token: sale.token,
    amount: BigInt(sale.amount),
    ...(reference === undefined ? {} : { reference }),
    ...(chain === undefined ? {} : { chain }),
    label: sale.label,
  });
}

function TimeLeft({ expiry }: { expiry: number }): JSX.Element {
  const recent = useStore(liveBlocks).slice(-PACE_BLOCKS);
  const last = recent.at(-1);
  const left = Math.max(0, expiry - (last?.height ?? 0));
  const spanMs = (last?.timeMs ?? 0) - (recent[0]?.timeMs ?? 0);
  const paceMs = recent.length > 1 ? spanMs / (recent.length - 1) : 0;
  return (
    <p class="muted">
      {t("till.left", { blocks: numberText(left), time: durationText(left * Math.max(paceMs, 100)) })}
    </p>
  );
}

function OpenSale({ sale }: { sale: Sale }): JSX.Element {
  const chain = useStore(nodeStatus)?.chain.genesisHash.slice(0, CHAIN_DIGITS);
  const gatewayKey = useStore(tillSettings)?.gatewayKey;
  useEffect(() => watchSale(sale, () => undefined), [sale]);
  const uri = uriOfSale(sale, chain);
  return (
    <>
      <div class="qr-box">
        <QrCode text={uri} label={t("till.qrLabel", { amount: saleAmount(sale), symbol: saleFace(sale).symbol })} />
      </div>
      <p role="status" class="waiting">
        {t("till.waiting")} …
      </p>
      <TimeLeft expiry={sale.expiry} />
      {sale.invoice === undefined || gatewayKey === undefined ? null : (
        <CustomerCode gatewayKey={gatewayKey} invoice={sale.invoice} />
      )}
      <details>
        <summary>{t("till.uri")}</summary>
        <code class="break" data-testid="invoice-uri">
          {uri}
        </code>{" "}
        <CopyButton text={uri} what={t("till.uri")} />
      </details>
    </>
  );
}

function PaidSale({ sale }: { sale: Sale }): JSX.Element {
  return (
    <>
      <div class="paid-banner" role="status" data-testid="paid">
        <span aria-hidden="true">✓</span> {t("till.paid")}
      </div>
      <Receipt sale={sale} />
      <RefundPanel sale={sale} />
    </>
  );
}

function screenOf(sale: Sale, chain: string | undefined): CustomerScreen {
  const amount = `${saleAmount(sale)} ${saleFace(sale).symbol}`;
  const kind = sale.state === "open" ? "pay" : sale.state;
  const face = { label: sale.label, amount };
  return kind === "pay" ? { kind, ...face, uri: uriOfSale(sale, chain) } : { kind, ...face };
}

export function SaleView({ sale }: { sale: Sale }): JSX.Element {
  const chain = useStore(nodeStatus)?.chain.genesisHash.slice(0, CHAIN_DIGITS);
  // The book gives a new object for the same sale at each look, so reference and state tell whether the screen has changed.
  useEffect(() => void tillTerminal().show(screenOf(sale, chain)), [sale.reference, sale.state, chain]);
  return (
    <div class={`sale ${sale.state}`}>
      <Heading>
        {saleAmount(sale)} {saleFace(sale).symbol}
      </Heading>
      {sale.state === "open" ? <OpenSale sale={sale} /> : null}
      {sale.state === "paid" ? <PaidSale sale={sale} /> : null}
      {sale.state === "expired" ? <AbsenceProof sale={sale} /> : null}
      <p class="actions no-print">
        <button type="button" class={sale.state === "open" ? "" : "primary"} onClick={() => go("/till")}>
          {sale.state === "open" ? t("till.cancel") : t("till.new")}
        </button>
      </p>
    </div>
  );
}
