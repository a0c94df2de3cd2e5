// An account's history: newest first, more on demand, by direction and token, and the whole as CSV.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { HistoryEntry, HistoryPage } from "ttchain";
import { t } from "../i18n/translate.js";
import { client, nodeStatus, subscribe, useLoad } from "../node.js";
import { useStore } from "../store.js";
import { historyCsv } from "./historyCsv.js";
import { memoText } from "./memoText.js";
import { kindText } from "./operations.js";
import { Address, Amount, Await, Time, TransactionLink } from "./pieces.js";

const ROWS = 25;
type Direction = "all" | "in" | "out";

function Row({ entry }: { entry: HistoryEntry }): JSX.Element {
  const { direction, amount, token } = entry;
  return (
    <tr>
      <td>
        <Time timeMs={entry.timeMs} />
        <br />
        <TransactionLink id={entry.id} />
      </td>
      <td>
        {kindText(entry.kind)} <span class={`pill ${direction}`}>{t(`account.direction.${direction}`)}</span>
        {entry.code === "OK" ? null : <span class="pill bad">{entry.code}</span>}
        {entry.memo === undefined ? null : <bdi class="memo">{memoText(entry.memo)}</bdi>}
      </td>
      <td>{entry.counterparty === undefined ? null : <Address text={entry.counterparty} />}</td>
      <td class="number">
        {amount === undefined || token === undefined ? null : <Amount units={amount} token={token} />}
      </td>
      <td class="number wide">
        {entry.fee === undefined ? null : <Amount units={entry.fee} token={entry.feeToken ?? "TTC"} />}
      </td>
    </tr>
  );
}

function CsvButton({ address }: { address: string }): JSX.Element {
  const [count, setCount] = useState<number>();
  const save = async (): Promise<void> => {
    setCount(0);
    const entries: HistoryEntry[] = [];
    for await (const entry of client.history(address)) {
      entries.push(entry);
      if (entries.length % 100 === 0) {
        setCount(entries.length);
      }
    }
    const url = URL.createObjectURL(new Blob([historyCsv(entries)], { type: "text/csv" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${address.slice(0, 14)}.csv`;
    link.click();
    URL.revokeObjectURL(url);
    setCount(undefined);
  };
  return (
    <button type="button" disabled={count !== undefined} onClick={() => void save()}>
      {count === undefined ? t("account.csv") : t("account.csvRunning", { count })}
    </button>
  );
}

interface FilterProps {
  direction: Direction;
  onDirection: (direction: Direction) => void;
  token: string;
  tokens: string[];
  onToken: (token: string) => void;
}

function Filters({ direction, onDirection, token, tokens, onToken }: FilterProps): JSX.Element {
  return (
    <>
      <label>
        {t("account.filter")}
        <select value={direction} onChange={(event) => onDirection(event.currentTarget.value as Direction)}>
          {(["all", "in", "out"] as const).map((name) => (
            <option key={name} value={name}>
              {t(`account.filter.${name}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("account.filter.token")}
        <select value={token} onChange={(event) => onToken(event.currentTarget.value)}>
          <option value="">{t("account.filter.all")}</option>
          {tokens.map((name) => (
            <option key={name} value={name}>
              {name.slice(0, 10)}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

function Lag(): JSX.Element | null {
  const status = useStore(nodeStatus);
  const blocks = status === undefined ? 0 : status.height - status.historyHeight;
  return blocks > 0 ? <p class="notice warn">{t("account.historyLag", { blocks })}</p> : null;
}

export function HistoryTable({ address, limit = ROWS }: { address: string; limit?: number }): JSX.Element {
  const first = useLoad(() => client.historyPage(address, { limit }), [address]);
  const [older, setOlder] = useState<HistoryPage[]>([]);
  const [direction, setDirection] = useState<Direction>("all");
  const [token, setToken] = useState("");
  const { reload } = first;
  useEffect(
    () =>
      subscribe({ topic: "account", address }, () => {
        setOlder([]);
        reload();
      }),
    [address, reload],
  );
  return (
    <Await of={first}>
      {(newest) => {
        const pages = [newest, ...older];
        const all = pages.flatMap((page) => page.entries);
        const { next } = pages[pages.length - 1];
        const tokens = [...new Set(all.flatMap((entry) => (entry.token === undefined ? [] : [entry.token])))];
        const shown = all.filter(
          (entry) => (direction === "all" || entry.direction === direction) && (token === "" || entry.token === token),
        );
        return (
          <>
            <Lag />
            <div class="actions">
              <Filters {...{ direction, token, tokens }} onDirection={setDirection} onToken={setToken} />
              <CsvButton address={address} />
            </div>
            {shown.length === 0 ? <p class="muted">{t("account.historyNone")}</p> : <HistoryRows entries={shown} />}
            {next === undefined ? null : (
              <button
                type="button"
                onClick={() =>
                  void client.historyPage(address, { before: next, limit }).then((page) => setOlder([...older, page]))
                }
              >
                {t("app.more.load")}
              </button>
            )}
          </>
        );
      }}
    </Await>
  );
}

function HistoryRows({ entries }: { entries: HistoryEntry[] }): JSX.Element {
  return (
    <table class="cards" data-testid="history">
      <thead>
        <tr>
          <th scope="col">{t("account.column.time")}</th>
          <th scope="col">{t("account.column.kind")}</th>
          <th scope="col">{t("account.column.with")}</th>
          <th scope="col" class="number">
            {t("account.column.amount")}
          </th>
          <th scope="col" class="number wide">
            {t("account.column.fee")}
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry, index) => (
          <Row key={`${entry.id}-${index}`} entry={entry} />
        ))}
      </tbody>
    </table>
  );
}
