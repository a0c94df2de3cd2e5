// The checkout page: what is to be paid, the code for a wallet, and what became of it, green once the payment is final.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type CheckoutJson, formatAmount } from "ttchain";
import {
  type CheckoutLanguage,
  type CheckoutText,
  checkoutText,
  initialLanguage,
  rememberLanguage,
} from "./checkoutTexts.js";
import { PayBox } from "./payBox.js";
import { type Watched, watchInvoice } from "./watchInvoice.js";

export type Say = (key: CheckoutText, values?: Record<string, string | number>) => string;

const TTC_DECIMALS = 8;
const TOKEN_CHARACTERS_SHOWN = 8;

/** An amount as people read it: TTC has decimals, the others of the chain have none. */
export function shownAmount(token: string, units: string): string {
  const [whole, fraction] = formatAmount(BigInt(units), token === "TTC" ? TTC_DECIMALS : 0).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

export function shownToken(token: string): string {
  return token.length > TOKEN_CHARACTERS_SHOWN ? `${token.slice(0, TOKEN_CHARACTERS_SHOWN)}…` : token;
}

function priceText({ price }: CheckoutJson): string {
  return price.currency === "KRW"
    ? `₩${shownAmount("KRW", price.amount)}`
    : `${shownAmount(price.currency, price.amount)} ${shownToken(price.currency)}`;
}

function Outcome({ invoice, say }: { invoice: CheckoutJson; say: Say }): JSX.Element | null {
  const { state, payable } = invoice;
  if (state === "paid" || state === "overpaid") {
    return (
      <>
        <p class="paid-banner">{say("paid")}</p>
        <p class="notice ok">{say("paidText")}</p>
        {state === "overpaid" ? <p class="notice warn">{say("overpaid")}</p> : null}
      </>
    );
  }
  if (state === "refunded" || state === "refunded_in_part") {
    return (
      <div class="notice ok">
        <p class="big">{say("refunded")}</p>
        <p>{say(state === "refunded" ? "refundedText" : "refundedInPart")}</p>
      </div>
    );
  }
  if (payable) {
    return null;
  }
  return (
    <div class="notice bad">
      <p class="big">{say("expired")}</p>
      <p>{say(state === "expired" ? "expiredText" : "endedInPart")}</p>
    </div>
  );
}

function Invoice({ invoice, say }: { invoice: CheckoutJson; say: Say }): JSX.Element {
  const { store, label, order, state, payable, returnUrl } = invoice;
  const isOpen = payable && (state === "open" || state === "paid_in_part");
  return (
    <>
      <h1>{say("heading", { store })}</h1>
      {label === undefined ? null : <p>{label}</p>}
      {order === undefined ? null : <p class="muted">{say("order", { order })}</p>}
      <p class="big-amount">{priceText(invoice)}</p>
      <div aria-live="polite">
        <Outcome invoice={invoice} say={say} />
        {isOpen ? <p class="waiting">{say("waiting")}</p> : null}
      </div>
      {isOpen ? <PayBox invoice={invoice} say={say} /> : null}
      {returnUrl === undefined ? null : (
        <p>
          <a class="button primary" href={returnUrl}>
            {say("back")}
          </a>
        </p>
      )}
    </>
  );
}

export function CheckoutPage({ id }: { id: string }): JSX.Element {
  const [language, setLanguage] = useState<CheckoutLanguage>(initialLanguage);
  const [watched, setWatched] = useState<Watched>({ state: "loading" });
  useEffect(() => watchInvoice(id, setWatched), [id]);
  const say: Say = (key, values) => checkoutText(language, key, values);
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = watched.state === "known" ? say("heading", { store: watched.invoice.store }) : "TTChain";
  });
  const other = language === "ko" ? "en" : "ko";
  const change = (): void => {
    rememberLanguage(other);
    setLanguage(other);
  };
  return (
    <main id="content" class="checkout">
      <div class="switches">
        <button type="button" class="quiet" lang={other} onClick={change}>
          {say("language")}
        </button>
      </div>
      {watched.state === "loading" ? <p class="waiting">{say("loading")}</p> : null}
      {watched.state === "missing" ? (
        <div class="notice bad">
          <h1>{say("missing")}</h1>
          <p>{say("missingText")}</p>
        </div>
      ) : null}
      {watched.state === "known" ? <Invoice invoice={watched.invoice} say={say} /> : null}
      {watched.state === "known" && watched.isLost ? <p class="notice warn">{say("lost")}</p> : null}
    </main>
  );
}
