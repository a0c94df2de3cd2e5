// A receipt as ESC/POS bytes, which nearly every thermal printer understands. Latin text is sent as text, which prints at once; any
// other script is drawn and sent as a picture, because a printer has only the scripts that were bought with it.

import ReceiptPrinterEncoder from "@point-of-sale/receipt-printer-encoder";
import type { ReceiptLine } from "./terminal.js";

/** Characters across in the printer's own font: 80 mm paper has 48, 58 mm paper 32. */
export type PaperColumns = 32 | 48;

const DOTS_PER_COLUMN = 12;
const FEED_LINES = 4;
/** QR module in dots: at 6, a payment request of 300 characters is about 35 mm wide. */
const QR_MODULE_DOTS = 6;

export interface DrawnText {
  /** Dots; a multiple of 8. */
  width: number;
  height: number;
  /** RGBA, row by row. */
  data: Uint8ClampedArray;
}

/** Draws one line of text as wide as the paper. */
export type DrawText = (text: string, look: { widthDots: number; large: boolean; centred: boolean }) => DrawnText;

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** Name on the left, value on the right; a value that does not fit beside its name takes lines of its own. */
export function layPair(name: string, value: string, columns: number): string[] {
  const gap = columns - name.length - value.length;
  if (gap >= 1) {
    return [name + " ".repeat(gap) + value];
  }
  const lines = [name];
  for (let at = 0; at < value.length; at += columns - 1) {
    lines.push(value.slice(at, at + columns - 1).padStart(columns));
  }
  return lines;
}

export function encodeReceipt(lines: ReceiptLine[], columns: PaperColumns, drawText: DrawText): Uint8Array {
  const encoder = new ReceiptPrinterEncoder({ language: "esc-pos", columns, imageMode: "raster" });
  const widthDots = columns * DOTS_PER_COLUMN;
  const write = (text: string, { large = false, centred = false } = {}): void => {
    if (!isPlain(text)) {
      const picture = drawText(text, { widthDots, large, centred });
      encoder.image(picture as unknown as ImageData, picture.width, picture.height, "threshold");
      return;
    }
    const size = large ? 2 : 1;
    encoder
      .align(centred ? "center" : "left")
      .bold(large)
      .size(size, size)
      .line(text)
      .size(1, 1)
      .bold(false)
      .align("left");
  };
  encoder.initialize();
  for (const line of lines) {
    if (line.kind === "rule") {
      encoder.line("-".repeat(columns));
    } else if (line.kind === "qr") {
      encoder.align("center").qrcode(line.text, { model: 2, size: QR_MODULE_DOTS, errorlevel: "m" }).align("left");
    } else if (line.kind === "pair") {
      for (const text of layPair(line.name, line.value, columns)) {
        write(text);
      }
    } else {
      write(line.text, { large: line.kind === "large", centred: line.kind !== "text" });
    }
  }
  return encoder.newline(FEED_LINES).cut("partial").encode();
}
