// A terminal without hardware, for tests and for shops that try a till before they buy: what it was told is kept to be looked at, and
// scans, taps and cards are given to it by hand. Paper can run out, as it does.

import {
  type CustomerScreen,
  type ReceiptLine,
  TERMINAL_PARTS,
  type Terminal,
  TerminalPartMissing,
} from "./terminal.js";
import { Waiters } from "./waiters.js";

export class SimulatedTerminal implements Terminal {
  readonly parts = new Set(TERMINAL_PARTS);
  readonly screens: CustomerScreen[] = [];
  readonly printed: ReceiptLine[][] = [];
  paperLeft = Number.POSITIVE_INFINITY;
  readonly scans = new Waiters();
  readonly taps = new Waiters();
  readonly cards = new Waiters();

  /** `onChange` hears of every new screen and receipt. */
  constructor(private readonly onChange: () => void = () => undefined) {}

  private expect(part: (typeof TERMINAL_PARTS)[number]): void {
    if (!this.parts.has(part)) {
      throw new TerminalPartMissing(part);
    }
  }

  async show(screen: CustomerScreen): Promise<void> {
    this.expect("show");
    this.screens.push(screen);
    this.onChange();
  }

  async scan(signal: AbortSignal): Promise<string> {
    this.expect("scan");
    return this.scans.next(signal);
  }

  async tap(signal: AbortSignal): Promise<string> {
    this.expect("tap");
    return this.taps.next(signal);
  }

  async insert(signal: AbortSignal): Promise<string> {
    this.expect("insert");
    return this.cards.next(signal);
  }

  async print(lines: ReceiptLine[]): Promise<void> {
    this.expect("print");
    if (this.paperLeft === 0) {
      throw new Error("the printer has no paper");
    }
    this.paperLeft -= 1;
    this.printed.push(lines);
    this.onChange();
  }
}
