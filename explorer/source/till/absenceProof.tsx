// An invoice that nobody paid: the chain proves it, and this browser checks the proof. The reference being expired, nobody can pay
// it any more either.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../i18n/translate.js";
import { useLoad } from "../node.js";
import { numberText } from "../parts/format.js";
import { Failure } from "../parts/pieces.js";
import { ProofSteps } from "../parts/proofSteps.js";
import { type Sale, saveSale } from "./sales.js";
import { expectedPayment } from "./watchSale.js";

async function check(sale: Sale) {
  const { verifyPaidAt } = await import("../verify.js");
  const verified = await verifyPaidAt(expectedPayment(sale), sale.expiry);
  if (verified.paid) {
    throw new Error("the chain's state holds this payment");
  }
  return verified;
}

export function AbsenceProof({ sale }: { sale: Sale }): JSX.Element {
  const proof = useLoad(() => check(sale), [sale.reference]);
  useEffect(() => {
    if (proof.state === "ready" && sale.absent !== true) {
      saveSale({ ...sale, absent: true });
    }
  }, [proof.state, sale]);
  return (
    <>
      <p class="notice warn big">
        <strong>{t("till.expired")}</strong>
      </p>
      {proof.state === "loading" ? <p role="status">{t("till.absence")}</p> : null}
      {proof.state === "failed" ? (
        <>
          <p>{t("till.absenceBad")}</p>
          <Failure error={proof.error} onRetry={proof.reload} />
        </>
      ) : null}
      {proof.value === undefined ? null : (
        <div data-testid="absence">
          <p>
            <strong>{t("till.absenceOk")}</strong>
          </p>
          <ProofSteps verified={proof.value}>
            <li>{t("verify.step.absence", { height: numberText(sale.expiry) })}</li>
          </ProofSteps>
        </div>
      )}
    </>
  );
}
