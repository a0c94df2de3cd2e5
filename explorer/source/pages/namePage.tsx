// A name of the chain: whose it is, and what it stands for.

import type { ComponentChildren, JSX } from "preact";
import type { NameJson } from "ttchain";
import type { PageProps } from "../app.js";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { numberText } from "../parts/format.js";
import { Address, Amount, Await, ContractLink, Facts, Heading, Time } from "../parts/pieces.js";
import { Link } from "../router.js";

function rowsOf(name: NameJson): [string, ComponentChildren][] {
  return [
    [
      t("name.state"),
      <span key="state" class={`pill ${name.state === "held" ? "ok" : "warn"}`}>
        {t(`name.state.${name.state}`)}
      </span>,
    ],
    [
      t("name.target"),
      name.isContract ? (
        <ContractLink key="target" address={name.target} />
      ) : (
        <Address key="target" text={name.target} full />
      ),
    ],
    [t("name.owner"), <Address key="owner" text={name.owner} full />],
    [t("name.expires"), <Time key="expires" timeMs={name.timeMsExpires} />],
    [t("name.free"), <Time key="free" timeMs={name.timeMsFree} />],
    [t("name.deposit"), <Amount key="deposit" units={name.deposit} token="TTC" />],
    [
      t("name.registered"),
      <Link key="registered" to={`/block/${name.heightRegistered}`}>
        {numberText(name.heightRegistered)}
      </Link>,
    ],
  ];
}

export function NamePage({ name }: PageProps): JSX.Element {
  const found = useLoad(() => client.name(name), [name]);
  return (
    <>
      <Heading>
        {t("name.title")} <bdi>{name}</bdi>
      </Heading>
      <Await of={found}>
        {(held) => (
          <>
            <Facts rows={rowsOf(held)} />
            {held.state === "held" && !held.isContract ? (
              <p class="actions">
                <Link class="button" to={`/wallet/send?to=${encodeURIComponent(name)}`}>
                  {t("name.pay")}
                </Link>
              </p>
            ) : null}
          </>
        )}
      </Await>
    </>
  );
}
