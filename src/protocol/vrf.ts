// Verifiable randomness: ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381. For each input a key has exactly one output of 64 bytes, which
// nobody can tell before its holder shows the proof, and nobody, its holder included, can choose.

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { assert } from "../base/assert.js";
import { concatBytes } from "../base/bytes.js";
import {
  baseMultiples,
  CurvePoint,
  decodePoint,
  decodeScalar,
  GROUP_ORDER,
  littleEndian,
  oddMultiples,
  scalarBytes,
  sumOfMultiples,
} from "./curvePoints.js";

export const VRF_PROOF_BYTES = 80;

const SUITE = 3;
const ENCODE = Uint8Array.of(SUITE, 1);
const CHALLENGE = Uint8Array.of(SUITE, 2);
const OUTPUT = Uint8Array.of(SUITE, 3);
const END = Uint8Array.of(0);
const CHALLENGE_BYTES = 16;

/** RFC 9381, 5.4.1.1: try and increment, with the key as salt. */
function encodeToCurve(publicKey: Uint8Array, input: Uint8Array): CurvePoint {
  for (let counter = 0; ; counter++) {
    // Half of all hashes are points.
    assert(counter < 256, "one of 256 hashes is a point");
    const hash = sha512(concatBytes(ENCODE, publicKey, input, Uint8Array.of(counter), END));
    const point = decodePoint(hash.subarray(0, 32));
    if (point !== undefined) {
      return point.clearCofactor();
    }
  }
}

/** RFC 9381, 5.4.3. */
function challenge(...points: CurvePoint[]): Uint8Array {
  const encoded = points.map((point) => point.toBytes());
  return sha512(concatBytes(CHALLENGE, ...encoded, END)).slice(0, CHALLENGE_BYTES);
}

function outputOf(gamma: CurvePoint): Uint8Array {
  return sha512(concatBytes(OUTPUT, gamma.clearCofactor().toBytes(), END));
}

/** The proof of 80 bytes for `input`: a point, a challenge of 16 bytes, a scalar. `secretKey`: a seed of 32 bytes. */
export function proveRandom(secretKey: Uint8Array, input: Uint8Array): Uint8Array {
  const { scalar, prefix, pointBytes } = ed25519.utils.getExtendedPublicKey(secretKey);
  const base = encodeToCurve(pointBytes, input);
  const gamma = base.multiply(scalar);
  const nonce = littleEndian(sha512(concatBytes(prefix, base.toBytes()))) % GROUP_ORDER;
  const key = CurvePoint.fromBytes(pointBytes);
  const c = challenge(key, base, gamma, CurvePoint.BASE.multiply(nonce), base.multiply(nonce));
  const s = (nonce + littleEndian(c) * scalar) % GROUP_ORDER;
  return concatBytes(gamma.toBytes(), c, scalarBytes(s));
}

/** The output of 64 bytes that the proof shows for `input` under `publicKey`; undefined where the proof is not valid. */
export function verifyRandom(publicKey: Uint8Array, input: Uint8Array, proof: Uint8Array): Uint8Array | undefined {
  const key = publicKey.length === 32 ? decodePoint(publicKey) : undefined;
  if (key === undefined || proof.length !== VRF_PROOF_BYTES) {
    return undefined;
  }
  const gamma = decodePoint(proof.slice(0, 32));
  const given = proof.subarray(32, 32 + CHALLENGE_BYTES);
  const answer = decodeScalar(proof.subarray(32 + CHALLENGE_BYTES));
  if (gamma === undefined || answer === undefined) {
    return undefined;
  }
  const c = littleEndian(given);
  const base = encodeToCurve(publicKey, input);
  const left = sumOfMultiples(answer, baseMultiples(), c, oddMultiples(key.negate()));
  const right = sumOfMultiples(answer, oddMultiples(base), c, oddMultiples(gamma.negate()));
  const isValid = littleEndian(challenge(key, base, gamma, left, right)) === c;
  return isValid ? outputOf(gamma) : undefined;
}
