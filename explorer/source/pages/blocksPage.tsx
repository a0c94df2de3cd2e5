// Blocks, newest first, a page at a time.

import type { JSX } from "preact";
import type { PageProps } from "../app.js";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { numberText, shortText } from "../parts/format.js";
import { Await, Heading, Time } from "../parts/pieces.js";
import { Link } from "../router.js";

const ROWS = 25;

export function BlocksPage({ query }: PageProps): JSX.Element {
  const before = Number(query.get("before")) || undefined;
  const blocks = useLoad(() => client.blocks({ limit: ROWS, ...(before === undefined ? {} : { before }) }), [before]);
  return (
    <>
      <Heading>{t("blocks.title")}</Heading>
      <Await of={blocks}>
        {(list) => (
          <>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("live.height")}</th>
                  <th scope="col">{t("block.time")}</th>
                  <th scope="col" class="number">
                    {t("block.transactions")}
                  </th>
                  <th scope="col">{t("block.hash")}</th>
                  <th scope="col" class="wide">
                    {t("block.proposer")}
                  </th>
                </tr>
              </thead>
              <tbody>
                {list.map((block) => (
                  <tr key={block.height}>
                    <td>
                      <Link to={`/block/${block.height}`}>{numberText(block.height)}</Link>
                    </td>
                    <td>
                      <Time timeMs={block.timeMs} />
                    </td>
                    <td class="number">{numberText(block.transactionCount)}</td>
                    <td>
                      <code>{shortText(block.hash)}</code>
                    </td>
                    <td class="wide">
                      <code>{shortText(block.proposer)}</code>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
            <p class="actions">
              {before === undefined ? null : <Link to="/blocks">{t("blocks.newest")}</Link>}
              {(list.at(-1)?.height ?? 1) > 1 ? (
                <Link to={`/blocks?before=${list.at(-1)?.height}`}>{t("blocks.older")}</Link>
              ) : null}
            </p>
          </>
        )}
      </Await>
    </>
  );
}
