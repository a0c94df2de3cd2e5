// A delegate's application key as consensus uses it: it signs and proves, and never shows the secret.

import { assert } from "../base/assert.js";
import { proveRandom } from "../protocol/vrf.js";
import { ed25519 } from "../wasm/ed25519.js";

export interface DelegateKey {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
  /** A proof of the output that this key has for `input` (src/protocol/vrf.ts). */
  proveRandom(input: Uint8Array): Uint8Array;
}

/** A key whose secret this process holds. */
export interface HeldKey extends DelegateKey {
  /** Wipes the secret; the key signs no more. */
  forget(): void;
}

/** A key held in this process's memory, from its 32-byte seed. */
export function delegateKeyOfSeed(seed: Uint8Array): HeldKey {
  const secret = seed.slice();
  let forgotten = false;
  return {
    publicKey: ed25519.getPublicKey(secret),
    sign(message) {
      assert(!forgotten, "a key that was wiped signs nothing");
      return ed25519.sign(message, secret);
    },
    proveRandom(input) {
      assert(!forgotten, "a key that was wiped proves nothing");
      return proveRandom(secret, input);
    },
    forget() {
      secret.fill(0);
      forgotten = true;
    },
  };
}
