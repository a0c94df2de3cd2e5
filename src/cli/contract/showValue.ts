// Values of contracts for people: strings as text where they are text, addresses as ttc1…, other bytes as hex.

import { keyBytes, toHex } from "../../base/bytes.js";
import { formatAddress } from "../../protocol/address.js";
import { LvmBignum, type LvmValue } from "../../protocol/lvmValue.js";

const ADDRESS_BYTES = 32;

function showBytes(bytes: Uint8Array): string {
  if (bytes.length === ADDRESS_BYTES && bytes.some((byte) => byte < 32 || byte > 126)) {
    return formatAddress(bytes);
  }
  const text = new TextDecoder().decode(bytes);
  const isText = [...text].every((character) => character >= " " && character !== "\u007f" && character !== "\ufffd");
  return isText ? JSON.stringify(text) : `0x${toHex(bytes)}`;
}

export function showValue(value: LvmValue | undefined): string {
  if (value === undefined || value === null) {
    return "nil";
  }
  if (value instanceof Uint8Array) {
    return showBytes(value);
  }
  if (value instanceof LvmBignum) {
    return `bignum ${value.value}`;
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? "{}" : `{ ${value.map(showValue).join(", ")} }`;
  }
  if (value instanceof Map) {
    const pairs = Array.from(value, ([key, item]) => {
      const name = typeof key === "string" ? showBytes(keyBytes(key)) : String(key);
      return `${/^"[A-Za-z_]\w*"$/.test(name) ? name.slice(1, -1) : `[${name}]`} = ${showValue(item)}`;
    });
    return `{ ${pairs.join(", ")} }`;
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
