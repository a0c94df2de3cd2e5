// What a till needs of the device in front of the customer: show, scan, tap, insert, print. The till knows this interface only; which
// device stands behind it is the shop's choice (real parts of the browser, or the simulated one).

export const TERMINAL_PARTS = ["show", "scan", "tap", "insert", "print"] as const;

export type TerminalPart = (typeof TERMINAL_PARTS)[number];

/** What the customer's side of the counter shows. */
export type CustomerScreen =
  | { kind: "idle"; label: string }
  | { kind: "pay"; label: string; amount: string; uri: string }
  | { kind: "paid"; label: string; amount: string }
  | { kind: "expired"; label: string; amount: string };

/** A receipt as lines, top to bottom; the printer's driver decides how they look. */
export type ReceiptLine =
  | { kind: "title" | "text" | "large"; text: string }
  | { kind: "pair"; name: string; value: string }
  | { kind: "rule" }
  | { kind: "qr"; text: string };

export interface Terminal {
  /** Parts that are connected now; the others' functions throw TerminalPartMissing. */
  readonly parts: ReadonlySet<TerminalPart>;
  show(screen: CustomerScreen): Promise<void>;
  /** The text of the next QR code or barcode. Rejects with the signal's reason when it is aborted. */
  scan(signal: AbortSignal): Promise<string>;
  /** The text or address record of the next NFC tag or telephone that touches the reader. */
  tap(signal: AbortSignal): Promise<string>;
  /** The text record of the next IC card in the slot. */
  insert(signal: AbortSignal): Promise<string>;
  /** Resolves when the printer has taken the whole receipt. */
  print(lines: ReceiptLine[]): Promise<void>;
}

export class TerminalPartMissing extends Error {
  override readonly name = "TerminalPartMissing";

  constructor(readonly part: TerminalPart) {
    super(`this terminal can't ${part}: no such part is connected`);
  }
}
