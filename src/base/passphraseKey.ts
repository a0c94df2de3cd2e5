// The key that a passphrase stands for: scrypt (RFC 7914), whose cost makes every guess dear. Runs in Node and in a browser.

import { scryptAsync } from "@noble/hashes/scrypt.js";

export interface ScryptCost {
  n: number;
  r: number;
  p: number;
}

/** 2^17: 128 MiB and about half a second for one guess. */
export const SCRYPT_N = 131_072;
export const SCRYPT_R = 8;
export const SCRYPT_P = 1;
export const PASSPHRASE_KEY_BYTES = 32;
// Bounds of what a file may ask for, so that a forged one can't exhaust the machine.
export const SCRYPT_N_MAX = 1_048_576;
export const SCRYPT_RP_MAX = 32;
/** scrypt needs 128 * N * r bytes, and p blocks beside them. */
const SCRYPT_MEMORY_FACTOR = 192;
const SCRYPT_MEMORY_SPARE = 1 << 20;

/** Whether the numbers are a cost of scrypt that no file may exceed. */
export function isScryptCost({ n, r, p }: ScryptCost): boolean {
  const whole = [n, r, p].every((cost) => Number.isInteger(cost));
  return whole && (n & (n - 1)) === 0 && n >= 2 && n <= SCRYPT_N_MAX && r >= 1 && p >= 1 && r * p <= SCRYPT_RP_MAX;
}

/** The 32-byte key; the caller wipes it and `passphrase` when they are done. */
export function passphraseKey(passphrase: Uint8Array, salt: Uint8Array, { n, r, p }: ScryptCost): Promise<Uint8Array> {
  // Where the platform is Node its own scrypt is four times as quick; the same function by RFC 7914.
  const native = globalThis.process?.getBuiltinModule?.("node:crypto");
  if (native === undefined) {
    return scryptAsync(passphrase, salt, { N: n, r, p, dkLen: PASSPHRASE_KEY_BYTES });
  }
  const options = { N: n, r, p, maxmem: SCRYPT_MEMORY_FACTOR * n * r + SCRYPT_MEMORY_SPARE };
  return new Promise((resolve, reject) => {
    native.scrypt(passphrase, salt, PASSPHRASE_KEY_BYTES, options, (error, key) =>
      error === null ? resolve(new Uint8Array(key.buffer, key.byteOffset, key.length)) : reject(error),
    );
  });
}
