// One account: what it holds, its lanes, what happened to it.

import type { JSX } from "preact";
import { type AccountState, type ChainParameters, NATIVE_TOKENS, parseAddress } from "ttchain";
import type { PageProps } from "../app.js";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { AccountVotes } from "../parts/accountVotes.js";
import { HistoryTable } from "../parts/historyTable.js";
import { Amount, Await, ContractLink, Facts, Failure, Hash, Heading, TokenName } from "../parts/pieces.js";
import { Worth } from "../parts/worth.js";

const LANES_LOOKED_AT = 8;

export function Balances({
  account,
  parameters,
}: {
  account: AccountState;
  parameters: ChainParameters | undefined;
}): JSX.Element {
  const rows = [
    ...NATIVE_TOKENS.map((token) => ({ token, amount: account.balances[token], frozen: false })),
    ...account.tokens,
  ];
  return (
    <table class="balances">
      <thead>
        <tr>
          <th scope="col">{t("account.token")}</th>
          <th scope="col" class="number">
            {t("account.amount")}
          </th>
          <th scope="col" class="number">
            {t("account.worth")}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ token, amount, frozen }) => (
          <tr key={token} data-token={token}>
            <td>
              <TokenName token={token} /> {frozen ? <span class="pill warn">{t("account.frozen")}</span> : null}
            </td>
            <td class="number">
              <Amount units={amount} token={token} />
            </td>
            <td class="number muted">
              <Worth units={amount} token={token} parameters={parameters} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Lanes({ address }: { address: string }): JSX.Element {
  const lanes = useLoad(
    () => Promise.all(Array.from({ length: LANES_LOOKED_AT }, (_, lane) => client.lane(address, lane))),
    [address],
  );
  return (
    <Await of={lanes}>
      {(list) => {
        const used = list.filter((lane) => lane.sequencePending > 0);
        return used.length === 0 ? (
          <p class="muted">{t("account.lanesNone")}</p>
        ) : (
          <table>
            <thead>
              <tr>
                <th scope="col">{t("account.lane")}</th>
                <th scope="col" class="number">
                  {t("account.sequenceNext")}
                </th>
                <th scope="col" class="number">
                  {t("account.sequencePending")}
                </th>
              </tr>
            </thead>
            <tbody>
              {used.map((lane) => (
                <tr key={lane.lane}>
                  <td>{lane.lane}</td>
                  <td class="number">{lane.sequenceNext}</td>
                  <td class="number">{lane.sequencePending}</td>
                </tr>
              ))}
            </tbody>
          </table>
        );
      }}
    </Await>
  );
}

/** Says so where the address is a contract's. */
function ContractNotice({ address }: { address: string }): JSX.Element | null {
  const contract = useLoad(() => client.contract(address), [address]);
  return contract.value === undefined ? null : (
    <p class="notice">
      {t("contract.isOne")} <ContractLink address={address} />
    </p>
  );
}

function Found({ address }: { address: string }): JSX.Element {
  const account = useLoad(() => client.account(address), [address]);
  const parameters = useLoad(() => client.parameters(), []);
  return (
    <>
      <Hash text={address} what={t("account.title")} />
      <ContractNotice address={address} />
      <Await of={account}>
        {(found) => (
          <>
            {found.exists ? null : <p class="notice">{t("account.missing")}</p>}
            <h2>{t("account.balances")}</h2>
            <Balances account={found} parameters={parameters.value} />
            <Facts
              rows={[
                [t("account.deposit"), <Amount key="deposit" units={found.deposit} token="TTC" />],
                ...(found.publicKey === undefined
                  ? []
                  : [[t("account.key"), <code key="key">{found.publicKey}</code>] as [string, JSX.Element]]),
              ]}
            />
          </>
        )}
      </Await>
      <h2>{t("account.lanes")}</h2>
      <Lanes address={address} />
      <h2>{t("votes.title")}</h2>
      <AccountVotes address={address} />
      <h2>{t("account.history")}</h2>
      <HistoryTable address={address} />
    </>
  );
}

export function AccountPage({ name }: PageProps): JSX.Element {
  let refusal: unknown;
  try {
    parseAddress(name);
  } catch (error) {
    refusal = error;
  }
  return (
    <>
      <Heading>{t("account.title")}</Heading>
      {refusal === undefined ? <Found address={name.trim().toLowerCase()} /> : <Failure error={refusal} />}
    </>
  );
}
