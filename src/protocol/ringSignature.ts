// Linkable ring signatures over edwards25519 (the scheme of Liu, Wei and Wong, with one base a scope): one of the keys of a ring
// signed, and nobody can tell which; but two signatures of one key in one scope show the same tag, whatever their messages and
// rings, and tags of different scopes can't be told from unrelated ones. docs/protocol.md gives every byte.

import { ed25519, ed25519_hasher } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { assert } from "../base/assert.js";
import { concatBytes, equalBytes } from "../base/bytes.js";
import {
  baseMultiples,
  CurvePoint,
  decodePoint,
  decodeScalar,
  GROUP_ORDER,
  littleEndian,
  type OddMultiples,
  oddMultiples,
  scalarBytes,
  sumOfMultiples,
} from "./curvePoints.js";
import { CodedError } from "./errors.js";
import { TAGS, taggedHash } from "./hashing.js";

/** Keys of one ring. */
export const RING_KEYS_MAX = 64;
export const RING_KEYS_MIN = 2;

/** What hash-to-curve (RFC 9380) is told it is for. */
const SCOPE_DOMAIN = "TTChain-ring-scope-V01-CS01-with-edwards25519_XMD:SHA-512_ELL2_RO_";

/** Bytes of a signature by a ring of `count` keys. */
export function ringSignatureBytes(count: number): number {
  return 64 + 32 * count;
}

/** What a ring signature is about; all of it is covered. */
export interface RingStatement {
  /** Names the vote, survey or draw in which a key's signatures are linked; any bytes. */
  readonly scope: Uint8Array;
  readonly message: Uint8Array;
  /** 2 to 64 different ed25519 public keys; their order matters. */
  readonly ring: readonly Uint8Array[];
}

/** The second base, whose discrete logarithm nobody knows. */
function scopeBase(scope: Uint8Array): CurvePoint {
  return ed25519_hasher.hashToCurve(scope, { DST: SCOPE_DOMAIN }) as CurvePoint;
}

/** What every challenge begins with: everything that is signed, and the tag. */
function challengePrefix({ scope, message, ring }: RingStatement, tag: Uint8Array): Uint8Array {
  const ringHash = taggedHash(TAGS.ringKeys, ...ring);
  return concatBytes(
    TAGS.ringSignature,
    ringHash,
    taggedHash(TAGS.ringScope, scope),
    taggedHash(TAGS.ringMessage, message),
    tag,
  );
}

function challenge(prefix: Uint8Array, left: CurvePoint, right: CurvePoint): bigint {
  return littleEndian(sha512(concatBytes(prefix, left.toBytes(), right.toBytes()))) % GROUP_ORDER;
}

/** The ring's points; undefined where a key is no point, of small order, not canonical, there twice, or there are too few or many. */
function decodeRing(ring: readonly Uint8Array[]): CurvePoint[] | undefined {
  if (ring.length < RING_KEYS_MIN || ring.length > RING_KEYS_MAX) {
    return undefined;
  }
  const points = ring.map(decodePoint);
  const isRepeated = ring.some((key, i) => ring.slice(0, i).some((other) => equalBytes(key, other)));
  return isRepeated || points.includes(undefined) ? undefined : (points as CurvePoint[]);
}

/** The tag's point, which must lie in the group of prime order: else one key would have eight tags. */
function decodeTag(bytes: Uint8Array): CurvePoint | undefined {
  const point = decodePoint(bytes);
  return point?.isTorsionFree() ? point : undefined;
}

/**
 * The tag of whoever signed, 32 bytes; undefined where the signature is not valid. Layout: tag ‖ first challenge ‖ one answer for each
 * key of the ring.
 */
export function verifyRing(statement: RingStatement, signature: Uint8Array): Uint8Array | undefined {
  if (signature.length !== ringSignatureBytes(statement.ring.length)) {
    return undefined;
  }
  const points = decodeRing(statement.ring);
  const tagBytes = signature.slice(0, 32);
  const tag = decodeTag(tagBytes);
  const first = decodeScalar(signature.subarray(32, 64));
  const answers = statement.ring.map((_, i) => decodeScalar(signature.subarray(64 + 32 * i, 96 + 32 * i)));
  if (points === undefined || tag === undefined || first === undefined || answers.includes(undefined)) {
    return undefined;
  }
  const prefix = challengePrefix(statement, tagBytes);
  const scope = oddMultiples(scopeBase(statement.scope));
  const tagMultiples = oddMultiples(tag);
  let current = first;
  points.forEach((point, i) => {
    current = nextChallenge({ prefix, scope, tag: tagMultiples }, oddMultiples(point), answers[i] as bigint, current);
  });
  return current === first ? tagBytes : undefined;
}

interface RingBases {
  readonly prefix: Uint8Array;
  readonly scope: OddMultiples;
  readonly tag: OddMultiples;
}

/** The challenge that follows a key's answer to its own. */
function nextChallenge(bases: RingBases, key: OddMultiples, answer: bigint, current: bigint): bigint {
  const left = sumOfMultiples(answer, baseMultiples(), current, key);
  const right = sumOfMultiples(answer, bases.scope, current, bases.tag);
  return challenge(bases.prefix, left, right);
}

/** The secret scalar and the public key of a 32-byte secret key (RFC 8032). */
function secretScalar(secretKey: Uint8Array): { scalar: bigint; publicKey: Uint8Array } {
  const { scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(secretKey);
  return { scalar, publicKey: pointBytes };
}

/** The tag that the holder of a secret key has in a scope: what `verifyRing` gives for every signature of theirs there. */
export function ringTag(secretKey: Uint8Array, scope: Uint8Array): Uint8Array {
  return scopeBase(scope).multiply(secretScalar(secretKey).scalar).toBytes();
}

/**
 * Signs as one of the ring. `randomness`: 32 bytes that nobody can guess; they are hashed with the secret key and all that is
 * signed, so that a repeated value gives nothing away. Throws MALFORMED where the key is not in the ring or the ring is not one.
 */
export function signRing(statement: RingStatement, secretKey: Uint8Array, randomness: Uint8Array): Uint8Array {
  const { scope, ring } = statement;
  const { scalar, publicKey } = secretScalar(secretKey);
  const own = ring.findIndex((key) => equalBytes(key, publicKey));
  const points = decodeRing(ring);
  if (own < 0 || points === undefined) {
    throw new CodedError(
      "MALFORMED",
      `expected a ring of ${RING_KEYS_MIN} to ${RING_KEYS_MAX} different keys with the signer's own among them`,
    );
  }
  const base = scopeBase(scope);
  const tag = base.multiply(scalar);
  const prefix = challengePrefix(statement, tag.toBytes());
  const drawn = (index: number): bigint => {
    const seed = concatBytes(TAGS.ringNonce, randomness, scalarBytes(scalar), prefix, Uint8Array.of(index));
    return 1n + (littleEndian(sha512(seed)) % (GROUP_ORDER - 1n));
  };
  const bases = { prefix, scope: oddMultiples(base), tag: oddMultiples(tag) };
  const answers = ring.map((_, i) => drawn(i));
  const nonce = answers[own];
  const challenges: bigint[] = new Array(ring.length);
  let current = challenge(prefix, CurvePoint.BASE.multiply(nonce), base.multiply(nonce));
  for (let step = 1; step <= ring.length; step++) {
    const i = (own + step) % ring.length;
    challenges[i] = current;
    if (i !== own) {
      current = nextChallenge(bases, oddMultiples(points[i]), answers[i], current);
    }
  }
  answers[own] = (nonce + GROUP_ORDER - ((challenges[own] * scalar) % GROUP_ORDER)) % GROUP_ORDER;
  const signature = concatBytes(tag.toBytes(), scalarBytes(challenges[0]), ...answers.map(scalarBytes));
  assert(signature.length === ringSignatureBytes(ring.length), "the layout is fixed");
  return signature;
}
