// Who stands for election, by votes.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { CandidateJson, CandidatesJson } from "ttchain";
import { t } from "../i18n/translate.js";
import { client } from "../node.js";
import { Link } from "../router.js";
import { amountText, numberText } from "./format.js";

const TTC_DECIMALS = 8;
const PERCENT_HUNDREDTHS = 10_000n;

export function CandidatePills({ candidate }: { candidate: CandidateJson }): JSX.Element {
  const { state, isDelegate, suspendedUntil } = candidate;
  return (
    <>
      <span class={`pill ${state === "listed" ? "" : "bad"}`}>{t(`candidates.state.${state}`)}</span>{" "}
      {isDelegate ? <span class="pill ok">{t("candidates.delegate")}</span> : null}{" "}
      {suspendedUntil === undefined ? null : (
        <span class="pill warn">{t("candidates.suspended", { round: numberText(suspendedUntil) })}</span>
      )}
    </>
  );
}

/** Share of all locked votes to hundredths of a percent. */
function shareText(votes: string, locked: string): string {
  const all = BigInt(locked);
  return `${amountText(all === 0n ? 0n : (BigInt(votes) * PERCENT_HUNDREDTHS) / all, 2)} %`;
}

function Row({ candidate, locked, rank }: { candidate: CandidateJson; locked: string; rank: number }): JSX.Element {
  return (
    <tr>
      <td>{rank}</td>
      <td>
        <Link to={`/candidate/${candidate.address}`}>
          <bdi>{candidate.name}</bdi>
        </Link>{" "}
        <CandidatePills candidate={candidate} />
      </td>
      <td class="number">{amountText(BigInt(candidate.votes), TTC_DECIMALS)}</td>
      <td class="number">{shareText(candidate.votes, locked)}</td>
      <td class="number">{numberText(candidate.payBasisPoints / 100, 2)} %</td>
      <td class="number wide">{numberText(candidate.signed)}</td>
      <td class="number wide">{numberText(candidate.missed)}</td>
    </tr>
  );
}

export function CandidateTable({ first }: { first: CandidatesJson }): JSX.Element {
  const [more, setMore] = useState<CandidatesJson[]>([]);
  const pages = [first, ...more];
  const { next } = pages[pages.length - 1];
  const all = pages.flatMap(({ candidates }) => candidates);
  if (all.length === 0) {
    return <p class="muted">{t("candidates.none")}</p>;
  }
  all.sort((a, b) => (BigInt(a.votes) > BigInt(b.votes) ? -1 : 1));
  return (
    <>
      <table data-testid="candidates">
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">{t("candidates.name")}</th>
            <th scope="col" class="number">
              {t("candidates.votes")} (TTC)
            </th>
            <th scope="col" class="number">
              {t("candidates.share")}
            </th>
            <th scope="col" class="number">
              {t("candidates.pay")}
            </th>
            <th scope="col" class="number wide">
              {t("candidates.signed")}
            </th>
            <th scope="col" class="number wide">
              {t("candidates.missed")}
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((candidate, index) => (
            <Row key={candidate.address} candidate={candidate} locked={first.locked} rank={index + 1} />
          ))}
        </tbody>
      </table>
      {next === undefined ? null : (
        <button type="button" onClick={() => void client.candidates(next).then((found) => setMore([...more, found]))}>
          {t("app.more.load")}
        </button>
      )}
    </>
  );
}
