// A contract: what it is, what it holds, what one can ask and tell it, its source and its tests.

import type { ComponentChildren, JSX } from "preact";
import type { ContractJson } from "ttchain";
import type { PageProps } from "../app.js";
import { CallForm } from "../contract/callForm.js";
import { SandboxReport } from "../contract/sandboxReport.js";
import { ViewForm } from "../contract/viewForm.js";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { ContractActivity } from "../parts/activityChart.js";
import { numberText } from "../parts/format.js";
import { HistoryTable } from "../parts/historyTable.js";
import { Address, Amount, Await, Facts, Hash, Heading } from "../parts/pieces.js";
import { Link } from "../router.js";
import { Balances } from "./accountPage.js";

function StatusPills({ contract }: { contract: ContractJson }): JSX.Element {
  const { status, paused } = contract;
  const look = status === "permanent" ? "ok" : status === "destroyed" ? "bad" : "warn";
  return (
    <>
      <span class={`pill ${look}`}>{t(`contract.status.${status}`)}</span>{" "}
      {paused ? <span class="pill warn">{t("contract.paused")}</span> : null}
    </>
  );
}

function rowsOf(contract: ContractJson): [string, ComponentChildren][] {
  const { announced, upgradePolicy } = contract;
  const policy = t(`contract.policy.${upgradePolicy}`, { heights: numberText(contract.upgradeDelayHeights) });
  const rows: [string, ComponentChildren][] = [
    [t("contract.address"), <Hash key="address" text={contract.address} what={t("contract.address")} />],
    [t("contract.status"), <StatusPills key="status" contract={contract} />],
    [t("contract.owner"), <Address key="owner" text={contract.owner} full />],
    [t("contract.policy"), policy],
    [
      t("contract.registered"),
      <Link key="registered" to={`/block/${contract.heightRegistered}`}>
        {numberText(contract.heightRegistered)}
      </Link>,
    ],
    [t("contract.codeHash"), <code key="hash">{contract.codeHash}</code>],
    [t("contract.deposit"), <Amount key="deposit" units={contract.deposit} token="TTC" />],
    [
      t("contract.entries"),
      <span key="entries">
        {numberText(contract.entryCount)} · <Amount units={contract.entryDeposits} token="TTC" />
      </span>,
    ],
  ];
  if (announced !== undefined) {
    const text = t("contract.announced", { height: numberText(announced.heightFrom), hash: announced.codeHash });
    rows.push([t("contract.upgrade"), <strong key="upgrade">{text}</strong>]);
  }
  return rows;
}

function Functions({ contract }: { contract: ContractJson }): JSX.Element {
  const views = contract.abi.functions.filter(({ kind }) => kind === "view");
  const calls = contract.abi.functions.filter(({ kind }) => kind === "call" || kind === "payable");
  return (
    <>
      <h2>{t("contract.read")}</h2>
      {views.length === 0 ? <p class="muted">{t("contract.none")}</p> : null}
      <div class="contract-forms">
        {views.map((view) => (
          <ViewForm key={view.name} contract={contract.address} view={view} />
        ))}
      </div>
      <h2>{t("contract.write")}</h2>
      {calls.length === 0 ? <p class="muted">{t("contract.none")}</p> : null}
      <div class="contract-forms">
        {calls.map((call) => (
          <CallForm key={call.name} contract={contract.address} call={call} />
        ))}
      </div>
    </>
  );
}

function Holdings({ address }: { address: string }): JSX.Element {
  const account = useLoad(() => client.account(address), [address]);
  const parameters = useLoad(() => client.parameters(), []);
  return <Await of={account}>{(found) => <Balances account={found} parameters={parameters.value} />}</Await>;
}

function Source({ text }: { text: string }): JSX.Element {
  return (
    <ol class="source" data-testid="source">
      {text.split("\n").map((line, index) => (
        <li key={index}>
          <code>{line}</code>
        </li>
      ))}
    </ol>
  );
}

function Found({ contract }: { contract: ContractJson }): JSX.Element {
  const { abi, address, source, status } = contract;
  return (
    <>
      <Heading>
        <bdi>{abi.name === "" ? t("contract.title") : abi.name}</bdi> <small class="muted">{abi.version}</small>
      </Heading>
      <Facts rows={rowsOf(contract)} />
      <h2>{t("account.balances")}</h2>
      <Holdings address={address} />
      {status === "destroyed" ? null : <Functions contract={contract} />}
      <ContractActivity address={address} />
      <h2>{t("contract.report")}</h2>
      <SandboxReport contract={contract} />
      <h2>{t("contract.source")}</h2>
      <details>
        <summary>{t("contract.sourceShow", { bytes: numberText(source.length) })}</summary>
        <Source text={source} />
      </details>
      <h2>{t("account.history")}</h2>
      <HistoryTable address={address} />
    </>
  );
}

export function ContractPage({ name }: PageProps): JSX.Element {
  const contract = useLoad(() => client.contract(name), [name]);
  return <Await of={contract}>{(found) => <Found contract={found} />}</Await>;
}
