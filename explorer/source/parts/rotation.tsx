// Whose turn it is: the delegates in their order, with the proposer of the latest block and the next one.

import type { JSX } from "preact";
import { type Delegate, toHex } from "ttchain";
import { t } from "../i18n/translate.js";
import { numberText, shortText } from "./format.js";

interface RotationProps {
  delegates: Delegate[];
  height: number;
  /** The latest block's, hex. */
  proposer: string;
  roundBlocks: number | undefined;
}

const SHOWN_MAX = 99;

export function Rotation({ delegates, height, proposer, roundBlocks }: RotationProps): JSX.Element {
  const keys = delegates.map((delegate) => toHex(delegate.publicKey));
  const last = keys.indexOf(proposer);
  const next = last < 0 ? -1 : (last + 1) % keys.length;
  return (
    <section aria-labelledby="turn">
      <h2 id="turn">{t("live.turn")}</h2>
      {roundBlocks === undefined || height < 1 ? null : (
        <p class="muted">
          {t("live.round", {
            round: numberText(Math.floor((height - 1) / roundBlocks) + 1),
            at: numberText(((height - 1) % roundBlocks) + 1),
            of: numberText(roundBlocks),
          })}
        </p>
      )}
      <ol class="rotation">
        {keys.slice(0, SHOWN_MAX).map((key, index) => (
          <li key={key} class={index === last ? "now" : ""} aria-current={index === last ? "step" : undefined}>
            <span>{index + 1}</span>
            <code>{shortText(key, 6)}</code>
            {index === next ? <em>{t("live.turnNext")}</em> : null}
          </li>
        ))}
      </ol>
    </section>
  );
}
