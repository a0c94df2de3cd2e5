// A delegate's application key as consensus uses it: it signs, and never shows the secret.

import { ed25519 } from "../wasm/ed25519.js";

export interface DelegateKey {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** A key held in this process's memory, from its 32-byte seed. */
export function delegateKeyOfSeed(seed: Uint8Array): DelegateKey {
  const secret = seed.slice();
  return { publicKey: ed25519.getPublicKey(secret), sign: (message) => ed25519.sign(message, secret) };
}
