// The present round: its delegates in the order of the engine, what they did in it, and who stands for the next.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { toHex } from "ttchain";
import { t } from "../i18n/translate.js";
import { liveBlocks } from "../live.js";
import { client, useLoad } from "../node.js";
import { CandidateTable } from "../parts/candidateTable.js";
import { numberText, shortText } from "../parts/format.js";
import { Amount, Await, Facts, Hash, Heading } from "../parts/pieces.js";
import { Link } from "../router.js";
import { useStore } from "../store.js";

/** The page is loaded again after so many blocks. */
const RELOAD_BLOCKS = 20;

interface Delegate {
  key: string;
  power: number;
  /** The candidate behind the key; undefined for those of genesis, and beyond the list's first page. */
  candidate: { address: string; name: string } | undefined;
  proposed: number;
  signed: number;
  missed: number;
}

async function loadRound() {
  const [set, { height }, candidates] = await Promise.all([client.delegates(), client.status(), client.candidates()]);
  const tally = height === 0 ? [] : (await client.block(height)).result.tally;
  const byKey = new Map(candidates.candidates.map((candidate) => [candidate.delegateKey, candidate]));
  const delegates = set.delegates.map(({ publicKey, power }, index): Delegate => {
    const key = toHex(publicKey);
    // At a round's first block the record still tells of the round before, whose delegates may have been others.
    const done = tally.length === set.delegates.length ? tally[index] : undefined;
    return { key, power, candidate: byKey.get(key), ...(done ?? { proposed: 0, signed: 0, missed: 0 }) };
  });
  return { delegates, delegateSetHash: set.delegateSetHash, next: set.next, height, candidates };
}

function DelegateRow({ delegate, index, isNext }: { delegate: Delegate; index: number; isNext: boolean }): JSX.Element {
  const { key, power, candidate, proposed, signed, missed } = delegate;
  return (
    <tr>
      <td>
        {index + 1} {isNext ? <span class="pill ok">{t("delegates.next")}</span> : null}
      </td>
      <td>
        {candidate === undefined ? null : (
          <Link to={`/candidate/${candidate.address}`}>
            <bdi>{candidate.name}</bdi>
          </Link>
        )}{" "}
        <code title={key}>{shortText(key, 12)}</code>
      </td>
      <td class="number wide">{numberText(power)}</td>
      <td class="number">{numberText(proposed)}</td>
      <td class="number">{numberText(signed)}</td>
      <td class="number">{numberText(missed)}</td>
    </tr>
  );
}

function DelegateTable({ delegates, next }: { delegates: Delegate[]; next: number }): JSX.Element {
  return (
    <table data-testid="delegates">
      <thead>
        <tr>
          <th scope="col">{t("delegates.index")}</th>
          <th scope="col">{t("delegates.key")}</th>
          <th scope="col" class="number wide">
            {t("delegates.power")}
          </th>
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
        {delegates.map((delegate, index) => (
          <DelegateRow key={delegate.key} delegate={delegate} index={index} isNext={index === next} />
        ))}
      </tbody>
    </table>
  );
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
              <DelegateTable delegates={delegates} next={next} />
              <h2>{t("candidates.title")}</h2>
              <CandidateTable first={candidates} />
            </>
          );
        }}
      </Await>
    </>
  );
}
