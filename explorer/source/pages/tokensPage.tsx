// All tokens: the chain's own, then created ones.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { TokenPage as TokenList } from "ttchain";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { amountText, shortText } from "../parts/format.js";
import { Await, Heading } from "../parts/pieces.js";
import { Link } from "../router.js";

const ROWS = 50;

export function TokensPage(): JSX.Element {
  const first = useLoad(() => client.tokens({ limit: ROWS }), []);
  const [more, setMore] = useState<TokenList[]>([]);
  return (
    <>
      <Heading>{t("tokens.title")}</Heading>
      <p class="muted">{t("tokens.lookalike")}</p>
      <Await of={first}>
        {(page) => {
          const pages = [page, ...more];
          const { next } = pages[pages.length - 1];
          return (
            <>
              <table>
                <thead>
                  <tr>
                    <th scope="col">{t("tokens.symbol")}</th>
                    <th scope="col">{t("tokens.name")}</th>
                    <th scope="col" class="number">
                      {t("tokens.supply")}
                    </th>
                    <th scope="col">{t("tokens.id")}</th>
                  </tr>
                </thead>
                <tbody>
                  {pages
                    .flatMap(({ tokens }) => tokens)
                    .map((token) => (
                      <tr key={token.token}>
                        <td>
                          <Link to={`/token/${token.token}`}>{token.symbol}</Link>
                        </td>
                        <td>
                          <bdi>{token.name}</bdi>
                        </td>
                        <td class="number">{amountText(token.supply, token.decimals)}</td>
                        <td>
                          <code title={token.token}>{shortText(token.token)}</code>
                        </td>
                      </tr>
                    ))}
                </tbody>
              </table>
              {next === undefined ? null : (
                <button
                  type="button"
                  onClick={() =>
                    void client.tokens({ after: next, limit: ROWS }).then((found) => setMore([...more, found]))
                  }
                >
                  {t("app.more.load")}
                </button>
              )}
            </>
          );
        }}
      </Await>
    </>
  );
}
