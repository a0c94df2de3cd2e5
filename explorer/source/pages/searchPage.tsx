// What the search field could not lead anywhere: nothing by that name, or a payment's reference, which needs three more facts.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { expiryHeightOf, fromHex, parseAddress, parseAmount, type ReferenceState } from "ttchain";
import type { PageProps } from "../app.js";
import { t } from "../i18n/translate.js";
import { client } from "../node.js";
import { numberText } from "../parts/format.js";
import { Failure, Heading, TransactionLink } from "../parts/pieces.js";
import { loadFace } from "../parts/tokenFaces.js";

type Answer = { state: ReferenceState } | { error: unknown };

function ReferenceAnswer({ answer }: { answer: Answer }): JSX.Element {
  if ("error" in answer) {
    return <Failure error={answer.error} />;
  }
  const { state, heightPaid, transactionId } = answer.state;
  return (
    <p role="status" class={state === "paid" ? "notice ok" : "notice"}>
      {t(`search.${state}`, { height: numberText(heightPaid ?? 0) })}{" "}
      {transactionId === undefined ? null : <TransactionLink id={transactionId} />}
    </p>
  );
}

function ReferenceForm({ reference }: { reference: Uint8Array }): JSX.Element {
  const [answer, setAnswer] = useState<Answer>();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const field = (name: string): string => String(form.get(name) ?? "").trim();
    try {
      const face = await loadFace(field("token"));
      const amount = parseAmount(field("amount"), face.decimals);
      const payment = { payee: parseAddress(field("payee")), token: field("token"), amount, reference };
      setAnswer({ state: await client.reference(payment) });
    } catch (error) {
      setAnswer({ error });
    }
  };
  const height = expiryHeightOf(reference);
  return (
    <>
      <p>{t("search.reference")}</p>
      <p class="muted">{t("search.expiry", { height: numberText(Number(height)) })}</p>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <label>
          {t("tx.payee")}
          <input name="payee" required autocomplete="off" spellcheck={false} />
        </label>
        <label>
          {t("account.token")}
          <input name="token" required value="TTM" autocomplete="off" />
        </label>
        <label>
          {t("account.amount")}
          <input name="amount" required inputMode="decimal" autocomplete="off" />
        </label>
        <button type="submit">{t("search.go")}</button>
      </form>
      {answer === undefined ? null : <ReferenceAnswer answer={answer} />}
    </>
  );
}

export function SearchPage({ query }: PageProps): JSX.Element {
  const text = query.get("q") ?? "";
  const bytes = fromHex(text);
  return (
    <>
      <Heading>{t("search.go")}</Heading>
      <p>
        <bdi class="break">{text}</bdi>
      </p>
      <p class="notice">{t("search.nothing")}</p>
      <p class="muted">{t("search.hint")}</p>
      {bytes?.length === 32 ? <ReferenceForm reference={bytes} /> : null}
    </>
  );
}
