// ed25519 as the product uses it: ZIP-215 verdicts, RFC 8032 signatures, on the WebAssembly kernel, or on its TypeScript twin
// where the engine has no SIMD. Synchronous; runs in Node and in a browser. Secret keys are 32-byte seeds.

import { Ed25519Kernel, type SignedItem } from "./ed25519Kernel.js";
import * as twin from "./ed25519Twin.js";
import { hasSimd } from "./loadKernel.js";

export type { SignedItem } from "./ed25519Kernel.js";

type Ed25519Functions = Pick<Ed25519Kernel, "sign" | "getPublicKey" | "verify" | "verifyBatch">;

let functions: Ed25519Functions | undefined;

/** The kernel of this thread, made when it is first needed: its tables take some milliseconds. */
function current(): Ed25519Functions {
  functions ??= hasSimd() ? new Ed25519Kernel() : twin;
  return functions;
}

/** The 64-byte signature; TypeError where the secret key isn't 32 bytes long. */
export function sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  return current().sign(message, secretKey);
}

/** The 32-byte public key; TypeError where the secret key isn't 32 bytes long. */
export function getPublicKey(secretKey: Uint8Array): Uint8Array {
  return current().getPublicKey(secretKey);
}

/** Whether the signature is valid under ZIP-215; false for wrong lengths. */
export function verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return current().verify(signature, message, publicKey);
}

/** The verdict on each item, in their order. */
export function verifyBatch(items: readonly SignedItem[]): boolean[] {
  return current().verifyBatch(items);
}

export const ed25519 = { sign, getPublicKey, verify, verifyBatch } as const;
