// Signatures on which verifiers are known to differ, or whose bytes reach the bounds of the kernel's arithmetic: a pure function of the
// seed. Mixed-order keys and nonces come from a pool made once with @noble/curves; everything else is made in microseconds.

import { ed25519 as curve } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes } from "../../src/base/bytes.js";
import type { SeededRandom } from "../../src/base/random.js";
import type { Ed25519Kernel, SignedItem } from "../../src/wasm/ed25519Kernel.js";

const { Point } = curve;
const ORDER = Point.Fn.ORDER;
const P = Point.Fp.ORDER;
const LIMB_BITS = 13n;
const LIMBS = 20n;
/** Limbs at which carries and signs turn. */
const LIMB_BOUNDS = [0n, 1n, 4094n, 4095n, 4096n, 4097n, 8190n, 8191n];
const KEYS = 64;
const MIXED = 256;

/** An item, and its verdict where the way it was made decides it. */
export interface CraftedItem {
  readonly item: SignedItem;
  readonly expected: boolean | undefined;
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

const modulo = (value: bigint): bigint => ((value % ORDER) + ORDER) % ORDER;

function torsionPoints() {
  const generator = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
  return Array.from({ length: 8 }, (_, i) => (i === 0 ? Point.ZERO : generator.multiplyUnsafe(BigInt(i))));
}

export class CraftedSignatures {
  private readonly random: SeededRandom;
  private readonly kernel: Ed25519Kernel;
  private readonly seeds: Uint8Array[];
  private readonly publicKeys: Uint8Array[];
  private readonly smallOrder: Uint8Array[];
  private readonly mixed: SignedItem[];
  private readonly makers: (() => CraftedItem)[];

  constructor(random: SeededRandom, kernel: Ed25519Kernel) {
    this.random = random;
    this.kernel = kernel;
    this.seeds = Array.from({ length: KEYS }, () => random.bytes(32));
    this.publicKeys = this.seeds.map((seed) => kernel.getPublicKey(seed));
    const torsion = torsionPoints();
    this.smallOrder = torsion.flatMap((point) => {
      const { x, y } = point.toAffine();
      const signs = x === 0n ? [0n, 1n] : [x & 1n];
      const values = [y, y + P].filter((value) => value < 1n << 255n);
      return values.flatMap((value) => signs.map((sign) => littleEndian(value | (sign << 255n))));
    });
    this.mixed = Array.from({ length: MIXED }, (_, i) => this.mixedOrder(torsion[i % 8], torsion[(i >> 3) % 8]));
    this.makers = [
      () => ({ item: this.signed(), expected: true }),
      () => ({ item: this.mixedItem(), expected: true }),
      () => ({ item: this.flipped(this.signed()), expected: false }),
      () => ({ item: this.flipped(this.mixedItem()), expected: false }),
      () => this.largeScalar(),
      () => this.smallOrderPair(),
      () => ({ item: this.random.chance(1, 2) ? this.noise() : this.boundedLimbs(), expected: undefined }),
    ];
  }

  /** Keys that sign again and again. */
  get frequentKeys(): readonly Uint8Array[] {
    return [...this.publicKeys, ...this.smallOrder, ...this.mixed.slice(0, 32).map(({ publicKey }) => publicKey)];
  }

  next(): CraftedItem {
    return this.makers[this.random.below(this.makers.length)]();
  }

  private signed(): SignedItem {
    const number = this.random.below(KEYS);
    const message = this.random.bytes(this.random.below(200));
    const signature = this.kernel.sign(message, this.seeds[number]);
    return { signature, message, publicKey: this.publicKeys[number] };
  }

  private mixedOrder(keyTorsion: typeof Point.BASE, nonceTorsion: typeof Point.BASE): SignedItem {
    const a = modulo(fromLittleEndian(this.random.bytes(32)));
    const r = modulo(fromLittleEndian(this.random.bytes(32)));
    const message = this.random.bytes(40);
    const publicKey = Point.BASE.multiply(a).add(keyTorsion).toBytes();
    const nonce = Point.BASE.multiplyUnsafe(r).add(nonceTorsion).toBytes();
    const k = modulo(fromLittleEndian(sha512(concatBytes(nonce, publicKey, message))));
    return { signature: concatBytes(nonce, littleEndian(modulo(r + k * a))), message, publicKey };
  }

  private mixedItem(): SignedItem {
    return this.mixed[this.random.below(MIXED)];
  }

  /** One bit of the signature or the message differs. */
  private flipped(item: SignedItem): SignedItem {
    const message = item.message.slice();
    const signature = item.signature.slice();
    const part = message.length > 0 && this.random.chance(1, 4) ? message : signature;
    part[this.random.below(part.length)] ^= 1 << this.random.below(8);
    return { ...item, message, signature };
  }

  /** s has the order, or a multiple of it, added. */
  private largeScalar(): CraftedItem {
    const item = this.signed();
    const s = fromLittleEndian(item.signature.subarray(32)) + ORDER * BigInt(1 + this.random.below(14));
    return {
      item: { ...item, signature: concatBytes(item.signature.subarray(0, 32), littleEndian(s)) },
      expected: false,
    };
  }

  private smallOrderPair(): CraftedItem {
    const anyOf = (): Uint8Array => this.smallOrder[this.random.below(this.smallOrder.length)];
    const isZero = this.random.chance(1, 2);
    const s = isZero ? new Uint8Array(32) : littleEndian(1n + BigInt(this.random.below(1 << 30)));
    return {
      item: { signature: concatBytes(anyOf(), s), message: this.random.bytes(8), publicKey: anyOf() },
      expected: isZero,
    };
  }

  private noise(): SignedItem {
    const bytes = this.random.bytes(96);
    bytes[63] &= 0x1f;
    return { signature: bytes.subarray(0, 64), message: this.random.bytes(16), publicKey: bytes.subarray(64) };
  }

  /** R, s and key of limbs at their bounds; values of p and more among them. */
  private boundedLimbs(): SignedItem {
    const number = (): Uint8Array => {
      let value = 0n;
      for (let limb = 0n; limb < LIMBS; limb++) {
        value |= LIMB_BOUNDS[this.random.below(LIMB_BOUNDS.length)] << (LIMB_BITS * limb);
      }
      return littleEndian(value & ((1n << 256n) - 1n));
    };
    const s = number();
    s[31] &= 0x0f;
    return { signature: concatBytes(number(), s), message: this.random.bytes(16), publicKey: number() };
  }
}
