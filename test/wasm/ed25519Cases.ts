// Cases that decide which rules a verifier of ed25519 follows, made from the curve's arithmetic in @noble/curves. They are published in
// test/vectors/ed25519.json, which a test compares with what this file makes.
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, fromHex, toHex, utf8Bytes } from "../../src/base/bytes.js";

const { Point } = ed25519;
/** The order of the base point. */
export const ORDER = Point.Fn.ORDER;
const P = Point.Fp.ORDER;

export interface Ed25519Case {
  name: string;
  publicKey: string;
  message: string;
  signature: string;
  valid: boolean;
}

export interface SigningCase {
  seed: string;
  publicKey: string;
  message: string;
  signature: string;
}

/** The 32 bytes of `value`, little-endian. */
export function littleEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  for (let i = 0, rest = value; i < 32; i++, rest >>= 8n) {
    bytes[i] = Number(rest & 255n);
  }
  return bytes;
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

const modulo = (value: bigint): bigint => ((value % ORDER) + ORDER) % ORDER;

/** A point of order 8, and with it all eight points of small order. */
const TORSION_GENERATOR = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
export const TORSION_POINTS = Array.from({ length: 8 }, (_, i) =>
  i === 0 ? Point.ZERO : TORSION_GENERATOR.multiplyUnsafe(BigInt(i)),
);

/** All 14 encodings of points of small order that ZIP-215 accepts: eight canonical ones, six that aren't. */
export function smallOrderEncodings(): Uint8Array[] {
  const encodings = new Map<string, Uint8Array>();
  for (const point of TORSION_POINTS) {
    const { x, y } = point.toAffine();
    for (const value of [y, y + P]) {
      // The sign of x = 0 may be set.
      for (const sign of x === 0n ? [0n, 1n] : [x & 1n]) {
        if (value < 1n << 255n) {
          const bytes = littleEndian(value | (sign << 255n));
          encodings.set(toHex(bytes), bytes);
        }
      }
    }
  }
  return [...encodings.values()];
}

/** A signature by the scalar `a` with nonce `r` whose key and R have the given points of small order added. */
export function signWithTorsion(a: bigint, r: bigint, message: Uint8Array, keyTorsion: number, nonceTorsion: number) {
  const publicKey = Point.BASE.multiply(modulo(a)).add(TORSION_POINTS[keyTorsion]).toBytes();
  const nonce = Point.BASE.multiplyUnsafe(modulo(r)).add(TORSION_POINTS[nonceTorsion]).toBytes();
  const k = modulo(fromLittleEndian(sha512(concatBytes(nonce, publicKey, message))));
  const s = littleEndian(modulo(r + k * a));
  return { signature: concatBytes(nonce, s), message, publicKey };
}

/** The signing vectors of RFC 8032, 7.1: tests 1, 2, 3 and SHA(abc). */
export const RFC_8032: SigningCase[] = [
  {
    seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    message: "",
    signature:
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  },
  {
    seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "72",
    signature:
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  },
  {
    seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    message: "af82",
    signature:
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  },
  {
    seed: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    publicKey: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    message:
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    signature:
      "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  },
];

/** The cases of test/vectors/ed25519.json, beside the pairs of small-order encodings. */
export function verificationCases(): Ed25519Case[] {
  const message = utf8Bytes("a payment");
  const a = 0x1234567890abcdef1234567890abcdefn;
  const r = 0xfedcba0987654321n;
  const cases: Ed25519Case[] = [];
  const add = (name: string, signed: ReturnType<typeof signWithTorsion>, valid: boolean): void => {
    cases.push({
      name,
      publicKey: toHex(signed.publicKey),
      message: toHex(signed.message),
      signature: toHex(signed.signature),
      valid,
    });
  };
  const plain = signWithTorsion(a, r, message, 0, 0);
  const withS = (change: (s: bigint) => bigint) => ({
    ...plain,
    signature: concatBytes(
      plain.signature.slice(0, 32),
      littleEndian(change(fromLittleEndian(plain.signature.slice(32)))),
    ),
  });
  add("ordinary", plain, true);
  add(
    "s is larger by the order",
    withS((s) => s + ORDER),
    false,
  );
  add(
    "s is wrong by one",
    withS((s) => modulo(s + 1n)),
    false,
  );
  add(
    "s is the order",
    withS(() => ORDER),
    false,
  );
  add(
    "s is 2^256 - 1",
    withS(() => (1n << 256n) - 1n),
    false,
  );
  add("another message", { ...plain, message: utf8Bytes("another payment") }, false);
  add("key and R of mixed order", signWithTorsion(a, r, message, 1, 3), true);
  add("key of mixed order", signWithTorsion(a, r, message, 5, 0), true);
  add("R of mixed order", signWithTorsion(a, r, message, 0, 4), true);
  add("R of small order, nonce 0", signWithTorsion(a, ORDER, message, 0, 2), true);
  add("the key is no point", { ...plain, publicKey: littleEndian(2n) }, false);
  add("R is no point", { ...plain, signature: concatBytes(littleEndian(2n), plain.signature.slice(32)) }, false);
  return cases;
}

/** The text of test/vectors/ed25519.json. */
export function vectorsText(): string {
  const vectors = {
    about: [
      "ed25519 as this chain uses it: signatures of RFC 8032, verdicts of ZIP-215. All bytes are hex.",
      "smallOrderEncodings: with any two of them as R and public key, s = 0 and any message, the signature is valid.",
    ],
    signing: RFC_8032,
    verification: verificationCases(),
    smallOrderEncodings: smallOrderEncodings().map(toHex),
  };
  return `${JSON.stringify(vectors, null, 2)}\n`;
}

/** The bytes of hex that is known to be hex. */
export function bytesOf(hex: string): Uint8Array {
  return fromHex(hex)!;
}
