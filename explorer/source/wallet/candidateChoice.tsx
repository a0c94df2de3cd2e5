// Ticks candidates to vote for. Who was chosen before stays chosen, whether the pages loaded so far show them or not.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { CandidateJson } from "ttchain";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { CandidatePills } from "../parts/candidateTable.js";
import { amountText, numberText, shortText } from "../parts/format.js";
import { Await } from "../parts/pieces.js";

const TTC_DECIMALS = 8;

/** Candidates by address, with their names where those are known. */
export type Chosen = Map<string, string | undefined>;

async function pages(count: number): Promise<{ candidates: CandidateJson[]; isMore: boolean }> {
  const candidates: CandidateJson[] = [];
  let from: number | undefined;
  for (let page = 0; page < count; page++) {
    const found = await client.candidates(from);
    candidates.push(...found.candidates);
    from = found.next;
    if (from === undefined) {
      break;
    }
  }
  candidates.sort((a, b) => (BigInt(a.votes) > BigInt(b.votes) ? -1 : 1));
  return { candidates, isMore: from !== undefined };
}

interface Props {
  chosen: Chosen;
  most: number;
  onChange: (chosen: Chosen) => void;
}

export function CandidateChoice({ chosen, most, onChange }: Props): JSX.Element {
  const [count, setCount] = useState(1);
  const found = useLoad(() => pages(count), [count]);
  const tick = (address: string, name: string | undefined, isTicked: boolean): void => {
    const next = new Map(chosen);
    if (isTicked) {
      next.set(address, name);
    } else {
      next.delete(address);
    }
    onChange(next);
  };
  return (
    <fieldset>
      <legend>{t("votes.chosen", { count: numberText(chosen.size), most: numberText(most) })}</legend>
      <Await of={found}>
        {({ candidates, isMore }) => {
          const shown = new Set(candidates.map(({ address }) => address));
          const others = [...chosen.keys()].filter((address) => !shown.has(address));
          return (
            <>
              {candidates.length === 0 ? <p class="muted">{t("candidates.none")}</p> : null}
              {others.map((address) => (
                <label key={address} class="choice">
                  <input type="checkbox" checked onChange={() => tick(address, undefined, false)} />
                  <code title={address}>{shortText(address, 10)}</code>
                </label>
              ))}
              {candidates.map((candidate) => (
                <label key={candidate.address} class="choice">
                  <input
                    type="checkbox"
                    checked={chosen.has(candidate.address)}
                    disabled={!chosen.has(candidate.address) && (chosen.size >= most || candidate.state !== "listed")}
                    onChange={(event) => tick(candidate.address, candidate.name, event.currentTarget.checked)}
                  />
                  <bdi>{candidate.name}</bdi> <CandidatePills candidate={candidate} />{" "}
                  <small class="muted">
                    {amountText(BigInt(candidate.votes), TTC_DECIMALS)} TTC ·{" "}
                    {t("votes.pays", { percent: numberText(candidate.payBasisPoints / 100, 2) })}
                  </small>
                </label>
              ))}
              {isMore ? (
                <button type="button" onClick={() => setCount(count + 1)}>
                  {t("app.more.load")}
                </button>
              ) : null}
            </>
          );
        }}
      </Await>
    </fieldset>
  );
}
