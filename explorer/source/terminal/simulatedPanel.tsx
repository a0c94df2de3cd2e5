// The simulated terminal on the till's page: its display, its paper, and a field that scans what is typed into it.

import type { JSX } from "preact";
import { t } from "../i18n/translate.js";
import { useStore } from "../store.js";
import { ScreenView } from "./screenView.js";
import type { SimulatedTerminal } from "./simulatedTerminal.js";
import type { ReceiptLine } from "./terminal.js";
import { terminalChanges } from "./tillTerminal.js";

function lineText(line: ReceiptLine): string {
  switch (line.kind) {
    case "rule":
      return "────────";
    case "pair":
      return `${line.name}  ${line.value}`;
    case "qr":
      return `[QR] ${line.text}`;
    default:
      return line.text;
  }
}

export function SimulatedPanel({ terminal }: { terminal: SimulatedTerminal }): JSX.Element {
  useStore(terminalChanges);
  const screen = terminal.screens.at(-1);
  const receipt = terminal.printed.at(-1);
  const scan = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    terminal.scans.give(String(new FormData(form).get("code")));
    form.reset();
  };
  return (
    <details class="simulated no-print" open>
      <summary>{t("terminal.simulated")}</summary>
      {screen === undefined ? null : <ScreenView screen={screen} />}
      <p>{t("terminal.receipts", { count: terminal.printed.length })}</p>
      {receipt === undefined ? null : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        <pre class="paper" tabIndex={0} data-testid="paper">
          {receipt.map(lineText).join("\n")}
        </pre>
      )}
      <form class="actions" onSubmit={scan}>
        <label>
          {t("terminal.give")}
          <input name="code" required autocomplete="off" spellcheck={false} />
        </label>
        <button type="submit">{t("terminal.giveGo")}</button>
      </form>
    </details>
  );
}
