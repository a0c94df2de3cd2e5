// One token: face, supply, and who may do what with it.

import type { JSX } from "preact";
import type { TokenState } from "ttchain";
import type { PageProps } from "../app.js";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { amountText, numberText } from "../parts/format.js";
import { HolderTable } from "../parts/holderTable.js";
import { Address, Await, Facts, Hash, Heading } from "../parts/pieces.js";
import { Link } from "../router.js";

function rightsText(token: TokenState): string {
  const rights = [
    token.mintable ? t("token.mintable") : "",
    token.burnable ? t("token.burnable") : "",
    token.freezable ? t("token.freezable") : "",
  ].filter((text) => text !== "");
  return rights.length === 0 ? t("token.fixed") : rights.join(", ");
}

function rowsOf(token: TokenState): [string, JSX.Element | string][] {
  const created = token.heightCreated;
  const rows: [string, JSX.Element | string][] = [
    [t("tokens.id"), <Hash key="id" text={token.token} what={t("tokens.id")} />],
    [
      t("tokens.name"),
      <bdi key="name" data-testid="token-name">
        {token.name}
      </bdi>,
    ],
    [t("tokens.supply"), `${amountText(token.supply, token.decimals)} ${token.symbol}`],
    [t("token.decimals"), String(token.decimals)],
    [t("token.rights"), rightsText(token)],
    [
      t("token.created"),
      created === 0 ? (
        t("token.genesis")
      ) : (
        <Link key="created" to={`/block/${created}`}>
          {numberText(created)}
        </Link>
      ),
    ],
  ];
  if (token.issuers.length > 0) {
    const issuers = token.issuers.map((issuer) => <Address key={issuer} text={issuer} full />);
    rows.push([t("token.issuers", { needed: token.issuersNeeded }), <span key="issuers">{issuers}</span>]);
  }
  return rows;
}

export function TokenPage({ name }: PageProps): JSX.Element {
  const token = useLoad(() => client.token(name), [name]);
  return (
    <Await of={token}>
      {(found) => (
        <>
          <Heading>{found.symbol}</Heading>
          <Facts rows={rowsOf(found)} />
          <p class="muted">{t("tokens.lookalike")}</p>
          <HolderTable token={found} />
        </>
      )}
    </Await>
  );
}
