// The wallet's single pieces (NFT): what it holds, and giving one away.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Account, callContract, formatAddress, parseAddress } from "ttchain";
import { t } from "../i18n/translate.js";
import { useLoad } from "../node.js";
import { numberText, shortText } from "../parts/format.js";
import { Amount, Await, ContractLink, Failure } from "../parts/pieces.js";
import { type Collection, loadCollections, nameCollection, type Piece } from "./nftPieces.js";
import { payeeOf } from "./payeeOf.js";
import { type ReadyAction, readyAction, SignAction } from "./signAction.js";
import type { WalletTabProps } from "./walletPage.js";

const GIVE_GAS = 200_000;
const GIVE_DEPOSIT_TTC_UNITS = 50_000_000n;

interface Give {
  collection: Collection;
  piece: Piece;
}

async function prepareGift(account: Account, { collection, piece }: Give, to: string): Promise<ReadyAction> {
  const payee = await payeeOf(to);
  const action = callContract(account, {
    contract: collection.address,
    functionName: "give",
    args: [parseAddress(payee), piece.id],
    gasLimit: GIVE_GAS,
    depositLimit: GIVE_DEPOSIT_TTC_UNITS,
  });
  return readyAction(account, {
    action,
    amount: 0n,
    rows: [
      [t("nfts.piece"), <bdi key="piece">{`${collection.title} #${piece.id}`}</bdi>],
      [
        t("send.to"),
        <code key="to" class="break">
          {payee}
        </code>,
      ],
      [t("contract.depositMost"), <Amount key="deposit" units={GIVE_DEPOSIT_TTC_UNITS} token="TTC" />],
    ],
  });
}

interface GiveFormProps {
  account: Account;
  give: Give;
  onReady: (ready: ReadyAction) => void;
}

function GiveForm({ account, give, onReady }: GiveFormProps): JSX.Element {
  const [to, setTo] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setProblem(undefined);
    try {
      onReady(await prepareGift(account, give, to));
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <details>
      <summary>{t("nfts.give")}</summary>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <label>
          {t("send.to")}
          <input
            required
            autocomplete="off"
            spellcheck={false}
            value={to}
            onInput={(event) => setTo(event.currentTarget.value)}
          />
        </label>
        {problem === undefined ? null : <Failure error={problem} />}
        <button type="submit">{t("send.review")}</button>
      </form>
    </details>
  );
}

function PieceItem({ account, give, onReady }: GiveFormProps): JSX.Element {
  const { piece } = give;
  return (
    <li data-testid="piece">
      <strong>#{piece.id.toString()}</strong>{" "}
      {piece.price === undefined ? null : (
        <span class="pill">
          {t("nfts.offered")} <Amount units={piece.price.units} token={piece.price.token} />
        </span>
      )}
      {/* A stranger's link: text, not something to follow. */}
      <p class="break">
        <bdi>{piece.link}</bdi>
      </p>
      <p class="muted">
        {t("nfts.digest")} <code title={piece.digest}>{shortText(piece.digest, 12)}</code>
      </p>
      <GiveForm account={account} give={give} onReady={onReady} />
    </li>
  );
}

function Named({ onNamed }: { onNamed: () => void }): JSX.Element {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const submit = (event: Event): void => {
    event.preventDefault();
    try {
      nameCollection(formatAddress(parseAddress(text.trim())));
      setText("");
      setProblem(undefined);
      onNamed();
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <details>
      <summary>{t("nfts.other")}</summary>
      <form class="form" onSubmit={submit}>
        <label>
          {t("contract.address")}
          <input
            required
            autocomplete="off"
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        {problem === undefined ? null : <Failure error={problem} />}
        <button type="submit">{t("app.save")}</button>
      </form>
    </details>
  );
}

export function Pieces({ account }: WalletTabProps): JSX.Element {
  const found = useLoad(() => loadCollections(account.address), [account.addressText]);
  const [ready, setReady] = useState<ReadyAction>();
  if (ready !== undefined) {
    return (
      <SignAction account={account} ready={ready} onCommitted={found.reload} onClose={() => setReady(undefined)} />
    );
  }
  return (
    <>
      <p class="muted">{t("nfts.explain")}</p>
      <Await of={found}>
        {(collections) => (
          <>
            {collections.length === 0 ? <p>{t("nfts.none")}</p> : null}
            {collections.map((collection) => (
              <section key={collection.address} aria-label={collection.title}>
                <h2>
                  <bdi>{collection.title}</bdi> <small class="muted">{collection.symbol}</small>
                </h2>
                <p>
                  <ContractLink address={collection.address} />{" "}
                  <span class="muted">
                    {t("nfts.held", { count: numberText(Number(collection.count)), shown: collection.pieces.length })}
                  </span>
                </p>
                <ul class="plain">
                  {collection.pieces.map((piece) => (
                    <PieceItem
                      key={piece.id.toString()}
                      account={account}
                      give={{ collection, piece }}
                      onReady={setReady}
                    />
                  ))}
                </ul>
              </section>
            ))}
          </>
        )}
      </Await>
      <Named onNamed={found.reload} />
    </>
  );
}
