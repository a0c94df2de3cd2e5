// A transaction's operations and its receipt's events, field by field. Every text that somebody chose is shown as text.

import type { ComponentChildren, JSX } from "preact";
import { t } from "../i18n/translate.js";
import { numberText } from "./format.js";
import { Address, Amount, ContractLink, Facts, Hash, TokenName } from "./pieces.js";

export type Fields = Record<string, unknown>;
type Row = [name: string, value: ComponentChildren];

export function text(fields: Fields, name: string): string {
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
      return [from, ...(operation.contract === undefined ? plainRows(operation) : contractRows(operation))];
  }
}

/** Rows of an operation on a contract. */
function contractRows(operation: Fields): Row[] {
  const rows: Row[] = [[t("contract.address"), <ContractLink key="contract" address={text(operation, "contract")} />]];
  const payment = operation.payment as { token: string; amount: string } | undefined;
  if (operation.function !== undefined) {
    rows.push([t("contract.function"), <code key="function">{text(operation, "function")}</code>]);
  }
  if (payment !== undefined) {
    rows.push([t("contract.payment"), <Amount key="payment" units={payment.amount} token={payment.token} />]);
  }
  if (operation.codeHash !== undefined) {
    rows.push([t("contract.codeHash"), <code key="hash">{text(operation, "codeHash")}</code>]);
  }
  if (operation.gasLimit !== undefined) {
    rows.push([t("contract.gasLimit"), numberText(Number(operation.gasLimit))]);
    rows.push([
      t("contract.depositMost"),
      <Amount key="deposit" units={text(operation, "depositLimit") || "0"} token="TTC" />,
    ]);
  }
  if (operation.paused !== undefined) {
    rows.push([t("contract.paused"), text(operation, "paused")]);
  }
  return rows;
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
    "registerContract",
    "callContract",
    "publishContract",
    "upgradeContract",
    "setContractPaused",
    "destroyContract",
    "contractTransfer",
    "registerCandidate",
    "updateCandidate",
    "resignCandidate",
    "resumeCandidate",
    "vote",
    "unlock",
    "withdraw",
    "claimRewards",
    "reportDoubleSign",
    "registerMaster",
    "answerChallenge",
    "resignMaster",
    "claimPartner",
    "propose",
    "voteProposal",
    "commitName",
    "revealName",
    "setName",
    "renewName",
    "transferName",
    "releaseName",
    "name",
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
