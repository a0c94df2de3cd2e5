// A payment request as text and QR code: `ttchain:<payee>?token=…&amount=…&reference=…&expiry=…&chain=…&label=…` (docs/web.md).
// Amounts are whole smallest units, so that no decimals can be misread.

import { fromHex, toHex } from "../base/bytes.js";
import { parseAddress } from "../protocol/address.js";
import { CodedError } from "../protocol/errors.js";
import type { TokenId } from "../protocol/tokens.js";
import { expiryHeightOf } from "./references.js";

export interface PaymentRequest {
  /** ttc1… text. */
  payee: string;
  token?: TokenId;
  /** Units. */
  amount?: bigint;
  /** 32 bytes; the first eight are the expiry height. */
  reference?: Uint8Array;
  /** The chain tag: the first 8 hex digits of the genesis hash. */
  chain?: string;
  /** Who asks, as they call themselves. */
  label?: string;
}

const SCHEME = "ttchain:";
const LABEL_CHARACTERS_MAX = 60;
const AMOUNT_MAX = 2n ** 63n - 1n;

export function formatPaymentUri(request: PaymentRequest): string {
  const fields: string[] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== "") {
      fields.push(`${name}=${encodeURIComponent(value)}`);
    }
  };
  add("token", request.token);
  add("amount", request.amount?.toString());
  if (request.reference !== undefined) {
    add("reference", toHex(request.reference));
    add("expiry", expiryHeightOf(request.reference).toString());
  }
  add("chain", request.chain);
  add("label", request.label);
  return `${SCHEME}${request.payee}${fields.length === 0 ? "" : `?${fields.join("&")}`}`;
}

function malformed(message: string): CodedError {
  return new CodedError("MALFORMED", message);
}

function parseReference(text: string, expiry: string | null): Uint8Array {
  const reference = fromHex(text);
  if (reference?.length !== 32) {
    throw malformed("expected 64 hex digits as the request's reference");
  }
  if (expiry !== null && expiry !== expiryHeightOf(reference).toString()) {
    throw malformed("the request's expiry is not the one that its reference carries");
  }
  return reference;
}

export function isPaymentUri(text: string): boolean {
  return text.trim().toLowerCase().startsWith(SCHEME);
}

/** Throws MALFORMED, BAD_ADDRESS or FOREIGN_ADDRESS for what is no request. Unknown fields are passed over. */
export function parsePaymentUri(text: string): PaymentRequest {
  const trimmed = text.trim();
  if (!isPaymentUri(trimmed)) {
    throw malformed(`expected a text that begins with ${SCHEME}`);
  }
  const rest = trimmed.slice(SCHEME.length);
  const mark = rest.indexOf("?");
  const payee = mark < 0 ? rest : rest.slice(0, mark);
  parseAddress(payee);
  const fields = new URLSearchParams(mark < 0 ? "" : rest.slice(mark + 1));
  const request: PaymentRequest = { payee: payee.toLowerCase() };
  const token = fields.get("token");
  if (token !== null) {
    if (!/^(TTC|TTM|TTMI|[0-9a-f]{64})$/.test(token)) {
      throw malformed("expected TTC, TTM, TTMI or 64 hex digits as the request's token");
    }
    request.token = token;
  }
  const amount = fields.get("amount");
  if (amount !== null) {
    if (!/^[1-9]\d{0,18}$/.test(amount) || BigInt(amount) > AMOUNT_MAX) {
      throw malformed("expected an amount of whole units as the request's amount");
    }
    request.amount = BigInt(amount);
  }
  const reference = fields.get("reference");
  if (reference !== null) {
    request.reference = parseReference(reference, fields.get("expiry"));
  }
  const chain = fields.get("chain");
  if (chain !== null) {
    if (!/^[0-9a-f]{8}$/.test(chain)) {
      throw malformed("expected 8 hex digits as the request's chain");
    }
    request.chain = chain;
  }
  const label = fields.get("label");
  if (label !== null) {
    request.label = label.slice(0, LABEL_CHARACTERS_MAX);
  }
  return request;
}
