// A transaction's operations and its receipt's events, field by field. Every text that somebody chose is shown as text.

import type { ComponentChildren, JSX } from "preact";
import { t } from "../i18n/translate.js";
import { Address, Amount, Facts, Hash, TokenName } from "./pieces.js";

type Fields = Record<string, unknown>;
type Row = [name: string, value: ComponentChildren];

function text(fields: Fields, name: string): string {
  return String(fields[name] ?? "");
}

function address(name: string, value: string): Row {
  return [name, <Address key={name} text={value} full />];
}

function rowsOf(operation: Fields): Row[] {
  const token = text(operation, "token");
  const amount: Row = [t("tx.amount"), <Amount key="amount" units={text(operation, "amount") || "0"} token={token} />];
  const from = address(t("tx.from"), text(operation, "account"));
  switch (operation.kind) {
    case "transfer":
    case "mint": {
      const reference = text(operation, "reference");
      const rows = [amount, from, address(t("tx.payee"), text(operation, "to"))];
      return reference === ""
        ? rows
        : [...rows, [t("tx.reference"), <Hash key="reference" text={reference} what={t("tx.reference")} />]];
    }
    case "burn":
      return [amount, from];
    case "createToken":
      return [
        from,
        [t("tokens.symbol"), text(operation, "symbol")],
        [t("tokens.name"), text(operation, "name")],
        [t("token.decimals"), text(operation, "decimals")],
        [t("tokens.supply"), text(operation, "supply")],
      ];
    case "replaceKey":
      return [from, [t("delegates.key"), <code key="key">{text(operation, "publicKey")}</code>]];
    case "setFrozen":
      return [
        from,
        [t("account.token"), <TokenName key="token" token={token} />],
        address(t("account.title"), text(operation, "target")),
        [t("account.frozen"), text(operation, "frozen")],
      ];
    case "closeAccount":
      return [from, address(t("tx.payee"), text(operation, "beneficiary"))];
    default:
      return [from, ...plainRows(operation)];
  }
}

/** Fields by the names that the API gives them. */
function plainRows(operation: Fields): Row[] {
  return Object.entries(operation)
    .filter(([name]) => name !== "kind" && name !== "account")
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(" ") : String(value)]);
}

export function kindText(kind: string): string {
  const known = [
    "transfer",
    "createToken",
    "mint",
    "burn",
    "replaceKey",
    "setFrozen",
    "closeAccount",
    "fee",
    "signature",
    "delegation",
  ];
  return known.includes(kind) ? t(`op.${kind}` as "op.transfer") : kind;
}

export function Operations({ list, failed }: { list: Fields[]; failed: number | undefined }): JSX.Element {
  return (
    <ol class="operations">
      {list.map((operation, index) => (
        <li key={index}>
          <h3>
            {kindText(text(operation, "kind"))}{" "}
            {failed === index ? <span class="pill bad">{t("op.failed")}</span> : null}
          </h3>
          <Facts rows={rowsOf(operation)} />
        </li>
      ))}
    </ol>
  );
}

export function Events({ list }: { list: Fields[] }): JSX.Element {
  if (list.length === 0) {
    return <p class="muted">{t("tx.noEvents")}</p>;
  }
  return (
    <ul>
      {list.map((event, index) => (
        <li key={index}>
          {event.kind === "tokenCreated" ? (
            <>
              {t("event.tokenCreated")} <TokenName token={text(event, "token")} />
            </>
          ) : event.kind === "depositTaken" || event.kind === "depositReturned" ? (
            <>
              {t(`event.${event.kind}`)} <Amount units={text(event, "amount")} token="TTC" />{" "}
              <Address text={text(event, "address")} />
            </>
          ) : (
            t("event.unknown", { number: text(event, "number") })
          )}
        </li>
      ))}
    </ul>
  );
}
