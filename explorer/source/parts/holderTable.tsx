// Who holds a created token, a page at a time.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { NATIVE_TOKENS, type TokenHolders, type TokenState } from "ttchain";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { amountText } from "./format.js";
import { Address, Await } from "./pieces.js";

const ROWS = 50;
const PERCENT_HUNDREDTHS = 10_000n;

/** Share of the supply to hundredths of a percent, such as "12.5 %". */
function shareText(amount: bigint, supply: bigint): string {
  const hundredths = supply === 0n ? 0n : (amount * PERCENT_HUNDREDTHS) / supply;
  return `${amountText(hundredths, 2)} %`;
}

function Rows({ token, pages }: { token: TokenState; pages: TokenHolders[] }): JSX.Element {
  return (
    <table data-testid="holders">
      <thead>
        <tr>
          <th scope="col">{t("account.title")}</th>
          <th scope="col" class="number">
            {t("account.amount")}
          </th>
          <th scope="col" class="number">
            {t("token.share")}
          </th>
        </tr>
      </thead>
      <tbody>
        {pages
          .flatMap(({ holders }) => holders)
          .map(({ address, amount, frozen }) => (
            <tr key={address}>
              <td>
                <Address text={address} /> {frozen ? <span class="pill warn">{t("token.frozen")}</span> : null}
              </td>
              <td class="number">{amountText(amount, token.decimals)}</td>
              <td class="number">{shareText(amount, token.supply)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

function CreatedTokenHolders({ token }: { token: TokenState }): JSX.Element {
  const first = useLoad(() => client.tokenHolders(token.token, { limit: ROWS }), [token.token]);
  const [more, setMore] = useState<TokenHolders[]>([]);
  return (
    <Await of={first}>
      {(page) => {
        const pages = [page, ...more];
        const { next } = pages[pages.length - 1];
        const isEmpty = next === undefined && pages.every(({ holders }) => holders.length === 0);
        return (
          <>
            {isEmpty ? <p class="muted">{t("token.noHolders")}</p> : <Rows token={token} pages={pages} />}
            {next === undefined ? null : (
              <button
                type="button"
                onClick={() =>
                  void client
                    .tokenHolders(token.token, { after: next, limit: ROWS })
                    .then((found) => setMore([...more, found]))
                }
              >
                {t("app.more.load")}
              </button>
            )}
          </>
        );
      }}
    </Await>
  );
}

export function HolderTable({ token }: { token: TokenState }): JSX.Element {
  const isNative = (NATIVE_TOKENS as readonly string[]).includes(token.token);
  return (
    <section aria-labelledby="holders">
      <h2 id="holders">{t("token.holders")}</h2>
      {isNative ? <p class="muted">{t("token.everybody")}</p> : <CreatedTokenHolders token={token} />}
    </section>
  );
}
