// The code that a customer shows at a till: a token that the wallet signs, good for some blocks and one use. It gives nobody a right to
// money: the till claims it for an invoice, the wallet that made it is told which, and pays or doesn't. Shown as 18 digits, the
// last a check digit, in a barcode or QR code.

import { base64urlnopad } from "@scure/base";
import { concatBytes } from "../base/bytes.js";
import { type Random, systemRandom } from "../base/random.js";
import { CodedError } from "../protocol/errors.js";
import { payCodeMessage } from "../protocol/payCodeMessage.js";
import { Reader, Writer } from "../protocol/wire.js";
import { ed25519 } from "../wasm/ed25519.js";
import { sha256 } from "../wasm/sha256.js";
import type { Account } from "./account.js";

const NONCE_BYTES = 16;
const BODY_BYTES = 32 + 8 + NONCE_BYTES;
const SIGNATURE_BYTES = 64;
const DIGITS = 17;

export interface PayCode {
  /** The signed token as text: what the wallet hands to the gateway. */
  token: string;
  /** What the till scans. */
  digits: string;
  publicKey: Uint8Array;
  heightExpiry: number;
}

/** The digit that makes a mistyped or misread one show (Luhn). */
function checkDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `${(10 - (sum % 10)) % 10}`;
}

/** Whether a text that was scanned or typed is a code's. */
export function isPayCode(text: string): boolean {
  return /^\d{18}$/.test(text) && checkDigit(text.slice(0, DIGITS)) === text[DIGITS];
}

function digitsOf(token: Uint8Array): string {
  const number = new DataView(sha256(token).slice().buffer).getBigUint64(0, true) % 10n ** BigInt(DIGITS);
  const digits = number.toString().padStart(DIGITS, "0");
  return digits + checkDigit(digits);
}

/** A fresh code, good up to and including `heightExpiry`. */
export function makePayCode(
  account: Account,
  genesisHash: Uint8Array,
  heightExpiry: number,
  random: Random = systemRandom,
): PayCode {
  const writer = new Writer(BODY_BYTES).raw(account.publicKey).u64(BigInt(heightExpiry)).raw(random.bytes(NONCE_BYTES));
  const body = writer.finish();
  const token = concatBytes(body, account.signPayCode(genesisHash, body));
  return { token: base64urlnopad.encode(token), digits: digitsOf(token), publicKey: account.publicKey, heightExpiry };
}

/** Reads a token and checks its signature. Throws MALFORMED or BAD_SIGNATURE. */
export function readPayCode(token: string, genesisHash: Uint8Array): PayCode {
  let bytes: Uint8Array;
  try {
    bytes = base64urlnopad.decode(token);
  } catch {
    throw new CodedError("MALFORMED", "expected a customer's code as base64url");
  }
  if (bytes.length !== BODY_BYTES + SIGNATURE_BYTES) {
    throw new CodedError("MALFORMED", `expected ${BODY_BYTES + SIGNATURE_BYTES} bytes of code, got ${bytes.length}`);
  }
  const body = bytes.subarray(0, BODY_BYTES);
  const reader = new Reader(body);
  const publicKey = reader.raw(32).slice();
  const heightExpiry = Number(reader.u64());
  if (!ed25519.verify(bytes.subarray(BODY_BYTES), payCodeMessage(genesisHash, body), publicKey)) {
    throw new CodedError("BAD_SIGNATURE", "the code was signed by another key, or for another chain");
  }
  return { token, digits: digitsOf(bytes), publicKey, heightExpiry };
}
