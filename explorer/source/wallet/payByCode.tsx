// Paying by a code that the till scans: the wallet shows it, is told what the till asks for, refuses what is above the limit that its
// owner set, and pays when the owner says so. A code serves one payment and ends by itself.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Account, CodedError, NATIVE_TOKENS, type PayCode, parseAmount } from "ttchain";
import { t } from "../i18n/translate.js";
import { Barcode } from "../parts/barcode.js";
import { numberText } from "../parts/format.js";
import { Amount, Failure } from "../parts/pieces.js";
import { QrCode } from "../parts/qrCode.js";
import { nativeFace } from "../parts/tokenFaces.js";
import { quotePayment } from "./pay.js";
import { PaySteps, type ReadyPayment } from "./paySteps.js";
import { paymentOf } from "./sendForm.js";
import { CODE_LIFE_MS, presentFreshCode, watchCode } from "./showCode.js";
import type { WalletTabProps } from "./walletPage.js";

const TICK_MS = 500;

interface Limit {
  token: string;
  amount: bigint;
}

type Step =
  | { name: "form"; problem?: unknown }
  | { name: "shown"; code: PayCode; limit: Limit }
  | { name: "asked"; ready: ReadyPayment }
  | { name: "ended"; reason: JSX.Element | string };

function LimitForm({ problem, onLimit }: { problem: unknown; onLimit: (limit: Limit) => Promise<void> }): JSX.Element {
  const [text, setText] = useState("");
  const [token, setToken] = useState<string>("TTM");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<unknown>();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setWrong(undefined);
    setBusy(true);
    try {
      const amount = parseAmount(text.replaceAll(",", ""), nativeFace(token)?.decimals ?? 0);
      await onLimit({ token, amount });
    } catch (error) {
      setWrong(error);
    }
    setBusy(false);
  };
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <p class="muted">{t("payCode.explain")}</p>
      <div class="row">
        <label>
          {t("payCode.limit")}
          <input
            name="limit"
            required
            inputMode="decimal"
            autocomplete="off"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <label>
          {t("send.token")}
          <select value={token} onChange={(event) => setToken(event.currentTarget.value)}>
            {NATIVE_TOKENS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      {(wrong ?? problem) === undefined ? null : <Failure error={wrong ?? problem} />}
      <button type="submit" class="primary" disabled={busy}>
        {busy ? t("wallet.working") : t("payCode.show")}
      </button>
    </form>
  );
}

/** Seconds that are left; calls back once when there are none. */
function useCountdown(onEnd: () => void): number {
  const [endMs] = useState(() => Date.now() + CODE_LIFE_MS);
  const [leftMs, setLeftMs] = useState(CODE_LIFE_MS);
  useEffect(() => {
    const timer = setInterval(() => {
      const left = endMs - Date.now();
      setLeftMs(left);
      if (left <= 0) {
        clearInterval(timer);
        onEnd();
      }
    }, TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil(leftMs / 1_000));
}

interface ShownCodeProps {
  code: PayCode;
  limit: Limit;
  onRequest: (uri: string) => void;
  onEnd: () => void;
  onCancel: () => void;
}

function ShownCode({ code, limit, onRequest, onEnd, onCancel }: ShownCodeProps): JSX.Element {
  const seconds = useCountdown(onEnd);
  useEffect(() => watchCode(code, onRequest), [code]);
  return (
    <div data-testid="pay-code">
      <div class="qr-box">
        <QrCode text={code.digits} label={t("payCode.qrLabel")} />
      </div>
      <div class="qr-box">
        <Barcode digits={code.digits} label={t("payCode.barcodeLabel")} />
      </div>
      <p class="code-digits" data-testid="pay-code-digits">
        {code.digits.replace(/(\d{6})(?=\d)/g, "$1 ")}
      </p>
      <p role="status" class="waiting">
        {t("payCode.waiting")}
      </p>
      <p class="muted center" role="timer">
        {t("payCode.left", { seconds: numberText(seconds) })} {t("payCode.atMost")}{" "}
        <Amount units={limit.amount} token={limit.token} />
      </p>
      <p class="actions">
        <button type="button" onClick={onCancel}>
          {t("app.cancel")}
        </button>
      </p>
    </div>
  );
}

/** What a till asks for, if it is within the limit; else why it is not paid. */
async function answerRequest(account: Account, uri: string, limit: Limit): Promise<Step> {
  const { payment, label } = await paymentOf({ to: uri, amount: "", token: "", memo: "" });
  if (payment.token !== limit.token || payment.amount > limit.amount) {
    const reason = (
      <>
        {t("payCode.tooMuch")} <Amount units={payment.amount} token={payment.token} />
      </>
    );
    return { name: "ended", reason };
  }
  return { name: "asked", ready: { payment, label, quote: await quotePayment(account, payment) } };
}

export function PayByCode({ account }: WalletTabProps): JSX.Element {
  const [step, setStep] = useState<Step>({ name: "form" });
  const restart = (): void => setStep({ name: "form" });
  if (step.name === "form") {
    const show = async (limit: Limit): Promise<void> => {
      try {
        setStep({ name: "shown", limit, code: await presentFreshCode(account) });
      } catch (error) {
        const isMissing = error instanceof CodedError && error.code === "NOT_FOUND";
        throw isMissing ? new Error(t("payCode.noGateway")) : error;
      }
    };
    return <LimitForm problem={step.problem} onLimit={show} />;
  }
  if (step.name === "shown") {
    const { code, limit } = step;
    const take = (uri: string): void => {
      answerRequest(account, uri, limit).then(setStep, (problem: unknown) => setStep({ name: "form", problem }));
    };
    return (
      <ShownCode
        code={code}
        limit={limit}
        onRequest={take}
        onEnd={() => setStep({ name: "ended", reason: t("payCode.over") })}
        onCancel={restart}
      />
    );
  }
  if (step.name === "asked") {
    const { payment, label } = step.ready;
    return (
      <PaySteps account={account} ready={step.ready} againText={t("payCode.another")} onLeave={restart}>
        <p class="big-amount">
          <Amount units={payment.amount} token={payment.token} />{" "}
          {label === undefined ? null : <bdi class="muted">{label}</bdi>}
        </p>
      </PaySteps>
    );
  }
  return (
    <>
      <p class="notice warn" role="status" data-testid="pay-code-over">
        {step.reason}
      </p>
      <p>
        <button type="button" class="primary" onClick={restart}>
          {t("payCode.another")}
        </button>
      </p>
    </>
  );
}
