// Rounds that ended: what their delegates made, missed and signed.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n/translate.js";
import { useLoad } from "../node.js";
import { numberText } from "../parts/format.js";
import { Await, Heading } from "../parts/pieces.js";
import { Link } from "../router.js";
import { type PastRound, pastRounds } from "./pastRounds.js";

const ROUNDS_A_PAGE = 10;

function RoundRow({ round }: { round: PastRound }): JSX.Element {
  const { number, heightFirst, heightLast, tally } = round;
  const blocks = heightLast - heightFirst + 1;
  const missed = tally.reduce((sum, one) => sum + one.missed, 0);
  const signed = tally.reduce((sum, one) => sum + one.signed, 0);
  const possible = Math.max(1, (blocks - 1) * tally.length);
  return (
    <tr>
      <td>
        <Link to={`/round/${number}?last=${heightLast}`}>{numberText(number)}</Link>
      </td>
      <td>
        <Link to={`/block/${heightFirst}`}>{numberText(heightFirst)}</Link> –{" "}
        <Link to={`/block/${heightLast}`}>{numberText(heightLast)}</Link>
      </td>
      <td class="number">{numberText(tally.length)}</td>
      <td class="number">{numberText(missed)}</td>
      <td class="number">{numberText((100 * signed) / possible, 1)} %</td>
    </tr>
  );
}

export function RoundsPage(): JSX.Element {
  const [count, setCount] = useState(ROUNDS_A_PAGE);
  const found = useLoad(() => pastRounds(count), [count]);
  return (
    <>
      <Heading>{t("rounds.title")}</Heading>
      <Await of={found}>
        {({ rounds, missingBelow }) => (
          <>
            {rounds.length === 0 && missingBelow === undefined ? <p>{t("rounds.none")}</p> : null}
            {rounds.length === 0 ? null : (
              <table data-testid="rounds">
                <thead>
                  <tr>
                    <th scope="col">{t("rounds.number")}</th>
                    <th scope="col">{t("round.heights")}</th>
                    <th scope="col" class="number">
                      {t("rounds.delegates")}
                    </th>
                    <th scope="col" class="number">
                      {t("rounds.missed")}
                    </th>
                    <th scope="col" class="number">
                      {t("rounds.signed")}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rounds.map((round) => (
                    <RoundRow key={round.number} round={round} />
                  ))}
                </tbody>
              </table>
            )}
            {missingBelow === undefined ? null : (
              <p class="notice">{t("rounds.pruned", { height: numberText(missingBelow) })}</p>
            )}
            {rounds.length === count && missingBelow === undefined ? (
              <button type="button" onClick={() => setCount(count + ROUNDS_A_PAGE)}>
                {t("app.more.load")}
              </button>
            ) : null}
          </>
        )}
      </Await>
    </>
  );
}
