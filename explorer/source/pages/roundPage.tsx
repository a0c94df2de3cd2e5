// One round that ended, delegate by delegate. Keys are known where the set is still the present one.

import type { JSX } from "preact";
import { toHex } from "ttchain";
import type { PageProps } from "../app.js";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { numberText, shortText } from "../parts/format.js";
import { Await, Facts, Hash, Heading } from "../parts/pieces.js";
import { Link } from "../router.js";
import { type PastRound, pastRounds, roundEndingAt } from "./pastRounds.js";

/** Rounds that are walked back to find one of which only the number is known. */
const ROUNDS_WALKED_MAX = 500;

interface Found {
  round: PastRound | undefined;
  /** Keys in the order of the set; undefined where it was another than the present one. */
  keys: string[] | undefined;
}

async function load(number: number, heightLast: number | undefined): Promise<Found> {
  const find = async (): Promise<PastRound | undefined> =>
    heightLast === undefined
      ? (await pastRounds(ROUNDS_WALKED_MAX)).rounds.find((round) => round.number === number)
      : roundEndingAt(number, heightLast);
  const [round, present] = await Promise.all([find(), client.delegates()]);
  const isPresent = round?.delegateSetHash === present.delegateSetHash;
  return { round, keys: isPresent ? present.delegates.map(({ publicKey }) => toHex(publicKey)) : undefined };
}

function Tally({ round, keys }: { round: PastRound; keys: string[] | undefined }): JSX.Element {
  return (
    <table data-testid="round">
      <thead>
        <tr>
          <th scope="col">{t("delegates.index")}</th>
          {keys === undefined ? null : <th scope="col">{t("delegates.key")}</th>}
          <th scope="col" class="number">
            {t("delegates.proposed")}
          </th>
          <th scope="col" class="number">
            {t("delegates.signed")}
          </th>
          <th scope="col" class="number">
            {t("round.missed")}
          </th>
        </tr>
      </thead>
      <tbody>
        {round.tally.map(({ proposed, signed, missed }, index) => (
          <tr key={index}>
            <td>{index + 1}</td>
            {keys === undefined ? null : (
              <td>
                <code title={keys[index]}>{shortText(keys[index], 12)}</code>
              </td>
            )}
            <td class="number">{numberText(proposed)}</td>
            <td class="number">{numberText(signed)}</td>
            <td class="number">{numberText(missed)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function RoundPage({ name, query }: PageProps): JSX.Element {
  const number = Number(name);
  const last = query.get("last");
  const found = useLoad(() => load(number, last === null ? undefined : Number(last)), [number, last]);
  return (
    <>
      <Heading>{t("round.title", { number: numberText(number) })}</Heading>
      <Await of={found}>
        {({ round, keys }) =>
          round === undefined ? (
            <p class="notice">{t("rounds.gone")}</p>
          ) : (
            <>
              <Facts
                rows={[
                  [
                    t("round.heights"),
                    <span key="heights">
                      <Link to={`/block/${round.heightFirst}`}>{numberText(round.heightFirst)}</Link> –{" "}
                      <Link to={`/block/${round.heightLast}`}>{numberText(round.heightLast)}</Link>
                    </span>,
                  ],
                  [t("delegates.hash"), <Hash key="hash" text={round.delegateSetHash} what={t("delegates.hash")} />],
                ]}
              />
              <p class="muted">{t("rounds.butLast")}</p>
              {keys === undefined ? <p class="muted">{t("rounds.unknownSet")}</p> : null}
              <Tally round={round} keys={keys} />
            </>
          )
        }
      </Await>
      <p>
        <Link to="/rounds">{t("rounds.all")}</Link>
      </p>
    </>
  );
}
