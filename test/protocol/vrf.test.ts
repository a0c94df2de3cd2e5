// Verifiable randomness against the examples of RFC 9381 (appendix B.3), and what must be refused.

import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../src/base/bytes.js";
import { GROUP_ORDER, littleEndian, scalarBytes } from "../../src/protocol/curvePoints.js";
import { proveRandom, verifyRandom } from "../../src/protocol/vrf.js";

const bytes = (hex: string) => fromHex(hex) as Uint8Array;

const EXAMPLES = [
  {
    secretKey: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    input: "",
    proof:
      "8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f26f8a57ccaed74ee1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805",
    output:
      "90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae",
  },
  {
    secretKey: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    input: "72",
    proof:
      "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed5933bf0864a62558b3ed7f2fea45c92a465301b3bbf5e3e54ddf2d935be3b67926da3ef39226bbc355bdc9850112c8f4b02",
    output:
      "eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031",
  },
];

test.each(EXAMPLES)("the RFC's example for input '$input'", ({ secretKey, publicKey, input, proof, output }) => {
  expect(toHex(proveRandom(bytes(secretKey), bytes(input)))).toBe(proof);
  expect(toHex(verifyRandom(bytes(publicKey), bytes(input), bytes(proof)) ?? new Uint8Array())).toBe(output);
});

describe("a proof", () => {
  const secretKey = new Uint8Array(32).fill(3);
  const publicKey = ed25519.getPublicKey(secretKey);
  const input = new Uint8Array(8).fill(1);
  const proof = proveRandom(secretKey, input);

  test("of any key and input is valid, and gives one output", () => {
    const arbitrary = fc.tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 60 }));
    fc.assert(
      fc.property(arbitrary, ([secret, about]) => {
        const key = ed25519.getPublicKey(secret);
        const output = verifyRandom(key, about, proveRandom(secret, about));
        expect(output).toHaveLength(64);
        expect(verifyRandom(key, about, proveRandom(secret, about))).toEqual(output);
      }),
      { numRuns: 10 },
    );
  });

  test("is refused with any bit changed, for another input, and under another key", () => {
    fc.assert(
      fc.property(fc.nat(8 * proof.length - 1), (bit) => {
        const forged = proof.slice();
        forged[bit >> 3] ^= 1 << (bit & 7);
        expect(verifyRandom(publicKey, input, forged)).toBeUndefined();
      }),
      { numRuns: 40 },
    );
    expect(verifyRandom(publicKey, new Uint8Array(8), proof)).toBeUndefined();
    expect(verifyRandom(ed25519.getPublicKey(new Uint8Array(32)), input, proof)).toBeUndefined();
  });

  test("is refused with a scalar that is not reduced, a point of small order, or of another length", () => {
    const unreduced = proof.slice();
    unreduced.set(scalarBytes(littleEndian(proof.slice(48)) + GROUP_ORDER), 48);
    const small = proof.slice();
    small.set(scalarBytes(1n));
    for (const wrong of [unreduced, small, proof.slice(1), new Uint8Array(80), new Uint8Array()]) {
      expect(verifyRandom(publicKey, input, wrong)).toBeUndefined();
    }
    for (const key of [scalarBytes(1n), scalarBytes(2n), scalarBytes(2n ** 255n - 18n), publicKey.slice(1)]) {
      expect(verifyRandom(key, input, proof)).toBeUndefined();
    }
  });
});
