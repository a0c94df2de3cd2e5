// Which devices the till uses: connecting them takes a click, because browsers want a person to allow each.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n/translate.js";
import { useStore } from "../store.js";
import { BrowserTerminal } from "./browserTerminal.js";
import { askForSerialPrinter, askForUsbPrinter, type Printer } from "./printers.js";
import { askForSerialScanner } from "./scanners.js";
import {
  paperColumns,
  setPaperColumns,
  setTerminalKind,
  type TerminalKind,
  terminalChanges,
  terminalKind,
  tillTerminal,
} from "./tillTerminal.js";

function RealParts({ terminal }: { terminal: BrowserTerminal }): JSX.Element {
  const [told, setTold] = useState("");
  const connect = async (open: () => Promise<string>): Promise<void> => {
    try {
      setTold(t("terminal.connected", { name: await open() }));
    } catch (error) {
      setTold(t("terminal.failed", { reason: error instanceof Error ? error.message : String(error) }));
    }
  };
  const printer = (ask: () => Promise<Printer>) => () =>
    connect(async () => {
      const found = await ask();
      terminal.usePrinter(found, paperColumns());
      return found.name;
    });
  const scanner = () =>
    connect(async () => {
      await askForSerialScanner(terminal.takeCode);
      return t("terminal.serialScanner");
    });
  return (
    <>
      <label>
        {t("terminal.paper")}
        <select
          defaultValue={String(paperColumns())}
          onChange={(event) => setPaperColumns(event.currentTarget.value === "32" ? 32 : 48)}
        >
          <option value="48">{t("terminal.paper48")}</option>
          <option value="32">{t("terminal.paper32")}</option>
        </select>
      </label>
      <p class="actions">
        <button type="button" onClick={() => void printer(askForUsbPrinter)()}>
          {t("terminal.usbPrinter")}
        </button>
        <button type="button" onClick={() => void printer(askForSerialPrinter)()}>
          {t("terminal.serialPrinter")}
        </button>
        <button type="button" onClick={() => void scanner()}>
          {t("terminal.serialScanner")}
        </button>
      </p>
      <p role="status">{told}</p>
      <p class="muted">{t("terminal.keyboardScanner")}</p>
      <p>
        <a href="/display" target="_blank" rel="noreferrer">
          {t("terminal.display")}
        </a>
      </p>
    </>
  );
}

export function TerminalSetup(): JSX.Element {
  useStore(terminalChanges);
  const terminal = tillTerminal();
  return (
    <section class="form" aria-labelledby="terminal">
      <h2 id="terminal">{t("terminal.title")}</h2>
      <label>
        {t("terminal.kind")}
        <select
          defaultValue={terminalKind()}
          onChange={(event) => setTerminalKind(event.currentTarget.value as TerminalKind)}
        >
          <option value="browser">{t("terminal.browser")}</option>
          <option value="simulated">{t("terminal.simulated")}</option>
        </select>
      </label>
      {terminal instanceof BrowserTerminal ? <RealParts terminal={terminal} /> : null}
    </section>
  );
}
