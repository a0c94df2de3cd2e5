// The delegates: their order, their power, and what they did in the latest blocks.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { toHex } from "ttchain";
import { t } from "../i18n/translate.js";
import { liveBlocks } from "../live.js";
import { client, useLoad } from "../node.js";
import { numberText } from "../parts/format.js";
import { Await, Facts, Hash, Heading } from "../parts/pieces.js";
import { useStore } from "../store.js";

/** Blocks whose certificates are read for the column "signed". */
const SAMPLE_BLOCKS = 20;

async function loadDelegates() {
  const [set, blocks] = await Promise.all([client.delegates(), client.blocks({ limit: SAMPLE_BLOCKS })]);
  const details = await Promise.all(blocks.map(({ height }) => client.block(height)));
  const signed = set.delegates.map(
    (_, index) =>
      details.filter(({ certificate }) => certificate.signatures.some(({ delegate }) => delegate === index)).length,
  );
  return { ...set, signed, sample: details.length };
}

export function DelegatesPage(): JSX.Element {
  const live = useStore(liveBlocks);
  const found = useLoad(loadDelegates, []);
  const { reload } = found;
  const height = live.at(-1)?.height ?? 0;
  useEffect(reload, [Math.floor(height / SAMPLE_BLOCKS)]);
  return (
    <>
      <Heading>{t("delegates.title")}</Heading>
      <p class="muted">{t("delegates.explain")}</p>
      <Await of={found}>
        {({ delegates, delegateSetHash, signed, sample, next }) => (
          <>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("delegates.index")}</th>
                  <th scope="col">{t("delegates.key")}</th>
                  <th scope="col" class="number">
                    {t("delegates.power")}
                  </th>
                  <th scope="col" class="number">
                    {t("delegates.proposed")}
                    <small> {t("delegates.sample", { count: numberText(live.length) })}</small>
                  </th>
                  <th scope="col" class="number">
                    {t("delegates.signed")}
                    <small> {t("delegates.sample", { count: numberText(sample) })}</small>
                  </th>
                </tr>
              </thead>
              <tbody>
                {delegates.map((delegate, index) => {
                  const key = toHex(delegate.publicKey);
                  return (
                    <tr key={key}>
                      <td>
                        {index + 1} {index === next ? <span class="pill ok">{t("delegates.next")}</span> : null}
                      </td>
                      <td>
                        <code class="break">{key}</code>
                      </td>
                      <td class="number">{numberText(delegate.power)}</td>
                      <td class="number">{numberText(live.filter(({ proposer }) => proposer === key).length)}</td>
                      <td class="number">{numberText(signed[index])}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
            <Facts rows={[[t("delegates.hash"), <Hash key="h" text={delegateSetHash} what={t("delegates.hash")} />]]} />
          </>
        )}
      </Await>
    </>
  );
}
