// The button that makes the browser verify a transaction's proof and certificate.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n/translate.js";
import type { VerifiedTransaction } from "../verify.js";
import { numberText } from "./format.js";
import { Failure } from "./pieces.js";
import { ProofSteps } from "./proofSteps.js";

type Check =
  | { state: "idle" | "running" }
  | { state: "ok"; result: VerifiedTransaction }
  | { state: "bad"; error: unknown };

export function VerifyTransaction({ id, code }: { id: string; code: string }): JSX.Element {
  const [check, setCheck] = useState<Check>({ state: "idle" });
  const run = async (): Promise<void> => {
    setCheck({ state: "running" });
    try {
      // The curve's code is large and needed here only.
      const { verifyTransaction } = await import("../verify.js");
      setCheck({ state: "ok", result: await verifyTransaction(id) });
    } catch (error) {
      setCheck({ state: "bad", error });
    }
  };
  return (
    <section aria-labelledby="proof">
      <h2 id="proof">{t("verify.title")}</h2>
      <p class="muted">{t("verify.explain")}</p>
      <p>
        <button type="button" disabled={check.state === "running"} onClick={() => void run()}>
          {check.state === "running" ? t("verify.running") : t("verify.button")}
        </button>
      </p>
      {check.state === "bad" ? (
        <>
          <p class="notice bad">{t("verify.bad")}</p>
          <Failure error={check.error} />
        </>
      ) : null}
      {check.state === "ok" ? (
        <ProofSteps verified={check.result}>
          <li>{t("verify.step.transaction", { index: numberText(check.result.index) })}</li>
          <li>{t("verify.step.receipt", { code: check.result.code === 0 ? "OK" : code })}</li>
        </ProofSteps>
      ) : null}
    </section>
  );
}
