// Asks for the passphrase and opens the wallet.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n/translate.js";
import { unlock } from "./vault.js";

export function UnlockForm(): JSX.Element {
  const [passphrase, setPassphrase] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      await unlock(passphrase);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <label>
        {t("wallet.passphrase")}
        <input
          type="password"
          autocomplete="current-password"
          required
          value={passphrase}
          onInput={(event) => setPassphrase(event.currentTarget.value)}
        />
      </label>
      {problem === "" ? null : (
        <p role="alert" class="notice bad">
          {problem}
        </p>
      )}
      <button type="submit" class="primary" disabled={busy}>
        {busy ? t("wallet.working") : t("wallet.unlock")}
      </button>
    </form>
  );
}
