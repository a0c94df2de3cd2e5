// How the network does: whether blocks come, how far look-ups lag, how far away the node is.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../i18n/translate.js";
import { client, connection, linkState, useLoad } from "../node.js";
import { durationText, numberText } from "../parts/format.js";
import { Await, Facts, Hash, Heading } from "../parts/pieces.js";
import { useStore } from "../store.js";

const POLL_MS = 1_000;
/** Several heartbeats without a block. */
const STALE_MS = 10_000;

async function look() {
  const startMs = performance.now();
  const [status, parameters] = await Promise.all([client.status(), client.parameters()]);
  const httpMs = performance.now() - startMs;
  const roundTripMs = linkState.get() === "open" ? await (await connection()).ping() : httpMs;
  return { status, parameters, roundTripMs, ageMs: Math.max(0, Date.now() - status.timeMs) };
}

export function HealthPage(): JSX.Element {
  const link = useStore(linkState);
  const health = useLoad(look, []);
  const { reload } = health;
  useEffect(() => {
    const timer = setInterval(reload, POLL_MS);
    return () => clearInterval(timer);
  }, [reload]);
  return (
    <>
      <Heading>{t("health.title")}</Heading>
      <Await of={health}>
        {({ status, ageMs, roundTripMs, parameters }) => {
          const stale = ageMs > Math.max(STALE_MS, 3 * parameters.heartbeatIntervalMs);
          const lag = status.height - status.historyHeight;
          return (
            <>
              <p role="status" class={stale ? "notice bad" : "notice ok"}>
                {stale ? t("health.stale", { seconds: numberText(ageMs / 1_000) }) : t("health.ok")}
              </p>
              <Facts
                rows={[
                  [t("health.chain"), status.chain.name],
                  [t("health.height"), numberText(status.height)],
                  [t("health.age"), t("health.ago", { seconds: numberText(ageMs / 1_000, 1) })],
                  [t("health.history"), lag === 0 ? t("health.lagNone") : t("health.lag", { blocks: numberText(lag) })],
                  [
                    t("health.mempool"),
                    t("health.mempoolValue", {
                      count: numberText(status.mempool.count),
                      bytes: numberText(status.mempool.bytes),
                    }),
                  ],
                  [t("health.delegates"), numberText(status.delegates)],
                  [t("health.roundTrip"), durationText(roundTripMs)],
                  [t("health.link"), link === "open" ? t("health.open") : t("health.closed")],
                  [t("health.version"), status.version],
                  [t("health.genesis"), <Hash key="g" text={status.chain.genesisHash} what={t("health.genesis")} />],
                ]}
              />
            </>
          );
        }}
      </Await>
    </>
  );
}
