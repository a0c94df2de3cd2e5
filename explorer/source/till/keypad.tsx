// The keypad: an amount, a token, and the button that makes an invoice of them.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { NATIVE_TOKENS, parseAmount } from "ttchain";
import { t } from "../i18n/translate.js";
import { linkState, refreshStatus } from "../node.js";
import { shortText } from "../parts/format.js";
import { Failure } from "../parts/pieces.js";
import { nativeFace } from "../parts/tokenFaces.js";
import { useStore } from "../store.js";
import { tillTerminal } from "../terminal/tillTerminal.js";
import { openInvoice } from "./gatewaySales.js";
import { openSale, type Sale } from "./sales.js";
import type { TillSettings } from "./tillSettings.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "00", "0", "."];
const DIGITS_MAX = 15;

interface KeypadProps {
  settings: TillSettings;
  onSale: (sale: Sale) => void;
}

export function Keypad({ settings, onSale }: KeypadProps): JSX.Element {
  const [text, setText] = useState("");
  const [token, setToken] = useState<string>("TTM");
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const link = useStore(linkState);
  useEffect(() => void tillTerminal().show({ kind: "idle", label: settings.label }), [settings]);
  const created = settings.tokens ?? [];
  const decimals = created.find((entry) => entry.token === token)?.decimals ?? nativeFace(token)?.decimals ?? 0;
  const press = (key: string): void => {
    const isSecondPoint = key === "." && (decimals === 0 || text.includes("."));
    if (!isSecondPoint && text.length < DIGITS_MAX) {
      setText((text + key).replace(/^0+(?=\d)/, "").replace(/^\./, "0."));
    }
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setProblem(undefined);
    setBusy(true);
    try {
      const amount = parseAmount(text.replaceAll(",", ""), decimals);
      if (amount > 0n) {
        const { gatewayKey } = settings;
        const { height } = await refreshStatus();
        onSale(
          gatewayKey === undefined
            ? openSale(settings, token, amount, height)
            : await openInvoice(settings, gatewayKey, token, amount),
        );
        return;
      }
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  return (
    <form class="till" onSubmit={(event) => void submit(event)}>
      <label class="till-amount">
        <span>{t("till.amount")}</span>
        <input
          inputMode="decimal"
          autocomplete="off"
          placeholder="0"
          data-testid="till-amount"
          value={text.replace(/\B(?=(\d{3})+(?!\d))/g, (match, _1, offset: number) =>
            text.slice(0, offset).includes(".") ? match : ",",
          )}
          onInput={(event) => setText(event.currentTarget.value.replace(/[^\d.]/g, "").slice(0, DIGITS_MAX))}
        />
      </label>
      <label>
        {t("till.token")}
        <select value={token} onChange={(event) => setToken(event.currentTarget.value)}>
          {["TTM", ...NATIVE_TOKENS.filter((name) => name !== "TTM")].map((name) => (
            <option key={name} value={name}>
              {name === "TTM" ? t("till.won") : name}
            </option>
          ))}
          {created.map((entry) => (
            <option key={entry.token} value={entry.token}>
              {`${entry.symbol} · ${shortText(entry.token)}`}
            </option>
          ))}
        </select>
      </label>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset can't be laid out as a grid in every browser. */}
      <div class="keypad" role="group" aria-label={t("till.keypad")}>
        {KEYS.map((key) => (
          <button key={key} type="button" disabled={key === "." && decimals === 0} onClick={() => press(key)}>
            {key}
          </button>
        ))}
      </div>
      {link === "lost" ? (
        <p role="status" class="notice warn" data-testid="no-sales">
          {t("offline.noSales")}
        </p>
      ) : null}
      {problem === undefined ? null : <Failure error={problem} />}
      <p class="actions">
        <button type="button" onClick={() => setText("")}>
          {t("till.clear")}
        </button>
        <button type="submit" class="primary" disabled={busy || text === "" || link === "lost"}>
          {t("till.charge")}
        </button>
      </p>
    </form>
  );
}
