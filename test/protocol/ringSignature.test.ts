// Linkable ring signatures: published vectors, a second implementation straight from the specification, and what must be refused.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ed25519, ed25519_hasher } from "@noble/curves/ed25519.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, fromHex, toHex, utf8Bytes } from "../../src/base/bytes.js";
import { GROUP_ORDER, littleEndian, scalarBytes } from "../../src/protocol/curvePoints.js";
import { type RingStatement, ringTag, signRing, verifyRing } from "../../src/protocol/ringSignature.js";

const Point = ed25519.Point;
const VECTORS = join(import.meta.dirname, "../vectors/ringSignature.json");

const secretOf = (name: string) => sha256(utf8Bytes(`ring key ${name}`));
const keyOf = (name: string) => ed25519.getPublicKey(secretOf(name));
const NAMES = ["ann", "ben", "cho", "dan", "eve"];

function statement(names: string[], fields: Partial<RingStatement> = {}): RingStatement {
  return { scope: utf8Bytes("survey 1"), message: utf8Bytes("yes"), ring: names.map(keyOf), ...fields };
}

function padded(tag: string): Uint8Array {
  return utf8Bytes(tag.padEnd(16, "\0"));
}

function scopePoint(scope: Uint8Array): InstanceType<typeof Point> {
  const DST = "TTChain-ring-scope-V01-CS01-with-edwards25519_XMD:SHA-512_ELL2_RO_";
  return ed25519_hasher.hashToCurve(scope, { DST }) as InstanceType<typeof Point>;
}

type AnyPoint = { toBytes(): Uint8Array };

function nextOf({ scope, message, ring }: RingStatement, tag: Uint8Array, left: AnyPoint, right: AnyPoint): bigint {
  const hashes = [
    sha256(concatBytes(padded("TTC ring keys"), ...ring)),
    sha256(concatBytes(padded("TTC ring scope"), scope)),
    sha256(concatBytes(padded("TTC ring message"), message)),
  ];
  const input = concatBytes(padded("TTC ring sig"), ...hashes, tag, left.toBytes(), right.toBytes());
  return littleEndian(sha512(input)) % GROUP_ORDER;
}

/** docs/protocol.md's rules in the plainest form, for signatures whose parts are well formed; nothing is checked but the sums. */
function plainVerify(about: RingStatement, signature: Uint8Array): boolean {
  const parts = Array.from({ length: about.ring.length + 2 }, (_, i) => signature.slice(32 * i, 32 * i + 32));
  const tag = Point.fromBytes(parts[0]);
  const base = scopePoint(about.scope);
  let c = littleEndian(parts[1]);
  about.ring.forEach((key, i) => {
    const s = littleEndian(parts[2 + i]);
    const left = Point.BASE.multiplyUnsafe(s).add(Point.fromBytes(key).multiplyUnsafe(c));
    const right = base.multiplyUnsafe(s).add(tag.multiplyUnsafe(c));
    c = nextOf(about, parts[0], left, right);
  });
  return c === littleEndian(parts[1]);
}

function makeVectors() {
  return [2, 3, 5].map((count, i) => {
    const names = NAMES.slice(0, count);
    const signer = names[i];
    const about = statement(names, { scope: utf8Bytes(`scope ${i}`), message: new Uint8Array(i * 40).fill(i) });
    const signature = signRing(about, secretOf(signer), new Uint8Array(32).fill(i));
    return {
      scope: toHex(about.scope),
      message: toHex(about.message),
      ring: about.ring.map(toHex),
      secretKey: toHex(secretOf(signer)),
      signature: toHex(signature),
      tag: toHex(ringTag(secretOf(signer), about.scope)),
    };
  });
}

describe("the published ring signatures", () => {
  const made = makeVectors();
  if (process.env.UPDATE_VECTORS === "1") {
    writeFileSync(VECTORS, `${JSON.stringify(made, null, 1)}\n`);
  }
  const published = JSON.parse(readFileSync(VECTORS, "utf8")) as typeof made;
  const bytes = (hex: string) => fromHex(hex) as Uint8Array;

  test("are what the code makes", () => {
    expect(made).toEqual(published);
  });

  test.each(published)("$tag is valid, by the plain rules too", ({ scope, message, ring, signature, tag }) => {
    const about = { scope: bytes(scope), message: bytes(message), ring: ring.map(bytes) };
    expect(verifyRing(about, bytes(signature))).toEqual(bytes(tag));
    expect(plainVerify(about, bytes(signature))).toBe(true);
  });
});

describe("a ring signature", () => {
  const about = statement(NAMES);
  const signature = signRing(about, secretOf("cho"), new Uint8Array(32).fill(9));
  const changed = (offset: number, bytes: Uint8Array) => {
    const copy = signature.slice();
    copy.set(bytes, offset);
    return copy;
  };

  test("of any member is valid, and shows the member's tag in the scope and nothing else of them", () => {
    const arbitrary = fc.record({
      count: fc.integer({ min: 2, max: 6 }),
      signer: fc.nat(5),
      scope: fc.uint8Array({ maxLength: 40 }),
      message: fc.uint8Array({ maxLength: 40 }),
      randomness: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ count, signer, scope, message, randomness }) => {
        const names = Array.from({ length: count }, (_, i) => `member ${i}`);
        const secret = secretOf(names[signer % count]);
        const made = statement(names, { scope, message });
        const bytes = signRing(made, secret, randomness);
        expect(verifyRing(made, bytes)).toEqual(ringTag(secret, scope));
        expect(plainVerify(made, bytes)).toBe(true);
      }),
      { numRuns: 12 },
    );
  });

  test("is linked to another of the same key in the scope, whatever the ring and message, and in no other scope", () => {
    const again = statement(["eve", "cho"], { message: utf8Bytes("no") });
    const tag = verifyRing(again, signRing(again, secretOf("cho"), new Uint8Array(32)));
    expect(tag).toEqual(verifyRing(about, signature));
    const elsewhere = statement(NAMES, { scope: utf8Bytes("survey 2") });
    expect(verifyRing(elsewhere, signRing(elsewhere, secretOf("cho"), new Uint8Array(32)))).not.toEqual(tag);
    expect(ringTag(secretOf("ann"), about.scope)).not.toEqual(tag);
  });

  test("is refused for another message, scope or ring, and for the ring in another order", () => {
    const other = [
      statement(NAMES, { message: utf8Bytes("no") }),
      statement(NAMES, { scope: utf8Bytes("survey 2") }),
      statement(["ann", "ben", "cho", "dan", "fay"]),
      statement([...NAMES].reverse()),
      statement([...NAMES.slice(1), NAMES[0]]),
      statement(NAMES.slice(0, 4)),
    ];
    for (const wrong of other) {
      expect(verifyRing(wrong, signature)).toBeUndefined();
    }
  });

  test("is refused with any bit changed", () => {
    fc.assert(
      fc.property(fc.nat(8 * signature.length - 1), (bit) => {
        const forged = signature.slice();
        forged[bit >> 3] ^= 1 << (bit & 7);
        expect(verifyRing(about, forged)).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  test("is refused with answers turned around the ring, or of another length", () => {
    const turned = concatBytes(signature.slice(0, 64), signature.slice(96), signature.slice(64, 96));
    expect(verifyRing(about, turned)).toBeUndefined();
    for (const length of [0, 64, signature.length - 1, signature.length + 1, signature.length + 32]) {
      expect(verifyRing(about, concatBytes(signature, new Uint8Array(32)).slice(0, length))).toBeUndefined();
    }
  });

  test("is refused where a scalar is not reduced", () => {
    for (const offset of [32, 64, 64 + 32 * 4]) {
      const value = littleEndian(signature.slice(offset, offset + 32));
      expect(verifyRing(about, changed(offset, scalarBytes(value + GROUP_ORDER)))).toBeUndefined();
    }
  });

  test("is refused where the tag is of small order, not canonical, or has a part of small order", () => {
    const identity = scalarBytes(1n);
    const identityOtherwise = scalarBytes(2n ** 255n - 18n);
    const orderTwo = scalarBytes(2n ** 255n - 20n);
    const noPoint = scalarBytes(2n);
    // A point whose order is eight times the group's, and one of small order made of it.
    const mixed = Point.fromBytes(signature.slice(0, 32)).add(smallOrderPoint());
    for (const tag of [identity, identityOtherwise, orderTwo, noPoint, smallOrderPoint().toBytes(), mixed.toBytes()]) {
      expect(verifyRing(about, changed(0, tag))).toBeUndefined();
    }
  });

  test("with a part of small order in its tag is refused even where all equations hold: one key has one tag", () => {
    const pair = statement(["ann", "ben"]);
    const { scalar } = ed25519.utils.getExtendedPublicKey(secretOf("ann"));
    const base = scopePoint(pair.scope);
    const orderTwo = smallOrderPoint().multiplyUnsafe(4n);
    const secondTag = base.multiply(scalar).add(orderTwo);
    // What is left of the part of order two vanishes where the signer's challenge is even.
    for (let nonce = 5n; ; nonce++) {
      const own = nextOf(pair, secondTag.toBytes(), Point.BASE.multiply(nonce), base.multiply(nonce));
      const answer = 77n;
      const left = Point.BASE.multiply(answer).add(Point.fromBytes(pair.ring[1]).multiply(own));
      const right = base.multiply(answer).add(secondTag.multiply(own));
      const first = nextOf(pair, secondTag.toBytes(), left, right);
      if (first % 2n === 0n) {
        const ownAnswer = (nonce + GROUP_ORDER - ((first * scalar) % GROUP_ORDER)) % GROUP_ORDER;
        const parts = [first, ownAnswer, answer].map(scalarBytes);
        const forged = concatBytes(secondTag.toBytes(), ...parts);
        expect(plainVerify(pair, forged)).toBe(true);
        expect(verifyRing(pair, forged)).toBeUndefined();
        break;
      }
    }
  });

  test.each([
    ["a key of small order", [keyOf("ann"), scalarBytes(1n)]],
    ["a key that is no point", [keyOf("ann"), scalarBytes(2n)]],
    ["a key that is not canonical", [keyOf("ann"), scalarBytes(2n ** 255n - 18n)]],
    ["a key of another length", [keyOf("ann"), keyOf("ben").slice(1)]],
    ["a key twice", [keyOf("ann"), keyOf("ann")]],
    ["one key alone", [keyOf("ann")]],
    ["no key", []],
    ["more keys than fit", Array.from({ length: 65 }, (_, i) => keyOf(String(i)))],
  ])("has no ring with %s", (_, ring) => {
    const bytes = new Uint8Array(64 + 32 * ring.length).fill(1);
    bytes.set(ringTag(secretOf("ann"), about.scope));
    expect(verifyRing(statement([], { ring }), bytes)).toBeUndefined();
    expect(() => signRing(statement([], { ring }), secretOf("ann"), new Uint8Array(32))).toThrow(/ring/);
  });

  test("can't be made by somebody outside the ring", () => {
    expect(() => signRing(about, secretOf("fay"), new Uint8Array(32))).toThrow(/signer's own/);
  });
});

/** A point of order eight. */
function smallOrderPoint(): InstanceType<typeof Point> {
  for (let y = 3n; ; y++) {
    try {
      const point = Point.fromBytes(scalarBytes(y));
      const small = point.multiplyUnsafe(GROUP_ORDER - 1n).add(point);
      if (!small.double().double().is0()) {
        return small;
      }
    } catch {
      // Not every number is a point's coordinate.
    }
  }
}
