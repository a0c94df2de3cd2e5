// Every value in the key-value store carries a checksum over its table, its key and itself: LMDB has none, and bytes that are
// not those written must never be taken for them. CRC-32, four bytes, little-endian, behind the value.

import { crc32 } from "node:zlib";
import { ByteSlab } from "../base/byteSlab.js";
import { toHex } from "../base/bytes.js";
import { StorageError } from "./storageErrors.js";

const SEAL_BYTES = 4;

/** Sealed values live until their batch is written. */
const slab = new ByteSlab();
const tableSeeds = new Map<string, number>();

function tableSeed(table: string): number {
  let seed = tableSeeds.get(table);
  if (seed === undefined) {
    seed = crc32(table);
    tableSeeds.set(table, seed);
  }
  return seed;
}

/** The value as it is stored: a copy, followed by its checksum. */
export function sealValue(table: string, key: Uint8Array, value: Uint8Array): Uint8Array {
  const sealed = slab.take(value.length + SEAL_BYTES);
  sealed.set(value);
  const checksum = crc32(value, crc32(key, tableSeed(table)));
  for (let i = 0; i < SEAL_BYTES; i++) {
    sealed[value.length + i] = checksum >>> (8 * i);
  }
  return sealed;
}

/** The value of what is stored, a view of it. Throws CORRUPT_STORE where the checksum does not match. */
export function openValue(place: string, table: string, key: Uint8Array, sealed: Uint8Array): Uint8Array {
  const value = sealed.subarray(0, Math.max(0, sealed.length - SEAL_BYTES));
  const end = value.length;
  const found = (sealed[end] | (sealed[end + 1] << 8) | (sealed[end + 2] << 16) | (sealed[end + 3] << 24)) >>> 0;
  if (sealed.length < SEAL_BYTES || crc32(value, crc32(key, tableSeed(table))) !== found) {
    throw new StorageError(
      "CORRUPT_STORE",
      `${place} is damaged: table ${table}, key ${toHex(key)}: the value does not match its checksum`,
    );
  }
  return value;
}
