// The terminal of real parts: a second window as the customer's display, scanners that type or speak through a serial line, Web NFC,
// and an ESC/POS printer on USB or a serial line. Browsers keep smart-card readers to themselves, so there is no IC slot.

import { DisplaySender } from "./customerDisplay.js";
import type { PaperColumns } from "./encodeReceipt.js";
import { hasNfcReader, readTag } from "./nfcReader.js";
import type { Printer } from "./printers.js";
import { listenToKeyboardScanner } from "./scanners.js";
import {
  type CustomerScreen,
  type ReceiptLine,
  type Terminal,
  type TerminalPart,
  TerminalPartMissing,
} from "./terminal.js";
import { Waiters } from "./waiters.js";

export class BrowserTerminal implements Terminal {
  readonly parts = new Set<TerminalPart>(["show", "scan"]);
  private readonly display = new DisplaySender();
  private readonly scans = new Waiters();
  private printer: Printer | undefined;
  private columns: PaperColumns = 48;

  constructor() {
    if (hasNfcReader()) {
      this.parts.add("tap");
    }
    listenToKeyboardScanner(this.takeCode);
  }

  /** What a connected scanner read. */
  readonly takeCode = (code: string): void => {
    this.scans.give(code);
  };

  usePrinter(printer: Printer, columns: PaperColumns): void {
    this.printer = printer;
    this.columns = columns;
    this.parts.add("print");
  }

  async show(screen: CustomerScreen): Promise<void> {
    this.display.show(screen);
  }

  scan(signal: AbortSignal): Promise<string> {
    return this.scans.next(signal);
  }

  tap(signal: AbortSignal): Promise<string> {
    return readTag(signal);
  }

  async insert(): Promise<string> {
    throw new TerminalPartMissing("insert");
  }

  async print(lines: ReceiptLine[]): Promise<void> {
    if (this.printer === undefined) {
      throw new TerminalPartMissing("print");
    }
    const [{ encodeReceipt }, { drawText }] = await Promise.all([
      import("./encodeReceipt.js"),
      import("./drawText.js"),
    ]);
    await this.printer.write(encodeReceipt(lines, this.columns, drawText));
  }
}
