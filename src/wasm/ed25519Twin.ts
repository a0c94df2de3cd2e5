// ed25519 in plain TypeScript over @noble/curves, verifying by ZIP-215's rules, so that single and batch verification agree
// on every input. Secret keys are 32-byte seeds (RFC 8032).

import { ed25519 as curve } from "@noble/curves/ed25519.js";
import type { SignedItem } from "./ed25519Kernel.js";

const SECRET_KEY_SIZE = 32;
const PUBLIC_KEY_SIZE = 32;
const SIGNATURE_SIZE = 64;

function checkSecretKey(secretKey: Uint8Array): void {
  if (secretKey.length !== SECRET_KEY_SIZE) {
    throw new TypeError(`expected ${SECRET_KEY_SIZE} bytes, got ${secretKey.length}`);
  }
}

/** The 64-byte signature; TypeError where the secret key isn't 32 bytes long. */
export function sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  checkSecretKey(secretKey);
  return curve.sign(message, secretKey);
}

/** The 32-byte public key; TypeError where the secret key isn't 32 bytes long. */
export function getPublicKey(secretKey: Uint8Array): Uint8Array {
  checkSecretKey(secretKey);
  return curve.getPublicKey(secretKey);
}

/** Whether the signature is valid under ZIP-215; false for wrong lengths. */
export function verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_SIZE || publicKey.length !== PUBLIC_KEY_SIZE) {
    return false;
  }
  return curve.verify(signature, message, publicKey, { zip215: true });
}

/** The verdict on each item, in their order. */
export function verifyBatch(items: readonly SignedItem[]): boolean[] {
  return items.map((item) => verify(item.signature, item.message, item.publicKey));
}
