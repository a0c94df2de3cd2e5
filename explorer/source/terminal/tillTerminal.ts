// The terminal that this till uses: real parts, or the simulated one where the till's settings say so.

import { createStore } from "../store.js";
import { BrowserTerminal } from "./browserTerminal.js";
import type { PaperColumns } from "./encodeReceipt.js";
import { findAllowedPrinter } from "./printers.js";
import { SimulatedTerminal } from "./simulatedTerminal.js";
import type { Terminal } from "./terminal.js";

const KIND_KEY = "ttchain.terminal";
const PAPER_KEY = "ttchain.paper";

export type TerminalKind = "browser" | "simulated";

/** Counts what happened to the terminal, so that whoever shows it is drawn again. */
export const terminalChanges = createStore(0);

const changed = (): void => terminalChanges.set(terminalChanges.get() + 1);

function make(kind: TerminalKind): Terminal {
  if (kind === "simulated") {
    return new SimulatedTerminal(changed);
  }
  const terminal = new BrowserTerminal();
  // A printer that was allowed before is used without asking; where it can't be opened, the settings offer it again.
  findAllowedPrinter().then(
    (printer) => {
      if (printer !== undefined) {
        terminal.usePrinter(printer, paperColumns());
        changed();
      }
    },
    () => undefined,
  );
  return terminal;
}

export function terminalKind(): TerminalKind {
  return localStorage.getItem(KIND_KEY) === "simulated" ? "simulated" : "browser";
}

export function paperColumns(): PaperColumns {
  return localStorage.getItem(PAPER_KEY) === "32" ? 32 : 48;
}

export function setPaperColumns(columns: PaperColumns): void {
  localStorage.setItem(PAPER_KEY, String(columns));
}

let made: { kind: TerminalKind; terminal: Terminal } | undefined;

export function tillTerminal(): Terminal {
  made ??= { kind: terminalKind(), terminal: make(terminalKind()) };
  return made.terminal;
}

export function setTerminalKind(kind: TerminalKind): void {
  localStorage.setItem(KIND_KEY, kind);
  if (made?.kind !== kind) {
    made = { kind, terminal: make(kind) };
    changed();
  }
}
