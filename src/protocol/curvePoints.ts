// Points and scalars of edwards25519 for the proofs that no kernel has: ring signatures and verifiable randomness. Encodings are
// strict: 32 bytes, canonical, never one of the eight points of small order. Not for secrets: time depends on the numbers.

import { ed25519 } from "@noble/curves/ed25519.js";
import { assert } from "../base/assert.js";

export const CurvePoint = ed25519.Point;
export type CurvePoint = InstanceType<typeof CurvePoint>;

/** The order of the base point. */
export const GROUP_ORDER = CurvePoint.Fn.ORDER;

/** The number that little-endian `bytes` hold. */
export function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) {
    value = (value << 8n) | BigInt(bytes[i]);
  }
  return value;
}

/** `value`, below 2^256, as 32 little-endian bytes. */
export function scalarBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  let rest = value;
  for (let i = 0; i < 32; i++) {
    bytes[i] = Number(rest & 255n);
    rest >>= 8n;
  }
  assert(rest === 0n, "a scalar fits 32 bytes");
  return bytes;
}

/** The scalar of 32 bytes; undefined unless it is below the group's order. */
export function decodeScalar(bytes: Uint8Array): bigint | undefined {
  const value = littleEndian(bytes);
  return bytes.length === 32 && value < GROUP_ORDER ? value : undefined;
}

/** The point of 32 canonical bytes; undefined for other bytes and for points of small order. */
export function decodePoint(bytes: Uint8Array): CurvePoint | undefined {
  try {
    const point = CurvePoint.fromBytes(bytes);
    return point.isSmallOrder() ? undefined : point;
  } catch {
    return undefined;
  }
}

/** A point's odd multiples, for `sumOfMultiples`. */
export interface OddMultiples {
  readonly windowBits: number;
  /** 1, 3, 5 … times the point. */
  readonly points: readonly CurvePoint[];
}

export function oddMultiples(point: CurvePoint, windowBits = 5): OddMultiples {
  const doubled = point.double();
  const points = [point];
  for (let i = 1; i < 1 << (windowBits - 2); i++) {
    points.push(points[i - 1].add(doubled));
  }
  return { windowBits, points };
}

let base: OddMultiples | undefined;

/** The base point's multiples, made once. */
export function baseMultiples(): OddMultiples {
  base ??= oddMultiples(CurvePoint.BASE, 8);
  return base;
}

/** Signed odd digits of `scalar`, lowest first, with zeros between them (the width-w non-adjacent form). */
function digitsOf(scalar: bigint, windowBits: number): number[] {
  const size = 1 << windowBits;
  const digits: number[] = [];
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    const low = Number(rest & BigInt(size - 1));
    const digit = low % 2 === 0 ? 0 : low > size / 2 ? low - size : low;
    rest -= BigInt(digit);
    digits.push(digit);
  }
  return digits;
}

/** first * a + second * b, in one pass of doublings. */
export function sumOfMultiples(first: bigint, a: OddMultiples, second: bigint, b: OddMultiples): CurvePoint {
  const terms = [
    { digits: digitsOf(first, a.windowBits), points: a.points },
    { digits: digitsOf(second, b.windowBits), points: b.points },
  ];
  let sum = CurvePoint.ZERO;
  for (let i = Math.max(terms[0].digits.length, terms[1].digits.length) - 1; i >= 0; i--) {
    sum = sum.double();
    for (const { digits, points } of terms) {
      const digit = digits[i] ?? 0;
      if (digit > 0) {
        sum = sum.add(points[digit >> 1]);
      } else if (digit < 0) {
        sum = sum.subtract(points[-digit >> 1]);
      }
    }
  }
  return sum;
}
