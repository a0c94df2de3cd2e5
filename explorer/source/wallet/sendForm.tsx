// The form of a payment. "To" takes an address, a contact's name or a whole payment request, typed, pasted or scanned.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import {
  type Account,
  CodedError,
  expiryHeightOf,
  isEmvCode,
  isNameText,
  isPaymentUri,
  NATIVE_TOKENS,
  type PaymentRequest,
  parseAmount,
  parseEmvCode,
  parsePaymentUri,
} from "ttchain";
import { t } from "../i18n/translate.js";
import { latestHeight } from "../live.js";
import { client, nodeStatus } from "../node.js";
import { numberText } from "../parts/format.js";
import { Failure } from "../parts/pieces.js";
import { loadFace } from "../parts/tokenFaces.js";
import { useStore } from "../store.js";
import { contacts } from "./contacts.js";
import { useAccount } from "./home.js";
import { type Payment, type Quote, quotePayment } from "./pay.js";
import { payeeOf } from "./payeeOf.js";
import { CHAIN_DIGITS } from "./receive.js";
import { RequestNotice } from "./requestNotice.js";
import { Scanner } from "./scanner.js";

interface SendFormProps {
  account: Account;
  /** An address or a payment request. */
  initial: string;
  onReady: (payment: Payment, quote: Quote, label: string | undefined) => void;
}

interface Fields {
  to: string;
  amount: string;
  token: string;
  memo: string;
}

const MEMO_CHARACTERS_MAX = 80;

/** A payment request: as a link, or as an EMVCo code that some shops show. */
function isRequest(text: string): boolean {
  return isPaymentUri(text) || isEmvCode(text);
}

function parseRequest(text: string): PaymentRequest {
  return isPaymentUri(text) ? parsePaymentUri(text) : parseEmvCode(text).request;
}

/** What "to" names: a request, or a bare address, by the name of a contact or of the chain perhaps. Throws coded errors. */
async function requestOf(text: string): Promise<PaymentRequest> {
  if (isRequest(text)) {
    return parseRequest(text);
  }
  const payee = await payeeOf(text);
  return isNameText(text.trim()) ? { payee, label: text.trim() } : { payee };
}

function expectPayable(request: PaymentRequest): void {
  const chain = nodeStatus.get()?.chain.genesisHash.slice(0, CHAIN_DIGITS);
  if (request.chain !== undefined && chain !== undefined && request.chain !== chain) {
    throw new CodedError("WRONG_CHAIN", t("send.otherChain"));
  }
  if (request.reference !== undefined && expiryHeightOf(request.reference) <= BigInt(latestHeight())) {
    const height = numberText(Number(expiryHeightOf(request.reference)));
    throw new Error(t("send.invoiceOver", { height }));
  }
}

/** The payment that the fields name. Throws coded errors, and for a request that has expired. */
export async function paymentOf(fields: Fields): Promise<{ payment: Payment; label: string | undefined }> {
  const request = await requestOf(fields.to);
  await client.status().then((status) => nodeStatus.set(status));
  expectPayable(request);
  const token = request.token ?? fields.token;
  const amount = request.amount ?? parseAmount(fields.amount, (await loadFace(token)).decimals);
  const reference = request.reference === undefined ? {} : { reference: request.reference };
  return { payment: { to: request.payee, token, amount, memo: fields.memo, ...reference }, label: request.label };
}

/** The request in the text, if it is a whole and right one. */
function requestIn(text: string): PaymentRequest | undefined {
  try {
    return isRequest(text) ? parseRequest(text) : undefined;
  } catch {
    return undefined;
  }
}

export function SendForm({ account, initial, onReady }: SendFormProps): JSX.Element {
  const [fields, setFields] = useState<Fields>({ to: initial, amount: "", token: "TTM", memo: "" });
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const people = useStore(contacts);
  const state = useAccount(account.addressText);
  const request = requestIn(fields.to);
  const change = (change: Partial<Fields>): void => setFields({ ...fields, ...change });
  const tokens = [...NATIVE_TOKENS, ...(state.value?.tokens.map(({ token }) => token) ?? [])];
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setProblem(undefined);
    setBusy(true);
    try {
      const { payment, label } = await paymentOf(fields);
      onReady(payment, await quotePayment(account, payment), label);
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <Scanner onText={(text) => change({ to: text })} />
      <label>
        {t("send.to")}
        <input
          name="to"
          list="people"
          required
          autocomplete="off"
          spellcheck={false}
          aria-describedby="to-hint"
          value={fields.to}
          onInput={(event) => change({ to: event.currentTarget.value })}
        />
      </label>
      <datalist id="people">
        {people.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <small id="to-hint" class="muted">
        {t("send.toHint")}
      </small>
      {request === undefined ? null : <RequestNotice request={request} />}
      {request?.amount === undefined ? (
        <div class="row">
          <label>
            {t("send.amount")}
            <input
              name="amount"
              required
              inputMode="decimal"
              autocomplete="off"
              value={fields.amount}
              onInput={(event) => change({ amount: event.currentTarget.value })}
            />
          </label>
          <label>
            {t("send.token")}
            <select
              value={request?.token ?? fields.token}
              disabled={request?.token !== undefined}
              onChange={(event) => change({ token: event.currentTarget.value })}
            >
              {tokens.map((token) => (
                <option key={token} value={token}>
                  {token.slice(0, 10)}
                </option>
              ))}
            </select>
          </label>
        </div>
      ) : null}
      <label>
        {t("send.memo")}
        <input
          name="memo"
          maxLength={MEMO_CHARACTERS_MAX}
          autocomplete="off"
          value={fields.memo}
          onInput={(event) => change({ memo: event.currentTarget.value })}
        />
      </label>
      {problem === undefined ? null : <Failure error={problem} />}
      <button type="submit" class="primary" disabled={busy}>
        {busy ? t("wallet.working") : t("send.review")}
      </button>
    </form>
  );
}
