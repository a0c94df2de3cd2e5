// One candidate: votes, share for voters, what it did as a delegate and what it earned.

import type { ComponentChildren, JSX } from "preact";
import type { CandidateJson } from "ttchain";
import type { PageProps } from "../app.js";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { CandidatePills } from "../parts/candidateTable.js";
import { numberText } from "../parts/format.js";
import { NativeAmounts } from "../parts/nativeAmounts.js";
import { Address, Amount, Await, Facts, Heading } from "../parts/pieces.js";
import { Link } from "../router.js";

function rowsOf(candidate: CandidateJson): [string, ComponentChildren][] {
  return [
    [t("account.title"), <Address key="address" text={candidate.address} full />],
    [t("candidates.state"), <CandidatePills key="state" candidate={candidate} />],
    [t("candidate.site"), <bdi key="site">{candidate.site}</bdi>],
    [t("delegates.key"), <code key="key">{candidate.delegateKey}</code>],
    [t("candidates.votes"), <Amount key="votes" units={candidate.votes} token="TTC" />],
    [t("candidates.pay"), `${numberText(candidate.payBasisPoints / 100, 2)} %`],
    [t("candidate.deposit"), <Amount key="deposit" units={candidate.deposit} token="TTC" />],
    [t("candidate.rounds"), numberText(candidate.rounds)],
    [t("candidates.signed"), numberText(candidate.signed)],
    [t("candidates.proposed"), numberText(candidate.proposed)],
    [t("candidates.missed"), numberText(candidate.missed)],
    [t("candidate.earned"), <NativeAmounts key="earned" amounts={candidate.earned} />],
    [
      t("candidate.registered"),
      <Link key="registered" to={`/block/${candidate.heightRegistered}`}>
        {numberText(candidate.heightRegistered)}
      </Link>,
    ],
  ];
}

export function CandidatePage({ name }: PageProps): JSX.Element {
  const candidate = useLoad(() => client.candidate(name), [name]);
  return (
    <Await of={candidate}>
      {(found) => (
        <>
          <Heading>
            {t("candidate.title")} <bdi>{found.name}</bdi>
          </Heading>
          <Facts rows={rowsOf(found)} />
          {found.state === "listed" ? (
            <p class="actions">
              <Link class="button" to={`/wallet/votes?candidate=${found.address}`}>
                {t("candidate.vote")}
              </Link>
            </p>
          ) : null}
        </>
      )}
    </Await>
  );
}
