// Calls a function of a contract: filled in, then summed up with the most that it may cost, then signed by this device's wallet.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Account, type Action, callContract, NATIVE_TOKENS, type Outcome, parseAmount } from "ttchain";
import { t } from "../i18n/translate.js";
import { codeText } from "../parts/errorText.js";
import { Amount, Facts, Failure, TransactionLink } from "../parts/pieces.js";
import { loadFace } from "../parts/tokenFaces.js";
import { useStore } from "../store.js";
import { quoteActions, signAndSend } from "../wallet/pay.js";
import { UnlockForm } from "../wallet/unlockForm.js";
import { openAccount, storedKeyFile } from "../wallet/vault.js";
import { ArgumentFields } from "./argumentFields.js";
import { parseArgument } from "./contractValues.js";
import type { ContractFunction } from "./viewForm.js";

const GAS_LIMIT_DEFAULT = 200_000;
const DEPOSIT_LIMIT_TTC_DEFAULT = "0.5";

interface Ready {
  action: Action;
  payment: { token: string; amount: bigint } | undefined;
  depositLimit: bigint;
  fee: bigint;
  feeToken: string;
}

type Step =
  | { name: "form"; error?: unknown }
  | { name: "unlock" }
  | { name: "summary"; ready: Ready }
  | { name: "sending" }
  | { name: "done"; id: string; outcome: Outcome };

interface Fields {
  values: string[];
  amount: string;
  token: string;
  gas: string;
  deposit: string;
}

async function prepare(account: Account, contract: string, call: ContractFunction, fields: Fields): Promise<Ready> {
  const args = call.parameters.map((parameter, index) => parseArgument(parameter, fields.values[index]));
  const { decimals } = await loadFace(fields.token);
  const amount = call.kind === "payable" && fields.amount.trim() !== "" ? parseAmount(fields.amount, decimals) : 0n;
  const payment = amount > 0n ? { token: fields.token, amount } : undefined;
  const depositLimit = parseAmount(fields.deposit, (await loadFace("TTC")).decimals);
  const action = callContract(account, {
    contract,
    functionName: call.name,
    args,
    gasLimit: Number(fields.gas),
    depositLimit,
    ...(payment === undefined ? {} : { payment }),
  });
  const { fee, feeToken } = await quoteActions(account, { actions: [action] });
  return { action, payment, depositLimit, fee, feeToken };
}

function Summary({ ready, name, onSign, onCancel }: { ready: Ready; name: string; onSign(): void; onCancel(): void }) {
  const { payment, depositLimit, fee, feeToken } = ready;
  return (
    <section class="summary">
      <h4>{t("send.summary")}</h4>
      <Facts
        rows={[
          [t("contract.function"), <code key="name">{name}</code>],
          ...(payment === undefined
            ? []
            : ([[t("contract.payment"), <Amount key="paid" units={payment.amount} token={payment.token} />]] as [
                string,
                JSX.Element,
              ][])),
          [t("contract.feeMost"), <Amount key="fee" units={fee} token={feeToken} />],
          [t("contract.depositMost"), <Amount key="deposit" units={depositLimit} token="TTC" />],
        ]}
      />
      <p class="actions">
        <button type="button" class="primary" onClick={onSign}>
          {t("contract.sign")}
        </button>
        <button type="button" onClick={onCancel}>
          {t("app.cancel")}
        </button>
      </p>
    </section>
  );
}

function Done({ id, outcome }: { id: string; outcome: Outcome }): JSX.Element {
  const ok = outcome.state === "committed";
  return (
    <p role="status" class={ok ? "notice ok" : "notice bad"} data-testid="called">
      {ok ? t("contract.called") : `${codeText(outcome.code) ?? outcome.message ?? ""} (${outcome.code})`}{" "}
      <TransactionLink id={id} />
    </p>
  );
}

function Limits({ fields, onChange }: { fields: Fields; onChange: (change: Partial<Fields>) => void }): JSX.Element {
  return (
    <details>
      <summary>{t("contract.limits")}</summary>
      <label>
        {t("contract.gasLimit")}
        <input
          type="number"
          min="1"
          required
          value={fields.gas}
          onInput={(event) => onChange({ gas: event.currentTarget.value })}
        />
      </label>
      <label>
        {t("contract.depositMost")} (TTC)
        <input
          inputMode="decimal"
          required
          value={fields.deposit}
          onInput={(event) => onChange({ deposit: event.currentTarget.value })}
        />
      </label>
    </details>
  );
}

function PaymentFields({ fields, onChange }: { fields: Fields; onChange: (change: Partial<Fields>) => void }) {
  return (
    <div class="row">
      <label>
        {t("contract.payment")}
        <input
          inputMode="decimal"
          autocomplete="off"
          value={fields.amount}
          onInput={(event) => onChange({ amount: event.currentTarget.value })}
        />
      </label>
      <label>
        {t("send.token")}
        <select value={fields.token} onChange={(event) => onChange({ token: event.currentTarget.value })}>
          {NATIVE_TOKENS.map((token) => (
            <option key={token}>{token}</option>
          ))}
        </select>
      </label>
    </div>
  );
}

export function CallForm({ contract, call }: { contract: string; call: ContractFunction }): JSX.Element {
  const account = useStore(openAccount);
  const file = useStore(storedKeyFile);
  const [step, setStep] = useState<Step>({ name: "form" });
  const [fields, setFields] = useState<Fields>({
    values: call.parameters.map(() => ""),
    amount: "",
    token: "TTC",
    gas: String(GAS_LIMIT_DEFAULT),
    deposit: DEPOSIT_LIMIT_TTC_DEFAULT,
  });
  const change = (part: Partial<Fields>): void => setFields({ ...fields, ...part });
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (account === undefined) {
      setStep({ name: "unlock" });
      return;
    }
    try {
      setStep({ name: "summary", ready: await prepare(account, contract, call, fields) });
    } catch (error) {
      setStep({ name: "form", error });
    }
  };
  const sign = async ({ action, payment }: Ready): Promise<void> => {
    if (account === undefined) {
      setStep({ name: "unlock" });
      return;
    }
    setStep({ name: "sending" });
    try {
      const shown = { to: contract, token: payment?.token ?? "TTC", amount: payment?.amount ?? 0n };
      setStep({ name: "done", ...(await signAndSend(account, { actions: [action] }, shown)) });
    } catch (error) {
      setStep({ name: "form", error });
    }
  };
  return (
    <div class="contract-call" data-testid={`call-${call.name}`}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <h3>
          <code>{call.name}</code>
        </h3>
        <ArgumentFields parameters={call.parameters} values={fields.values} onChange={(values) => change({ values })} />
        {call.kind === "payable" ? <PaymentFields fields={fields} onChange={change} /> : null}
        <Limits fields={fields} onChange={change} />
        {step.name === "form" && step.error !== undefined ? <Failure error={step.error} /> : null}
        <button type="submit" disabled={file === undefined || step.name === "sending"}>
          {t("contract.call")}
        </button>
        {file === undefined ? <small class="muted">{t("contract.noWallet")}</small> : null}
      </form>
      {step.name === "unlock" && account === undefined ? <UnlockForm /> : null}
      {step.name === "summary" ? (
        <Summary
          ready={step.ready}
          name={call.name}
          onSign={() => void sign(step.ready)}
          onCancel={() => setStep({ name: "form" })}
        />
      ) : null}
      {step.name === "sending" ? <p role="status">{t("wallet.working")}</p> : null}
      {step.name === "done" ? <Done id={step.id} outcome={step.outcome} /> : null}
    </div>
  );
}
