// What a receipt tells of a transaction's effects, event by event. Every text that somebody chose is shown as text.

import type { JSX } from "preact";
import { t } from "../i18n/translate.js";
import { numberText } from "./format.js";
import { type Fields, text } from "./operations.js";
import { Address, Amount, ContractLink, TokenName } from "./pieces.js";

/** One event of a receipt. */
function EventText({ event }: { event: Fields }): JSX.Element {
  const index = Number(event.operationIndex) + 1;
  const gas = numberText(Number(event.gasUsed));
  switch (event.kind) {
    case "tokenCreated":
      return (
        <>
          {t("event.tokenCreated")} <TokenName token={text(event, "token")} />
        </>
      );
    case "depositTaken":
    case "depositReturned":
      return (
        <>
          {t(`event.${event.kind}`)} <Amount units={text(event, "amount")} token="TTC" />{" "}
          <Address text={text(event, "address")} />
        </>
      );
    case "contractRegistered":
      return (
        <>
          {t("event.contractRegistered")} <ContractLink address={text(event, "contract")} />
        </>
      );
    case "contractResult":
      return (
        <>
          {t("event.contractResult", { index, gas })} <code class="break">{JSON.stringify(event.value)}</code>
        </>
      );
    case "contractEvent":
      return (
        <>
          {t("event.contractEvent")} <ContractLink address={text(event, "contract")} />{" "}
          <strong>
            <bdi>{text(event, "name")}</bdi>
          </strong>{" "}
          <code class="break">{JSON.stringify(event.args)}</code>
        </>
      );
    case "contractTransfer":
      return (
        <>
          {t("event.contractTransfer")} <Amount units={text(event, "amount")} token={text(event, "token")} />{" "}
          <Address text={text(event, "from")} /> → <Address text={text(event, "to")} />
        </>
      );
    case "storageDeposit":
      return (
        <>
          {t("event.storageDeposit")} <Amount units={text(event, "taken")} token="TTC" /> ·{" "}
          <Amount units={text(event, "returned")} token="TTC" />
        </>
      );
    case "contractFailure":
      return (
        <>
          {t("event.contractFailure", { index, gas })}{" "}
          {event.line === undefined ? null : t("event.line", { line: Number(event.line) })}{" "}
          <bdi>{text(event, "message")}</bdi>
        </>
      );
    case "contractTest":
      return (
        <>
          {t("event.contractTest")} <bdi>{text(event, "name")}</bdi>{" "}
          <span class={`pill ${event.passed === true ? "ok" : "bad"}`}>
            {event.passed === true ? t("contract.passed") : t("contract.failed")}
          </span>{" "}
          <bdi>{text(event, "message")}</bdi>
        </>
      );
    default:
      return <>{t("event.unknown", { number: text(event, "number") })}</>;
  }
}

export function Events({ list }: { list: Fields[] }): JSX.Element {
  if (list.length === 0) {
    return <p class="muted">{t("tx.noEvents")}</p>;
  }
  return (
    <ul>
      {list.map((event, index) => (
        <li key={index}>
          <EventText event={event} />
        </li>
      ))}
    </ul>
  );
}
