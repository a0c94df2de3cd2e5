// The wallet's first page: what there is, what is under way, and on a development chain the faucet.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { NATIVE_TOKENS } from "ttchain";
import { t } from "../i18n/translate.js";
import { client, nodeStatus, subscribe, useLoad } from "../node.js";
import { Balances } from "../pages/accountPage.js";
import { amountText, shortText } from "../parts/format.js";
import { Await, Failure, Hash } from "../parts/pieces.js";
import { useTokenFace } from "../parts/tokenFaces.js";
import { Link } from "../router.js";
import { useStore } from "../store.js";
import { type PendingPayment, pendingPayments } from "./pay.js";
import type { WalletTabProps } from "./walletPage.js";

function Pending({ entry }: { entry: PendingPayment }): JSX.Element {
  const face = useTokenFace(entry.token);
  const amount = face === undefined ? "…" : amountText(BigInt(entry.amount), face.decimals);
  return (
    <p class="notice warn" role="status">
      <Link to={`/tx/${entry.id}`}>
        {t("wallet.pending", { amount, symbol: face?.symbol ?? "", to: shortText(entry.to) })}
      </Link>
    </p>
  );
}

function FaucetButtons({ address }: { address: string }): JSX.Element {
  const [given, setGiven] = useState("");
  const [error, setError] = useState<unknown>();
  const ask = async (token: string): Promise<void> => {
    setError(undefined);
    setGiven("");
    try {
      await client.faucet(address, { token });
      setGiven(token);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <div class="faucet">
      <p class="muted">{t("wallet.faucetHint")}</p>
      <p class="actions">
        {NATIVE_TOKENS.map((token) => (
          <button key={token} type="button" onClick={() => void ask(token)}>
            {t("wallet.faucet", { token })}
          </button>
        ))}
      </p>
      <p role="status">{given === "" ? "" : t("wallet.faucetDone", { token: given })}</p>
      {error === undefined ? null : <Failure error={error} />}
    </div>
  );
}

/** The account's state, read anew whenever a block touches it. */
export function useAccount(address: string) {
  const account = useLoad(() => client.account(address), [address]);
  const { reload } = account;
  useEffect(() => subscribe({ topic: "account", address }, reload), [address, reload]);
  return account;
}

export function Home({ account }: WalletTabProps): JSX.Element {
  const address = account.addressText;
  const state = useAccount(address);
  const parameters = useLoad(() => client.parameters(), []);
  const pending = useStore(pendingPayments);
  const status = useStore(nodeStatus);
  return (
    <>
      {pending.map((entry) => (
        <Pending key={entry.id} entry={entry} />
      ))}
      <Await of={state}>{(found) => <Balances account={found} parameters={parameters.value} />}</Await>
      <h2>{t("wallet.address")}</h2>
      <Hash text={address} what={t("wallet.address")} />
      {status?.chain.development ? <FaucetButtons address={address} /> : null}
    </>
  );
}
