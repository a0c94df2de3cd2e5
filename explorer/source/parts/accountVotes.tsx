// What an account has locked, for whom, and what it could claim.

import type { JSX } from "preact";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { Link } from "../router.js";
import { shortText, timeText } from "./format.js";
import { NativeAmounts } from "./nativeAmounts.js";
import { Amount, Await, Facts } from "./pieces.js";

export function AccountVotes({ address }: { address: string }): JSX.Element {
  const votes = useLoad(() => client.votes(address), [address]);
  return (
    <Await of={votes}>
      {({ locked, shares, claimable, unbonding }) =>
        locked === "0" && unbonding.length === 0 ? (
          <p class="muted">{t("votes.none")}</p>
        ) : (
          <>
            <Facts
              rows={[
                [t("votes.locked"), <Amount key="locked" units={locked} token="TTC" />],
                [t("votes.claimable"), <NativeAmounts key="claimable" amounts={claimable} />],
              ]}
            />
            <ul>
              {shares.map(({ candidate, weight }) => (
                <li key={candidate}>
                  <Link to={`/candidate/${candidate}`} title={candidate}>
                    <code>{shortText(candidate, 10)}</code>
                  </Link>{" "}
                  <Amount units={weight} token="TTC" />
                </li>
              ))}
              {unbonding.map(({ withdrawableMs, amount }) => (
                <li key={withdrawableMs}>
                  {t("votes.unbonding")}: <Amount units={amount} token="TTC" />{" "}
                  {t("votes.from", { time: timeText(withdrawableMs) })}
                </li>
              ))}
            </ul>
          </>
        )
      }
    </Await>
  );
}
