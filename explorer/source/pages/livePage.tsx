// The front page: the chain as it moves.

import type { JSX } from "preact";
import { t } from "../i18n/translate.js";
import { isBusy, type LiveBlock, liveBlocks } from "../live.js";
import { client, nodeStatus, useLoad } from "../node.js";
import { durationText, median, numberText, shortText } from "../parts/format.js";
import { Heading, Loading, Time } from "../parts/pieces.js";
import { RateChart } from "../parts/rateChart.js";
import { Rotation } from "../parts/rotation.js";
import { Link } from "../router.js";
import { useStore } from "../store.js";

const RATE_WINDOW_MS = 10_000;
const INTERVAL_WINDOW_MS = 60_000;
const ROWS = 12;

function Figure({ name, value, hint }: { name: string; value: string; hint: string }): JSX.Element {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>
        <strong>{value}</strong>
        <small>{hint}</small>
      </dd>
    </div>
  );
}

function Figures({ blocks }: { blocks: LiveBlock[] }): JSX.Element {
  const status = useStore(nodeStatus);
  const last = blocks.at(-1);
  const lastMs = last?.timeMs ?? 0;
  const recent = blocks.filter((block) => block.timeMs > lastMs - RATE_WINDOW_MS);
  const payments = recent.reduce((sum, block) => sum + block.transactionCount, 0);
  const minute = blocks.filter((block) => block.timeMs > lastMs - INTERVAL_WINDOW_MS);
  const interval = median(minute.slice(1).map((block, index) => block.timeMs - minute[index].timeMs));
  const delay = median(minute.flatMap((block) => (block.delayMs === undefined ? [] : [block.delayMs])));
  return (
    <dl class="figures">
      <Figure name={t("live.height")} value={numberText(last?.height ?? 0)} hint={status?.chain.name ?? ""} />
      <Figure
        name={t("live.rate")}
        value={numberText((payments * 1_000) / RATE_WINDOW_MS, payments < 100 ? 1 : 0)}
        hint={t("live.rateHint")}
      />
      <Figure
        name={t("live.commit")}
        value={delay === undefined ? "–" : durationText(delay)}
        hint={t("live.commitHint")}
      />
      <Figure
        name={t("live.interval")}
        value={interval === undefined ? "–" : durationText(interval)}
        hint={t("live.intervalHint")}
      />
      <Figure
        name={t("live.waiting")}
        value={status === undefined ? "–" : numberText(status.mempool.count)}
        hint={t("live.waitingHint")}
      />
    </dl>
  );
}

function LatestBlocks({ blocks }: { blocks: LiveBlock[] }): JSX.Element {
  const busy = isBusy(blocks);
  return (
    <section aria-labelledby="latest">
      <h2 id="latest">{t("live.latest")}</h2>
      <ol class="blocks" data-testid="live-blocks">
        {blocks
          .slice(-ROWS)
          .reverse()
          .map((block) => (
            <li key={block.height} class={block.delayMs === undefined || busy ? "" : "arrived"}>
              <Link to={`/block/${block.height}`} class="height">
                {numberText(block.height)}
              </Link>
              <span class={block.transactionCount > 0 ? "pill" : "muted"}>
                {t("live.payments", { count: numberText(block.transactionCount) })}
              </span>
              <code class="muted wide">{shortText(block.hash)}</code>
              <Time timeMs={block.timeMs} short />
            </li>
          ))}
      </ol>
    </section>
  );
}

export function LivePage(): JSX.Element {
  const blocks = useStore(liveBlocks);
  const delegates = useLoad(() => client.delegates(), []);
  const parameters = useLoad(() => client.parameters(), []);
  return (
    <>
      <Heading>{t("nav.live")}</Heading>
      {blocks.length === 0 ? (
        <Loading />
      ) : (
        <>
          <Figures blocks={blocks} />
          <RateChart blocks={blocks} />
          <div class="columns">
            <LatestBlocks blocks={blocks} />
            {delegates.value === undefined ? null : (
              <Rotation
                delegates={delegates.value.delegates}
                height={blocks.at(-1)?.height ?? 0}
                proposer={blocks.at(-1)?.proposer ?? ""}
                roundBlocks={parameters.value?.roundBlocks}
              />
            )}
          </div>
        </>
      )}
    </>
  );
}
