// Where a payment stands among all: its block's time and height, its transaction and its part. Both stores read pages by it, so that a
// cursor of one is a cursor of the other.

import { fromHex, toHex } from "../../base/bytes.js";
import { CodedError } from "../../protocol/errors.js";
import type { Payment } from "./payment.js";

const CURSOR_BYTES = 22;
const HIGH_UNIT = 2 ** 32;

export type PaymentPlace = Pick<Payment, "timeMs" | "height" | "index" | "part">;

/** Negative where `a` is older than `b`. */
export function comparePlaces(a: Omit<PaymentPlace, "timeMs">, b: Omit<PaymentPlace, "timeMs">): number {
  return a.height - b.height || a.index - b.index || a.part - b.part;
}

export function formatPaymentCursor({ timeMs, height, index, part }: PaymentPlace): string {
  const bytes = new Uint8Array(CURSOR_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(timeMs / HIGH_UNIT));
  view.setUint32(4, timeMs % HIGH_UNIT);
  view.setUint32(8, Math.floor(height / HIGH_UNIT));
  view.setUint32(12, height % HIGH_UNIT);
  view.setUint32(16, index);
  view.setUint16(20, part);
  return toHex(bytes);
}

/** The place that a cursor names; throws BAD_REQUEST for other texts. */
export function parsePaymentCursor(text: string): PaymentPlace {
  const bytes = text.length === 2 * CURSOR_BYTES ? fromHex(text) : undefined;
  if (bytes === undefined) {
    throw new CodedError(
      "BAD_REQUEST",
      `expected a cursor of ${2 * CURSOR_BYTES} hex digits, got "${text.slice(0, 50)}"`,
    );
  }
  const view = new DataView(bytes.buffer);
  const place = {
    timeMs: view.getUint32(0) * HIGH_UNIT + view.getUint32(4),
    height: view.getUint32(8) * HIGH_UNIT + view.getUint32(12),
    index: view.getUint32(16),
    part: view.getUint16(20),
  };
  if (!Number.isSafeInteger(place.timeMs) || !Number.isSafeInteger(place.height)) {
    throw new CodedError("BAD_REQUEST", `expected the cursor of a page, got "${text}"`);
  }
  return place;
}
