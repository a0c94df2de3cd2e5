// One block: its header, its certified result, its transactions.

import type { JSX } from "preact";
import type { BlockDetails } from "ttchain";
import type { PageProps } from "../app.js";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { numberText } from "../parts/format.js";
import { Amount, Await, Facts, Hash, Heading, Time, TransactionLink } from "../parts/pieces.js";
import { Link } from "../router.js";

const ROWS_MAX = 500;

function Details({ block }: { block: BlockDetails }): JSX.Element {
  const { header, result } = block;
  const hash = (name: string, text: string, to?: string): [string, JSX.Element] => [
    name,
    <Hash key={name} text={text} what={name} {...(to === undefined ? {} : { to })} />,
  ];
  const { kind, signatures } = block.certificate;
  return (
    <Facts
      rows={[
        hash(t("block.hash"), block.hash),
        [t("block.time"), <Time key="time" timeMs={header.timeMs} />],
        hash(t("block.proposer"), header.proposer),
        hash(t("block.parent"), header.parentHash, block.height > 1 ? `/block/${block.height - 1}` : undefined),
        [t("block.certificate"), t("block.signatures", { count: signatures.length, kind })],
        hash(t("block.stateRoot"), result.stateRoot),
        hash(t("block.receiptsRoot"), result.receiptsRoot),
        hash(t("block.transactionsRoot"), header.transactionsRoot),
        hash(t("block.writeSet"), result.writeSetHash),
        hash(t("block.delegateSet"), result.delegateSetHash),
      ]}
    />
  );
}

function Transactions({ block }: { block: BlockDetails }): JSX.Element {
  if (block.transactions.length === 0) {
    return <p class="muted">{t("block.none")}</p>;
  }
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t("tx.id")}</th>
          <th scope="col">{t("tx.code")}</th>
          <th scope="col" class="number">
            {t("tx.fee")}
          </th>
        </tr>
      </thead>
      <tbody>
        {block.transactions.slice(0, ROWS_MAX).map((transaction) => (
          <tr key={transaction.id}>
            <td>
              <TransactionLink id={transaction.id} />
            </td>
            <td>
              <span class={transaction.code === "OK" ? "pill ok" : "pill bad"}>{transaction.code}</span>
            </td>
            <td class="number">
              <Amount units={transaction.fee} token={transaction.feeToken} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function BlockPage({ name }: PageProps): JSX.Element {
  const block = useLoad(() => client.block(name), [name]);
  return (
    <Await of={block}>
      {(found) => (
        <>
          <Heading>{t("block.title", { height: numberText(found.height) })}</Heading>
          <p class="actions">
            {found.height > 1 ? <Link to={`/block/${found.height - 1}`}>← {t("block.previous")}</Link> : null}
            <Link to={`/block/${found.height + 1}`}>{t("block.next")} →</Link>
            <a href={`/v1/blocks/${found.height}/raw`} download={`block-${found.height}.bin`}>
              {t("block.raw")}
            </a>
          </p>
          <Details block={found} />
          <h2>
            {t("block.transactions")} ({numberText(found.transactions.length)})
          </h2>
          <Transactions block={found} />
        </>
      )}
    </Await>
  );
}
