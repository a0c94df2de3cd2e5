// Receiving: the address, or a request for an amount, as QR code and text.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatPaymentUri, NATIVE_TOKENS, type PaymentRequest, parseAmount } from "ttchain";
import { t } from "../i18n/translate.js";
import { nodeStatus } from "../node.js";
import { errorText } from "../parts/errorText.js";
import { CopyButton } from "../parts/pieces.js";
import { QrCode } from "../parts/qrCode.js";
import { nativeFace } from "../parts/tokenFaces.js";
import { useStore } from "../store.js";
import type { WalletTabProps } from "./walletPage.js";

/** Hex digits of the genesis hash that name the chain in a request. */
export const CHAIN_DIGITS = 8;

export function Receive({ account }: WalletTabProps): JSX.Element {
  const [text, setText] = useState("");
  const [token, setToken] = useState("TTM");
  const status = useStore(nodeStatus);
  const request: PaymentRequest = { payee: account.addressText };
  let problem = "";
  if (status !== undefined) {
    request.chain = status.chain.genesisHash.slice(0, CHAIN_DIGITS);
  }
  if (text.trim() !== "") {
    try {
      const amount = parseAmount(text, nativeFace(token)?.decimals ?? 0);
      Object.assign(request, amount > 0n ? { token, amount } : { token });
    } catch (error) {
      problem = errorText(error);
    }
  }
  const uri = formatPaymentUri(request);
  return (
    <>
      <div class="form row">
        <label>
          {t("receive.amount")}
          <input
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
      {problem === "" ? null : (
        <p role="alert" class="notice bad">
          {problem}
        </p>
      )}
      <div class="qr-box">
        <QrCode text={uri} label={t("receive.qrLabel")} />
      </div>
      <p class="break">
        <code data-testid="address">{account.addressText}</code>{" "}
        <CopyButton text={account.addressText} what={t("wallet.address")} />
      </p>
      <p class="break muted">
        <code>{uri}</code> <CopyButton text={uri} what={t("till.uri")} />
      </p>
    </>
  );
}
