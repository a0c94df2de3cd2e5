// What will be signed, in plain words, with the fee.

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { type Account, NATIVE_TOKENS } from "ttchain";
import { t } from "../i18n/translate.js";
import { amountText } from "../parts/format.js";
import { Amount, Facts } from "../parts/pieces.js";
import { Worth } from "../parts/worth.js";
import { contacts, saveContact } from "./contacts.js";
import { useAccount } from "./home.js";
import type { Payment, Quote } from "./pay.js";

interface SendSummaryProps {
  account: Account;
  payment: Payment;
  quote: Quote;
  label: string | undefined;
  onSign: () => void;
  onCancel: () => void;
}

function SaveContact({ address }: { address: string }): JSX.Element | null {
  const [name, setName] = useState("");
  const [saved, setSaved] = useState(contacts.get().some((contact) => contact.address === address));
  if (saved) {
    return null;
  }
  return (
    <details>
      <summary>{t("send.saveContact")}</summary>
      <div class="form row">
        <label>
          {t("contacts.name")}
          <input autocomplete="off" value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <button
          type="button"
          disabled={name.trim() === ""}
          onClick={() => {
            saveContact({ name: name.trim(), address });
            setSaved(true);
          }}
        >
          {t("app.save")}
        </button>
      </div>
    </details>
  );
}

export function SendSummary({ account, payment, quote, label, onSign, onCancel }: SendSummaryProps): JSX.Element {
  const { to, token, amount, memo } = payment;
  const { fee, feeToken, deposit, chain } = quote;
  const state = useAccount(account.addressText).value;
  const name = contacts.get().find(({ address }) => address === to)?.name ?? label;
  const held = (wanted: string): bigint =>
    (NATIVE_TOKENS as readonly string[]).includes(wanted)
      ? (state?.balances[wanted as "TTC"] ?? 0n)
      : (state?.tokens.find((entry) => entry.token === wanted)?.amount ?? 0n);
  const isEnough =
    state === undefined ||
    (feeToken === token ? held(token) >= amount + fee : held(token) >= amount && held(feeToken) >= fee);
  const rows: [string, ComponentChildren][] = [
    [
      t("send.to"),
      <span key="to" class="break">
        {name === undefined ? null : <bdi>{name} </bdi>}
        <code>{to}</code>
      </span>,
    ],
    [
      t("send.amount"),
      <span key="amount">
        <Amount units={amount} token={token} />{" "}
        <small class="muted">
          <Worth units={amount} token={token} parameters={chain.parameters} />
        </small>
      </span>,
    ],
    [t("send.fee"), <Amount key="fee" units={fee} token={feeToken} />],
  ];
  if (feeToken === token) {
    rows.push([t("send.total"), <Amount key="total" units={amount + fee} token={token} />]);
  }
  if (memo !== undefined && memo !== "") {
    rows.push([t("send.memo"), <bdi key="memo">{memo}</bdi>]);
  }
  return (
    <section class="summary" aria-labelledby="summary">
      <h2 id="summary">{t("send.summary")}</h2>
      <Facts rows={rows} />
      {deposit === 0n ? null : <p class="notice">{t("send.newAccount", { amount: amountText(deposit, 8) })}</p>}
      {isEnough ? null : (
        <p role="alert" class="notice bad">
          {t("send.notEnough")}
        </p>
      )}
      <p class="actions">
        <button type="button" class="primary" disabled={!isEnough} onClick={onSign}>
          {t("send.sign")}
        </button>
        <button type="button" onClick={onCancel}>
          {t("app.cancel")}
        </button>
      </p>
      <SaveContact address={to} />
    </section>
  );
}
