// What was proposed and how the votes stand.

import type { JSX } from "preact";
import type { ProposalJson, ProposalsJson } from "ttchain";
import { t } from "../i18n/translate.js";
import { amountText, numberText } from "./format.js";

const TTC_DECIMALS = 8;
const LOOKS = { open: "", passed: "ok", active: "ok", rejected: "bad", failed: "bad" } as const;

function contentText({ content }: ProposalJson): string {
  switch (content.kind) {
    case "parameter":
      return t("proposals.parameter", { name: content.name, value: content.value });
    case "quote": {
      const ttc = amountText(BigInt(content.ttcUnits), TTC_DECIMALS);
      return t("proposals.quote", { units: content.units, token: content.token, ttc });
    }
    case "upgrade":
      return t("proposals.version", { version: content.version });
    case "partner":
      return t("proposals.partner", { name: content.name });
  }
}

/** Holders' votes are amounts of TTC, delegates' are heads. */
function votesText({ electorate }: ProposalJson, votes: string): string {
  return electorate === "holders" ? `${amountText(BigInt(votes), TTC_DECIMALS)} TTC` : numberText(Number(votes));
}

export function ProposalTable({ found }: { found: ProposalsJson }): JSX.Element {
  const { proposals, upgrade } = found;
  return (
    <>
      {upgrade === undefined ? null : (
        <p class="notice warn">
          {t("proposals.upgrade", { version: upgrade.version, height: numberText(upgrade.heightActive) })}
        </p>
      )}
      {proposals.length === 0 ? (
        <p class="muted">{t("proposals.none")}</p>
      ) : (
        <table data-testid="proposals">
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">{t("proposals.what")}</th>
              <th scope="col">{t("proposals.who")}</th>
              <th scope="col" class="number">
                {t("proposals.yes")}
              </th>
              <th scope="col" class="number">
                {t("proposals.no")}
              </th>
              <th scope="col" class="number">
                {t("proposals.until")}
              </th>
            </tr>
          </thead>
          <tbody>
            {proposals.map((proposal) => (
              <tr key={proposal.number}>
                <td>{proposal.number}</td>
                <td>
                  <bdi>{contentText(proposal)}</bdi>{" "}
                  <span class={`pill ${LOOKS[proposal.state]}`}>{t(`proposals.state.${proposal.state}`)}</span>
                </td>
                <td>{t(`proposals.${proposal.electorate}`)}</td>
                <td class="number">{votesText(proposal, proposal.yes)}</td>
                <td class="number">{votesText(proposal, proposal.no)}</td>
                <td class="number">
                  {numberText(proposal.heightLast)} / {numberText(proposal.heightActive)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
