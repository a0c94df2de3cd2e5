// The till's half of a code that the customer shows: scanned or typed, it asks the wallet behind it to pay the open sale.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { isPayCode } from "ttchain";
import { t } from "../i18n/translate.js";
import { Failure } from "../parts/pieces.js";
import { useStore } from "../store.js";
import { terminalChanges, tillTerminal } from "../terminal/tillTerminal.js";
import { Scanner } from "../wallet/scanner.js";
import { claimCode } from "./gatewaySales.js";

interface CustomerCodeProps {
  gatewayKey: string;
  /** The gateway's id of the open sale. */
  invoice: string;
}

export function CustomerCode({ gatewayKey, invoice }: CustomerCodeProps): JSX.Element {
  useStore(terminalChanges);
  const terminal = tillTerminal();
  const [text, setText] = useState("");
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const claim = async (code: string): Promise<void> => {
    const digits = code.replace(/\s/g, "");
    setText(digits);
    setAsked(false);
    setProblem(undefined);
    try {
      if (!isPayCode(digits)) {
        throw new Error(t("till.codeWrong"));
      }
      await claimCode(gatewayKey, digits, invoice);
      setAsked(true);
    } catch (error) {
      setProblem(error);
    }
  };
  useEffect(() => {
    const ended = new AbortController();
    const listen = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        const code = await terminal.scan(ended.signal);
        if (isPayCode(code)) {
          await claim(code);
        }
      }
    };
    listen().catch(() => undefined);
    return () => ended.abort();
  }, [terminal, gatewayKey, invoice]);
  return (
    <div class="no-print" data-testid="customer-code">
      <details>
        <summary>{t("till.code")}</summary>
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            void claim(text);
          }}
        >
          <Scanner onText={(code) => void claim(code)} />
          <label>
            {t("till.codeDigits")}
            <input
              name="digits"
              required
              inputMode="numeric"
              autocomplete="off"
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </label>
          <button type="submit">{t("till.codeAsk")}</button>
        </form>
      </details>
      {asked ? (
        <p role="status" class="notice ok" data-testid="code-asked">
          {t("till.codeAsked")}
        </p>
      ) : null}
      {problem === undefined ? null : <Failure error={problem} />}
    </div>
  );
}
