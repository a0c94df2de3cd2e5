// How a request's path names things.

import { toHex } from "../base/bytes.js";
import { formatAddress } from "../protocol/address.js";
import type { AddressLike } from "./actions.js";

/** Hex of 32 bytes given either way. */
export function hashText(hash: Uint8Array | string): string {
  return typeof hash === "string" ? hash : toHex(hash);
}

export function addressText(address: AddressLike): string {
  return typeof address === "string" ? address : formatAddress(address);
}

/** "?a=1&b=2" of the values that are defined. */
export function query(values: Record<string, string | number | undefined>): string {
  const parts = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}
