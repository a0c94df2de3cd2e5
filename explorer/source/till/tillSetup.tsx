// Setting up a till.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { parseAddress } from "ttchain";
import { t } from "../i18n/translate.js";
import { client, useLoad } from "../node.js";
import { errorText } from "../parts/errorText.js";
import { durationText } from "../parts/format.js";
import { Heading } from "../parts/pieces.js";
import { loadFace } from "../parts/tokenFaces.js";
import { useStore } from "../store.js";
import { TerminalSetup } from "../terminal/terminalSetup.js";
import { storedKeyFile } from "../wallet/vault.js";
import { expectKeyFits } from "./gatewaySales.js";
import {
  saveTillSettings,
  type TillSettings,
  type TillToken,
  VALID_BLOCKS_DEFAULT,
  VALID_BLOCKS_MIN,
} from "./tillSettings.js";

const LABEL_CHARACTERS_MAX = 40;
const LANE_MAX = 0xffffffff;

interface TillSetupProps {
  settings: TillSettings | undefined;
  onDone: () => void;
}

/** The created tokens that a text names by their ids. Throws where the node knows no such token. */
async function loadTokens(text: string): Promise<TillToken[]> {
  const ids = [...new Set(text.split(/[\s,]+/).filter((id) => id !== ""))];
  return Promise.all(
    ids.map(async (token) => {
      const { symbol, decimals } = await loadFace(token);
      return { token, symbol, decimals };
    }),
  );
}

export function TillSetup({ settings, onDone }: TillSetupProps): JSX.Element {
  const wallet = useStore(storedKeyFile);
  const parameters = useLoad(() => client.parameters(), []).value;
  const [payee, setPayee] = useState(settings?.payee ?? wallet?.address ?? "");
  const [problem, setProblem] = useState("");
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    try {
      parseAddress(payee);
      const tokens = await loadTokens(String(form.get("tokens")));
      const gatewayKey = String(form.get("gateway")).trim();
      const address = payee.trim().toLowerCase();
      if (gatewayKey !== "") {
        await expectKeyFits(gatewayKey, address);
      }
      saveTillSettings({
        payee: address,
        label: String(form.get("label")).trim(),
        number: Number(form.get("number")),
        validBlocks: Number(form.get("valid")),
        tokens,
        ...(gatewayKey === "" ? {} : { gatewayKey }),
      });
      onDone();
    } catch (error) {
      setProblem(errorText(error));
    }
  };
  return (
    <>
      <Heading>{t("till.setup")}</Heading>
      <p class="muted">{t("till.setupText")}</p>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <label>
          {t("till.payee")}
          <input
            name="payee"
            required
            autocomplete="off"
            spellcheck={false}
            value={payee}
            onInput={(event) => setPayee(event.currentTarget.value)}
          />
        </label>
        {wallet !== undefined && wallet.address !== payee ? (
          <button type="button" onClick={() => setPayee(wallet.address)}>
            {t("till.useWallet")}
          </button>
        ) : null}
        <label>
          {t("till.label")}
          <input
            name="label"
            maxLength={LABEL_CHARACTERS_MAX}
            defaultValue={settings?.label ?? ""}
            autocomplete="off"
          />
        </label>
        <label>
          {t("till.number")}
          <input
            name="number"
            type="number"
            min="0"
            max={LANE_MAX}
            defaultValue={String(settings?.number ?? 1)}
            required
          />
        </label>
        <label>
          {t("till.valid")}
          <input
            name="valid"
            type="number"
            min={VALID_BLOCKS_MIN}
            max={parameters?.referenceHeightsMax ?? VALID_BLOCKS_DEFAULT}
            defaultValue={String(settings?.validBlocks ?? VALID_BLOCKS_DEFAULT)}
            aria-describedby="valid-hint"
            required
          />
        </label>
        {parameters === undefined ? null : (
          <small class="muted" id="valid-hint">
            {t("till.validHint", {
              busy: durationText(parameters.blockIntervalMs),
              idle: durationText(parameters.heartbeatIntervalMs),
            })}
          </small>
        )}
        <label>
          {t("till.tokens")}
          <textarea
            name="tokens"
            rows={2}
            spellcheck={false}
            autocomplete="off"
            defaultValue={(settings?.tokens ?? []).map(({ token }) => token).join("\n")}
          />
        </label>
        <label>
          {t("till.gatewayKey")}
          <input
            name="gateway"
            autocomplete="off"
            spellcheck={false}
            aria-describedby="gateway-hint"
            defaultValue={settings?.gatewayKey ?? ""}
          />
        </label>
        <small class="muted" id="gateway-hint">
          {t("till.gatewayHint")}
        </small>
        {problem === "" ? null : (
          <p role="alert" class="notice bad">
            {problem}
          </p>
        )}
        <p class="actions">
          <button type="submit" class="primary">
            {t("app.save")}
          </button>
          {settings === undefined ? null : (
            <button type="button" onClick={onDone}>
              {t("app.cancel")}
            </button>
          )}
        </p>
      </form>
      <TerminalSetup />
    </>
  );
}
