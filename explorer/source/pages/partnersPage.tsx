// Partners, admitted by vote, and master nodes, which answer challenges.

import type { JSX } from "preact";
import type { MastersJson, PartnersJson } from "ttchain";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { numberText } from "../parts/format.js";
import { NativeAmounts } from "../parts/nativeAmounts.js";
import { Address, Amount, Await, Facts, Heading } from "../parts/pieces.js";

/** Name, site and account of a partner or master node, in their own words. */
function Named({ entry }: { entry: { name: string; site: string; address: string } }): JSX.Element {
  return (
    <>
      <td>
        <bdi>{entry.name}</bdi> <bdi class="muted">{entry.site}</bdi>
      </td>
      <td>
        <Address text={entry.address} />
      </td>
    </>
  );
}

function Partners({ found }: { found: PartnersJson }): JSX.Element {
  return (
    <>
      <Facts rows={[[t("partners.treasury"), <Amount key="treasury" units={found.treasury} token="TTC" />]]} />
      {found.partners.length === 0 ? (
        <p class="muted">{t("partners.none")}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{t("candidates.name")}</th>
              <th scope="col">{t("account.title")}</th>
              <th scope="col" class="number">
                {t("partners.until")}
              </th>
              <th scope="col" class="number">
                {t("partners.earned")}
              </th>
              <th scope="col" class="number">
                {t("partners.grants")}
              </th>
            </tr>
          </thead>
          <tbody>
            {found.partners.map((partner) => (
              <tr key={partner.address}>
                <Named entry={partner} />
                <td class="number">{numberText(partner.heightLast)}</td>
                <td class="number">
                  <NativeAmounts amounts={partner.earned} />
                </td>
                <td class="number">{numberText(partner.grantsPaid)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function Masters({ found }: { found: MastersJson }): JSX.Element {
  return found.masters.length === 0 ? (
    <p class="muted">{t("partners.none")}</p>
  ) : (
    <table>
      <thead>
        <tr>
          <th scope="col">{t("candidates.name")}</th>
          <th scope="col">{t("account.title")}</th>
          <th scope="col" class="number">
            {t("masters.answered")}
          </th>
        </tr>
      </thead>
      <tbody>
        {found.masters.map((master) => (
          <tr key={master.address}>
            <Named entry={master} />
            <td class="number">
              {numberText(master.answered)} / {numberText(master.challenges)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function PartnersPage(): JSX.Element {
  const partners = useLoad(() => client.partners(), []);
  const masters = useLoad(() => client.masters(), []);
  return (
    <>
      <Heading>{t("partners.title")}</Heading>
      <p class="muted">{t("partners.explain")}</p>
      <h2>{t("partners.partners")}</h2>
      <Await of={partners}>{(found) => <Partners found={found} />}</Await>
      <h2>{t("masters.title")}</h2>
      <Await of={masters}>{(found) => <Masters found={found} />}</Await>
    </>
  );
}
