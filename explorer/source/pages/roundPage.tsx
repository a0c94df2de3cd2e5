// One round that ended, delegate by delegate. Their keys are named by a block, and known as far back as that is kept.

import type { JSX } from "preact";
import { type Delegate, toHex } from "ttchain";
import type { PageProps } from "../app.js";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { type DelegateRow, DelegateTable } from "../parts/delegateTable.js";
import { numberText } from "../parts/format.js";
import { Await, Facts, Hash, Heading } from "../parts/pieces.js";
import { Link } from "../router.js";
import { isNotKept, type PastRound, pastRounds, roundEndingAt } from "./pastRounds.js";

/** Rounds that are walked back to find one of which only the number is known. */
const ROUNDS_WALKED_MAX = 500;

interface Found {
  round: PastRound | undefined;
  delegates: DelegateRow[];
}

/** Keys and power in the order of the set; undefined where nothing that the node keeps names them. */
async function setOf(round: PastRound): Promise<Delegate[] | undefined> {
  try {
    const { delegateSetHash, delegates } = await client.delegatesOf(round.heightLast);
    return delegateSetHash === round.delegateSetHash ? delegates : undefined;
  } catch (error) {
    if (isNotKept(error)) {
      return undefined;
    }
    throw error;
  }
}

async function load(number: number, heightLast: number | undefined): Promise<Found> {
  const round =
    heightLast === undefined
      ? (await pastRounds(ROUNDS_WALKED_MAX)).rounds.find((one) => one.number === number)
      : await roundEndingAt(number, heightLast);
  if (round === undefined) {
    return { round, delegates: [] };
  }
  const [set, { candidates }] = await Promise.all([setOf(round), client.candidates()]);
  const byKey = new Map(candidates.map((candidate) => [candidate.delegateKey, candidate]));
  const delegates = round.tally.map((done, index): DelegateRow => {
    const one = set?.[index];
    const key = one === undefined ? undefined : toHex(one.publicKey);
    return { key, power: one?.power, candidate: key === undefined ? undefined : byKey.get(key), ...done };
  });
  return { round, delegates };
}

export function RoundPage({ name, query }: PageProps): JSX.Element {
  const number = Number(name);
  const last = query.get("last");
  const found = useLoad(() => load(number, last === null ? undefined : Number(last)), [number, last]);
  return (
    <>
      <Heading>{t("round.title", { number: numberText(number) })}</Heading>
      <Await of={found}>
        {({ round, delegates }) =>
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
              {delegates.every(({ key }) => key === undefined) ? <p class="notice">{t("rounds.unknownSet")}</p> : null}
              <DelegateTable testId="round" delegates={delegates} />
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
