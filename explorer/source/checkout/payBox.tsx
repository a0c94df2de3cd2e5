// How an open invoice is paid: the part that is due first, in the token that the buyer chooses, as QR code, link and text.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type CheckoutJson, formatPaymentUri, parsePaymentUri } from "ttchain";
import { QrCode } from "../parts/qrCode.js";
import { type Say, shownAmount, shownToken } from "./checkoutPage.js";

/** Whether a wallet page answers on this server: a gateway of its own has none. */
function useWalletHere(): boolean {
  const [isHere, setHere] = useState(false);
  useEffect(() => {
    fetch("/v1/status").then(
      (answer) => setHere(answer.ok),
      () => undefined,
    );
  }, []);
  return isHere;
}

function CopyButton({ text, say }: { text: string; say: Say }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => undefined,
    );
  };
  return (
    <button type="button" onClick={copy}>
      {say(copied ? "copied" : "copy")}
    </button>
  );
}

export function PayBox({ invoice, say }: { invoice: CheckoutJson; say: Say }): JSX.Element | null {
  const [choice, setChoice] = useState(0);
  const [asEmv, setAsEmv] = useState(false);
  const walletIsHere = useWalletHere();
  const { parts, due, height, emv, state } = invoice;
  const index = parts.findIndex((part, at) => part.heightExpiry > height && due[at].some((units) => units !== "0"));
  if (index < 0) {
    return null;
  }
  const { options, heightExpiry } = parts[index];
  const { token } = options[choice];
  const amount = due[index][choice];
  const request = parsePaymentUri(parts[index].uri);
  const uri = formatPaymentUri({ ...request, token, amount: BigInt(amount) });
  // The EMV code asks for the first token.
  const showsEmv = asEmv && emv !== undefined && choice === 0;
  return (
    <section>
      {parts.length > 1 ? <p>{say("part", { part: index + 1, parts: parts.length })}</p> : null}
      {state === "paid_in_part" && parts.length === 1 ? (
        <p class="notice warn">{say("inPart", { amount: shownAmount(token, amount), token: shownToken(token) })}</p>
      ) : null}
      <fieldset>
        <legend>{say("choose")}</legend>
        {options.map((option, at) => (
          <label key={option.token}>
            <input type="radio" name="token" checked={at === choice} onChange={() => setChoice(at)} />{" "}
            {shownAmount(option.token, due[index][at])} {shownToken(option.token)}
          </label>
        ))}
      </fieldset>
      <div class="qr-box" data-request={showsEmv ? emv : uri}>
        <QrCode text={showsEmv ? emv : uri} label={say("scan")} />
      </div>
      <p class="muted">{say("scan")}</p>
      <div class="actions">
        <a class="button" href={uri}>
          {say("openWallet")}
        </a>
        {walletIsHere ? (
          <a class="button primary" href={`/wallet/send?pay=${encodeURIComponent(uri)}`}>
            {say("openHere")}
          </a>
        ) : null}
        <CopyButton text={uri} say={say} />
        {emv === undefined || choice !== 0 ? null : (
          <button type="button" class="quiet" onClick={() => setAsEmv(!asEmv)}>
            {say(asEmv ? "uri" : "emv")}
          </button>
        )}
      </div>
      <p class="muted">{say("blocks", { blocks: heightExpiry - height })}</p>
    </section>
  );
}
