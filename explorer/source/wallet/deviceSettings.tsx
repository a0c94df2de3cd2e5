// What concerns this device: a copy of the encrypted key, and removing it.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n/translate.js";
import { useStore } from "../store.js";
import { removeWallet, storedKeyFile } from "./vault.js";

const CONFIRMATION = "REMOVE";

export function DeviceSettings(): JSX.Element {
  const file = useStore(storedKeyFile);
  const [text, setText] = useState("");
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([JSON.stringify(file, null, 2)], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${file?.address.slice(0, 14)}.json`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <p class="muted">{t("wallet.idle")}</p>
      <p>
        <button type="button" onClick={save}>
          {t("wallet.backup")}
        </button>
      </p>
      <div class="form danger">
        <h2>{t("wallet.remove")}</h2>
        <label>
          {t("wallet.removeWarn")}
          <input autocomplete="off" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <button type="button" disabled={text !== CONFIRMATION} onClick={removeWallet}>
          {t("wallet.remove")}
        </button>
      </div>
    </>
  );
}
