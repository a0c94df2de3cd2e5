// Votes: coins locked for up to 33 candidates in equal parts, and what can be done with them later: unlock, withdraw, claim rewards.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Account, claimRewards, parseAmount, unlock, type VotesJson, vote, withdraw } from "ttchain";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { AccountVotes } from "../parts/accountVotes.js";
import { Amount, Await, Failure } from "../parts/pieces.js";
import { Link } from "../router.js";
import { CandidateChoice, type Chosen } from "./candidateChoice.js";
import { type ReadyAction, readyAction, SignAction } from "./signAction.js";
import type { WalletTabProps } from "./walletPage.js";

const TTC_DECIMALS = 8;
const CANDIDATES_MAX = 33;

function chosenFirst(votes: VotesJson, wanted: string | null): Chosen {
  const names: Chosen = new Map(votes.shares.map(({ candidate }) => [candidate, undefined]));
  if (wanted !== null) {
    names.set(wanted, undefined);
  }
  return names;
}

function Chosens({ chosen }: { chosen: Chosen }): JSX.Element {
  return (
    <ul class="plain">
      {[...chosen].map(([address, name]) => (
        <li key={address}>
          <Link to={`/candidate/${address}`} class="break">
            {name === undefined ? null : <bdi>{name} </bdi>}
            <code>{address.slice(0, 14)}…</code>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** What a vote does: throws for amounts that are none, for nobody, and for too many. */
async function prepareVote(account: Account, votes: VotesJson, text: string, chosen: Chosen): Promise<ReadyAction> {
  const amount = text.trim() === "" || /^0+$/.test(text.trim()) ? 0n : parseAmount(text, TTC_DECIMALS);
  const locked = BigInt(votes.locked) + amount;
  if (locked === 0n) {
    throw new Error(t("votes.nothingLocked"));
  }
  if (chosen.size === 0 || chosen.size > CANDIDATES_MAX) {
    throw new Error(t("votes.chooseSome", { most: CANDIDATES_MAX, count: chosen.size }));
  }
  return readyAction(account, {
    action: vote(account, { amount, candidates: [...chosen.keys()] }),
    amount,
    rows: [
      [t("votes.lockMore"), <Amount key="more" units={amount} token="TTC" />],
      [t("votes.lockedThen"), <Amount key="then" units={locked} token="TTC" />],
      [t("votes.candidates"), <Chosens key="candidates" chosen={chosen} />],
      [t("votes.each"), <Amount key="each" units={locked / BigInt(chosen.size)} token="TTC" />],
    ],
  });
}

interface FormProps {
  account: Account;
  votes: VotesJson;
  onReady: (ready: ReadyAction) => void;
}

function VoteForm({ account, votes, first, onReady }: FormProps & { first: Chosen }): JSX.Element {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(first);
  const [problem, setProblem] = useState<unknown>();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setProblem(undefined);
    try {
      onReady(await prepareVote(account, votes, text, chosen));
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <form class="form" data-testid="vote-form" onSubmit={(event) => void submit(event)}>
      <label>
        {t("votes.lockMore")} (TTC)
        <input
          name="amount"
          inputMode="decimal"
          autocomplete="off"
          placeholder="0"
          aria-describedby="vote-hint"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <small id="vote-hint" class="muted">
        {t("votes.hint")}
      </small>
      <CandidateChoice chosen={chosen} most={CANDIDATES_MAX} onChange={setChosen} />
      {problem === undefined ? null : <Failure error={problem} />}
      <button type="submit" class="primary">
        {t("send.review")}
      </button>
    </form>
  );
}

/** Unlocking, withdrawing what was unlocked, and claiming rewards. */
function LaterMoves({ account, votes, onReady }: FormProps): JSX.Element {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const offer = async (make: () => Omit<ReadyAction, "quote">): Promise<void> => {
    setProblem(undefined);
    try {
      onReady(await readyAction(account, make()));
    } catch (error) {
      setProblem(error);
    }
  };
  const unlocking = (): Omit<ReadyAction, "quote"> => {
    const amount = parseAmount(text, TTC_DECIMALS);
    const rows: ReadyAction["rows"] = [[t("op.unlock"), <Amount key="unlock" units={amount} token="TTC" />]];
    return { action: unlock(account, amount), amount, rows };
  };
  const simple = (text: string, action: ReadyAction["action"]) => () => ({
    action,
    amount: 0n,
    rows: [[t("votes.what"), text]] as ReadyAction["rows"],
  });
  const claims = Object.values(votes.claimable).some((units) => units !== "0");
  return (
    <>
      <form
        class="form row"
        onSubmit={(event) => {
          event.preventDefault();
          void offer(unlocking);
        }}
      >
        <label>
          {t("votes.unlockAmount")} (TTC)
          <input
            name="unlock"
            required
            inputMode="decimal"
            autocomplete="off"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={votes.locked === "0"}>
          {t("op.unlock")}
        </button>
      </form>
      <p class="actions">
        <button
          type="button"
          disabled={votes.unbonding.length === 0}
          onClick={() => void offer(simple(t("op.withdraw"), withdraw(account)))}
        >
          {t("op.withdraw")}
        </button>
        <button
          type="button"
          disabled={!claims}
          onClick={() => void offer(simple(t("op.claimRewards"), claimRewards(account)))}
        >
          {t("op.claimRewards")}
        </button>
      </p>
      {problem === undefined ? null : <Failure error={problem} />}
    </>
  );
}

export function VotesTab({ account, query }: WalletTabProps): JSX.Element {
  const votes = useLoad(() => client.votes(account.address), [account.addressText]);
  const [ready, setReady] = useState<ReadyAction>();
  const [turn, setTurn] = useState(0);
  if (ready !== undefined) {
    return (
      <SignAction
        account={account}
        ready={ready}
        onCommitted={votes.reload}
        onClose={() => {
          setReady(undefined);
          setTurn(turn + 1);
        }}
      />
    );
  }
  return (
    <>
      <p class="muted">{t("votes.explain")}</p>
      <AccountVotes key={turn} address={account.addressText} />
      <Await of={votes}>
        {(found) => (
          <>
            <h2>{t("op.vote")}</h2>
            <VoteForm
              account={account}
              votes={found}
              first={chosenFirst(found, query.get("candidate"))}
              onReady={setReady}
            />
            <h2>{t("votes.later")}</h2>
            <LaterMoves account={account} votes={found} onReady={setReady} />
          </>
        )}
      </Await>
    </>
  );
}
