// The EMVCo merchant-presented QR code: fields of two digits' id, two digits' length and a value, ended by a CRC-16/CCITT over all
// before it. The payment request lies in merchant account templates (26–51) under an identifier of its own; other wallets read
// the shop's name, amount and bill number and know that they can't pay. Lengths and ids follow EMV QRCPS, merchant mode, 1.1.

import { base64urlnopad } from "@scure/base";
import { fromHex, toHex, utf8Bytes } from "../base/bytes.js";
import { formatAddress, parseAddress } from "../protocol/address.js";
import { CodedError } from "../protocol/errors.js";
import type { PaymentRequest } from "./paymentUri.js";

/** Who wrote the templates: a UUID without hyphens, as the specification allows. */
const IDENTIFIER = "7c1f0e5a94d34b0c9a3d7474634a5152";
const TEMPLATE_FIRST = 26;
const TEMPLATE_LAST = 51;
const VALUE_CHARACTERS_MAX = 99;
const CODE_CHARACTERS_MAX = 512;
const CRC_FIELD = "6304";
const CRC_POLYNOMIAL = 0x1021;
const CRC_INITIAL = 0xffff;
const CURRENCY_WON = "410";
const COUNTRY_KOREA = "KR";
const NAME_CHARACTERS_MAX = 25;
const CITY_CHARACTERS_MAX = 15;
const BILL_CHARACTERS_MAX = 25;
/** Fields of our templates. */
const PART = { payee: "01", reference: "02", chain: "03", token: "04", units: "05" } as const;

export interface EmvCode {
  request: PaymentRequest;
  merchantName: string;
  merchantCity: string;
  /** Four digits of ISO 18245. */
  categoryCode: string;
  /** In won, where the price is in won. */
  amountWon?: bigint;
  /** The shop's own number of the sale. */
  billNumber?: string;
}

/** CRC-16/CCITT-FALSE of the bytes, as four upper-case hex digits. */
export function crcOf(text: string): string {
  let crc = CRC_INITIAL;
  for (const byte of utf8Bytes(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000) !== 0 ? ((crc << 1) ^ CRC_POLYNOMIAL) & 0xffff : (crc << 1) & 0xffff;
    }
  }
  return crc.toString(16).toUpperCase().padStart(4, "0");
}

function field(id: string, value: string): string {
  return `${id}${value.length.toString().padStart(2, "0")}${value}`;
}

/** Fields of a text, in order. Throws MALFORMED. */
function parseFields(text: string): [string, string][] {
  const fields: [string, string][] = [];
  for (let at = 0; at < text.length; ) {
    const head = /^\d{4}$/.exec(text.slice(at, at + 4))?.[0];
    const end = at + 4 + Number(head?.slice(2));
    if (head === undefined || end > text.length || end === at + 4) {
      throw new CodedError("MALFORMED", `expected a field of two digits' id and two digits' length at character ${at}`);
    }
    fields.push([head.slice(0, 2), text.slice(at + 4, end)]);
    at = end;
  }
  return fields;
}

/** The common character set of the specification: printable ASCII. Other letters stand in the language template. */
function plain(text: string, most: number): string {
  const ascii = [...text.normalize("NFKD")].filter((letter) => letter >= " " && letter <= "~").join("");
  return ascii.trim().slice(0, most) || "TTChain";
}

function templatesOf({ payee, reference, chain, token, amount }: PaymentRequest): string {
  const parts: string[] = [field(PART.payee, base64urlnopad.encode(parseAddress(payee)))];
  if (reference !== undefined) {
    parts.push(field(PART.reference, base64urlnopad.encode(reference)));
  }
  if (chain !== undefined) {
    parts.push(field(PART.chain, chain));
  }
  if (token !== undefined) {
    const bytes = fromHex(token);
    parts.push(field(PART.token, bytes?.length === 32 ? base64urlnopad.encode(bytes) : token));
  }
  if (amount !== undefined) {
    parts.push(field(PART.units, `${amount}`));
  }
  const identifier = field("00", IDENTIFIER);
  const templates: string[] = [];
  for (const part of parts) {
    const last = templates.at(-1);
    if (last !== undefined && last.length + part.length <= VALUE_CHARACTERS_MAX) {
      templates[templates.length - 1] = last + part;
    } else {
      templates.push(identifier + part);
    }
  }
  return templates.map((value, index) => field(`${TEMPLATE_FIRST + index}`, value)).join("");
}

/** The code's text. A code with an amount is for one sale (12), one without for many (11). */
export function formatEmvCode(code: EmvCode): string {
  const { request, merchantName, merchantCity, categoryCode, amountWon, billNumber } = code;
  const bill = billNumber === undefined ? "" : plain(billNumber, BILL_CHARACTERS_MAX);
  const isAscii = /^[ -~]*$/.test(merchantName);
  const localName = [...merchantName].slice(0, NAME_CHARACTERS_MAX).join("");
  const text = [
    field("00", "01"),
    field("01", request.amount === undefined ? "11" : "12"),
    templatesOf(request),
    field("52", categoryCode),
    field("53", CURRENCY_WON),
    amountWon === undefined ? "" : field("54", `${amountWon}`),
    field("58", COUNTRY_KOREA),
    field("59", plain(merchantName, NAME_CHARACTERS_MAX)),
    field("60", plain(merchantCity, CITY_CHARACTERS_MAX)),
    bill === "" ? "" : field("62", field("01", bill)),
    isAscii ? "" : field("64", field("00", "ko") + field("01", localName)),
    CRC_FIELD,
  ].join("");
  if (text.length + 4 > CODE_CHARACTERS_MAX) {
    throw new CodedError("TOO_LARGE", `expected at most ${CODE_CHARACTERS_MAX} characters of code`);
  }
  return text + crcOf(text);
}

export function isEmvCode(text: string): boolean {
  return /^000201/.test(text.trim());
}

/** The request in our templates' fields. Throws MALFORMED, BAD_ADDRESS. */
function requestOf(parts: Map<string, string>): PaymentRequest {
  const decode = (part: string, name: string): Uint8Array => {
    try {
      const bytes = base64urlnopad.decode(part);
      if (bytes.length === 32) {
        return bytes;
      }
    } catch {}
    throw new CodedError("MALFORMED", `expected 32 bytes of base64url as the code's ${name}`);
  };
  const payee = parts.get(PART.payee);
  if (payee === undefined) {
    throw new CodedError("MALFORMED", "expected a code of this chain, got another scheme's");
  }
  const request: PaymentRequest = { payee: formatAddress(decode(payee, "payee")) };
  const reference = parts.get(PART.reference);
  if (reference !== undefined) {
    request.reference = decode(reference, "reference");
  }
  const token = parts.get(PART.token);
  if (token !== undefined) {
    request.token = /^(TTC|TTM|TTMI)$/.test(token) ? token : toHex(decode(token, "token"));
  }
  const units = parts.get(PART.units);
  if (units !== undefined) {
    if (!/^[1-9]\d{0,18}$/.test(units)) {
      throw new CodedError("MALFORMED", "expected whole units as the code's amount");
    }
    request.amount = BigInt(units);
  }
  const chain = parts.get(PART.chain);
  return chain === undefined ? request : { ...request, chain };
}

/** Reads a code. Throws MALFORMED, BAD_ADDRESS or FOREIGN_ADDRESS for what is none, is damaged, or is another scheme's. */
export function parseEmvCode(text: string): EmvCode {
  const trimmed = text.trim();
  const crcAt = trimmed.length - 4;
  const isWhole = trimmed.length <= CODE_CHARACTERS_MAX && trimmed.slice(crcAt - 4, crcAt) === CRC_FIELD;
  if (!isEmvCode(trimmed) || !isWhole || trimmed.slice(crcAt).toUpperCase() !== crcOf(trimmed.slice(0, crcAt))) {
    throw new CodedError("MALFORMED", "expected an EMV code that ends with its own CRC");
  }
  const fields = parseFields(trimmed);
  const all = new Map(fields);
  if (all.size !== fields.length) {
    throw new CodedError("MALFORMED", "expected each field of the code once");
  }
  const own = new Map<string, string>();
  for (const [id, value] of fields) {
    if (Number(id) >= TEMPLATE_FIRST && Number(id) <= TEMPLATE_LAST) {
      const parts = parseFields(value);
      if (parts[0]?.[0] === "00" && parts[0][1].toLowerCase() === IDENTIFIER) {
        for (const [part, content] of parts.slice(1)) {
          own.set(part, content);
        }
      }
    }
  }
  const expect = (id: string): string => {
    const value = all.get(id);
    if (value === undefined) {
      throw new CodedError("MALFORMED", `expected field ${id} in the code`);
    }
    return value;
  };
  const local = new Map(parseFields(all.get("64") ?? ""));
  const amount = all.get("54");
  const bill = new Map(parseFields(all.get("62") ?? "")).get("01");
  const isWon = expect("53") === CURRENCY_WON && amount !== undefined && /^\d{1,13}$/.test(amount);
  const code: EmvCode = {
    request: requestOf(own),
    merchantName: local.get("01") ?? expect("59"),
    merchantCity: expect("60"),
    categoryCode: expect("52"),
    ...(isWon ? { amountWon: BigInt(amount) } : {}),
    ...(bill === undefined ? {} : { billNumber: bill }),
  };
  code.request.label = code.merchantName;
  return code;
}
