// One transaction: its state, what it does, what it cost, what came of it, and the proof.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { isFinal, type TransactionState } from "ttchain";
import type { PageProps } from "../app.js";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { codeText } from "../parts/errorText.js";
import { Events } from "../parts/events.js";
import { numberText } from "../parts/format.js";
import { memoText } from "../parts/memoText.js";
import { Operations } from "../parts/operations.js";
import { Address, Amount, Await, Facts, Hash, Heading, Time } from "../parts/pieces.js";
import { VerifyTransaction } from "../parts/verifyTransaction.js";
import { Link } from "../router.js";

const POLL_MS = 500;

interface Shown {
  sender: string;
  signers: { address: string }[];
  feePayer: string;
  lane: number;
  sequence: number;
  validUntil: number;
  feeToken: string;
  feeLimit: string;
  partner?: string;
  memo?: string;
  operations: Record<string, unknown>[];
  bytes: string;
}

const STATE_CLASS = { committed: "ok", failed: "bad", expired: "bad", pending: "warn", unknown: "warn" } as const;

function StateLine({ found }: { found: TransactionState }): JSX.Element {
  return (
    <p role="status" data-testid="tx-state" class={`notice ${STATE_CLASS[found.state]}`}>
      {t(`tx.${found.state}`)}
      {found.state === "failed" && found.receipt !== undefined ? (
        <>
          {" "}
          <strong>{found.receipt.code}</strong> {codeText(found.receipt.code) ?? ""}
        </>
      ) : null}
    </p>
  );
}

function Details({ found, shown }: { found: TransactionState; shown: Shown }): JSX.Element {
  const { receipt } = found;
  const rows: [string, JSX.Element | string][] = [];
  if (found.height !== undefined) {
    rows.push([
      t("tx.block"),
      <Link key="block" to={`/block/${found.height}`}>
        {numberText(found.height)}
      </Link>,
    ]);
    rows.push([t("tx.time"), <Time key="time" timeMs={found.timeMs ?? 0} />]);
  }
  rows.push([t("tx.sender"), <Address key="sender" text={shown.sender} full />]);
  if (shown.signers.length > 1) {
    const others = shown.signers.map(({ address }) => <Address key={address} text={address} full />);
    rows.push([t("tx.signers"), <span key="signers">{others}</span>]);
    rows.push([t("tx.feePayer"), <Address key="payer" text={shown.feePayer} full />]);
  }
  if (receipt !== undefined) {
    rows.push([t("tx.fee"), <Amount key="fee" units={receipt.fee} token={receipt.feeToken ?? shown.feeToken} />]);
  }
  rows.push([t("tx.feeLimit"), <Amount key="limit" units={shown.feeLimit} token={shown.feeToken} />]);
  rows.push([t("tx.lane"), `${shown.lane} · ${shown.sequence}`]);
  rows.push([t("tx.validUntil"), numberText(shown.validUntil)]);
  if (shown.memo !== undefined) {
    const memo = (
      <bdi key="memo" data-testid="tx-memo" class="memo">
        {memoText(shown.memo)}
      </bdi>
    );
    rows.push([t("tx.memo"), memo]);
  }
  if (shown.partner !== undefined) {
    rows.push([t("tx.partner"), <Address key="partner" text={shown.partner} full />]);
  }
  return <Facts rows={rows} />;
}

function Found({ found }: { found: TransactionState }): JSX.Element {
  const shown = found.transaction as Shown | undefined;
  return (
    <>
      <StateLine found={found} />
      <Facts rows={[[t("tx.id"), <Hash key="id" text={found.id} what={t("tx.id")} />]]} />
      {shown === undefined ? null : (
        <>
          <Details found={found} shown={shown} />
          <h2>{t("tx.operations")}</h2>
          <Operations list={shown.operations} failed={found.receipt?.operationIndex} />
        </>
      )}
      {found.receipt === undefined ? null : (
        <>
          <h2>{t("tx.events")}</h2>
          <Events list={found.receipt.events} />
          <VerifyTransaction id={found.id} code={found.receipt.code} />
        </>
      )}
      {shown === undefined ? null : (
        <details>
          <summary>{t("tx.bytes")}</summary>
          <code class="break">{shown.bytes}</code>
        </details>
      )}
    </>
  );
}

export function TransactionPage({ name }: PageProps): JSX.Element {
  const transaction = useLoad(() => client.transaction(name), [name]);
  const { value, reload } = transaction;
  useEffect(() => {
    // A transaction that isn't final is looked at again until it is.
    const timer = value !== undefined && !isFinal(value) ? setInterval(reload, POLL_MS) : undefined;
    return () => clearInterval(timer);
  }, [value, reload]);
  return (
    <>
      <Heading>{t("tx.title")}</Heading>
      <Await of={transaction}>{(found) => <Found found={found} />}</Await>
    </>
  );
}
