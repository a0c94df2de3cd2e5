// The present round: its delegates in the order of the engine, what they did in it, and who stands for the next.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { toHex } from "ttchain";
import { t } from "../i18n/translate.js";
import { liveBlocks } from "../live.js";
import { client, useLoad } from "../node.js";
import { CandidateTable } from "../parts/candidateTable.js";
import { type DelegateRow, DelegateTable } from "../parts/delegateTable.js";
import { numberText } from "../parts/format.js";
import { Amount, Await, Facts, Hash, Heading } from "../parts/pieces.js";
import { Link } from "../router.js";
import { useStore } from "../store.js";

/** The page is loaded again after so many blocks. */
const RELOAD_BLOCKS = 20;

async function loadRound() {
  const [set, { height }, candidates] = await Promise.all([client.delegates(), client.status(), client.candidates()]);
  const tally = height === 0 ? [] : (await client.block(height)).result.tally;
  const byKey = new Map(candidates.candidates.map((candidate) => [candidate.delegateKey, candidate]));
  const delegates = set.delegates.map(({ publicKey, power }, index): DelegateRow => {
    const key = toHex(publicKey);
    // At a round's first block the record still tells of the round before, whose delegates may have been others.
    const done = tally.length === set.delegates.length ? tally[index] : undefined;
    return { key, power, candidate: byKey.get(key), ...(done ?? { proposed: 0, signed: 0, missed: 0 }) };
  });
  return { delegates, delegateSetHash: set.delegateSetHash, next: set.next, height, candidates };
}

export function DelegatesPage(): JSX.Element {
  const live = useStore(liveBlocks);
  const found = useLoad(loadRound, []);
  const { reload } = found;
  useEffect(reload, [Math.floor((live.at(-1)?.height ?? 0) / RELOAD_BLOCKS)]);
  return (
    <>
      <Heading>{t("delegates.title")}</Heading>
      <p class="muted">{t("round.explain")}</p>
      <Await of={found}>
        {({ delegates, delegateSetHash, next, height, candidates }) => {
          const { round, locked } = candidates;
          return (
            <>
              <h2>{t("round.title", { number: numberText(round.number) })}</h2>
              <Facts
                rows={[
                  [t("round.heights"), `${numberText(round.heightFirst)} – ${numberText(round.heightLast)}`],
                  [t("round.left"), numberText(Math.max(0, round.heightLast - height))],
                  [t("round.locked"), <Amount key="locked" units={locked} token="TTC" />],
                  [t("delegates.hash"), <Hash key="hash" text={delegateSetHash} what={t("delegates.hash")} />],
                ]}
              />
              <p>
                <Link to="/rounds">{t("rounds.all")}</Link>
              </p>
              <h2>{t("round.tally")}</h2>
              <DelegateTable testId="delegates" delegates={delegates} next={next} />
              <h2>{t("candidates.title")}</h2>
              <CandidateTable first={candidates} />
            </>
          );
        }}
      </Await>
    </>
  );
}
