// Points of the curve -x^2 + y^2 = 1 + d x^2 y^2, four in lanes, in extended coordinates (X, Y, Z, T = XY / Z), 640 bytes,
// every coordinate tight. The addition formulas (Hisil, Wong, Carter, Dawson 2008) are complete on this curve: they hold for
// equal points, opposite points, the identity and points of small order, so that no case is special.
//
// A prepared ("Niels") affine point is (y + x) / 2, (y - x) / 2, d x y: with the halves every sum stays within two tight elements.
// Temporaries 0 to 7 are overwritten by every function here, 8 to 15 by decompression as well.
import {
  add,
  broadcast,
  carry,
  copy,
  ELEMENT,
  freeze,
  gather,
  gatherElement,
  loadLane,
  negateWhere,
  oddLanes,
  PACKED,
  powerForRoot,
  scatter,
  select,
  setOne,
  subtract,
  zeroLanes,
} from "./field";
import { EDWARDS_2D, EDWARDS_D, HALF, SQUARE_ROOT_OF_MINUS_ONE } from "./generated/fieldConstants";
import { multiply, square } from "./generated/fieldMultiply";
import { POINT, temporary } from "./workspace";

export const X: usize = 0;
export const Y: usize = ELEMENT;
export const Z: usize = 2 * ELEMENT;
export const T: usize = 3 * ELEMENT;
/** Bytes of the prepared form in four lanes. */
export const PREPARED: usize = 3 * ELEMENT;

export function setIdentity(point: usize): void {
  memory.fill(point, 0, POINT);
  setOne(point + Y);
  setOne(point + Z);
}

/** From E, F, G, H in temporaries 4 to 7 to the point. */
// @ts-ignore: decorator
@inline
function complete(point: usize): void {
  multiply(point + X, temporary(4), temporary(5));
  multiply(point + Y, temporary(6), temporary(7));
  multiply(point + Z, temporary(5), temporary(6));
  multiply(point + T, temporary(4), temporary(7));
}

/** Vector `i` of E = B - A, F = D - C, G = D + C, H = B + A, to temporaries 4 to 7. */
// @ts-ignore: decorator
@inline
function crossVector(i: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(temporary(4) + i, i16x8.sub(b, a));
  v128.store(temporary(5) + i, i16x8.sub(d, c));
  v128.store(temporary(6) + i, i16x8.add(d, c));
  v128.store(temporary(7) + i, i16x8.add(b, a));
}

/** The same from A, B, C, D in temporaries 0 to 3. */
// @ts-ignore: decorator
@inline
function crossTemporaries(i: usize): void {
  const a = v128.load(temporary(0) + i);
  const b = v128.load(temporary(1) + i);
  crossVector(i, a, b, v128.load(temporary(2) + i), v128.load(temporary(3) + i));
}

/** The same for an affine addend: D is Z, and C turns round where `negative` is all ones. */
// @ts-ignore: decorator
@inline
function crossPrepared(i: usize, z: usize, negative: v128): void {
  const c = i16x8.sub(v128.xor(v128.load(temporary(2) + i), negative), negative);
  crossVector(i, v128.load(temporary(0) + i), v128.load(temporary(1) + i), c, v128.load(z + i));
}

/** Vector `i` of E, F, G, H of a doubling, all negated, which leaves the point as it is. */
// @ts-ignore: decorator
@inline
function crossDoubling(i: usize): void {
  const a = v128.load(temporary(0) + i);
  const b = v128.load(temporary(1) + i);
  const z = v128.load(temporary(2) + i);
  const h = i16x8.add(a, b);
  const g = i16x8.sub(a, b);
  v128.store(temporary(4) + i, i16x8.sub(h, v128.load(temporary(3) + i)));
  v128.store(temporary(5) + i, i16x8.add(g, i16x8.add(z, z)));
  v128.store(temporary(6) + i, g);
  v128.store(temporary(7) + i, h);
}

/** point += the prepared point at `prepared` (480 bytes); its third coordinate's sign flips where `negative` is all ones. */
export function addPrepared(point: usize, prepared: usize, negative: v128): void {
  const a = temporary(0);
  const b = temporary(1);
  add(b, point + Y, point + X);
  multiply(b, b, prepared);
  subtract(a, point + Y, point + X);
  multiply(a, a, prepared + ELEMENT);
  const c = temporary(2);
  multiply(c, point + T, prepared + 2 * ELEMENT);
  crossPrepared(0, point + Z, negative);
  crossPrepared(16, point + Z, negative);
  crossPrepared(32, point + Z, negative);
  crossPrepared(48, point + Z, negative);
  crossPrepared(64, point + Z, negative);
  crossPrepared(80, point + Z, negative);
  crossPrepared(96, point + Z, negative);
  crossPrepared(112, point + Z, negative);
  crossPrepared(128, point + Z, negative);
  crossPrepared(144, point + Z, negative);
  complete(point);
}

/**
 * Gathers prepared points from four table entries (packed, 128 bytes each) for addPrepared; where the offset `swap<n>` is
 * PACKED instead of 0, lane n gets the opposite point's first two coordinates.
 */
// @ts-ignore: decorator
@inline
export function gatherPrepared(
  result: usize,
  e0: usize,
  e1: usize,
  e2: usize,
  e3: usize,
  swap0: usize,
  swap1: usize,
  swap2: usize,
  swap3: usize,
): void {
  gatherElement(result, e0 + swap0, e1 + swap1, e2 + swap2, e3 + swap3);
  gatherElement(
    result + ELEMENT,
    e0 + PACKED - swap0,
    e1 + PACKED - swap1,
    e2 + PACKED - swap2,
    e3 + PACKED - swap3,
  );
  gatherElement(result + 2 * ELEMENT, e0 + 2 * PACKED, e1 + 2 * PACKED, e2 + 2 * PACKED, e3 + 2 * PACKED);
}

/** result = Y + X, Y - X, 2Z, 2dT of a point: what addCached takes (640 bytes, each a sum of at most two). */
export function toCached(result: usize, point: usize): void {
  add(result, point + Y, point + X);
  subtract(result + ELEMENT, point + Y, point + X);
  add(result + 2 * ELEMENT, point + Z, point + Z);
  broadcast(temporary(0), EDWARDS_2D);
  multiply(result + 3 * ELEMENT, point + T, temporary(0));
}

/** point += the point whose cached form is at `cached`. */
export function addCached(point: usize, cached: usize): void {
  const a = temporary(0);
  const b = temporary(1);
  add(b, point + Y, point + X);
  multiply(b, b, cached);
  subtract(a, point + Y, point + X);
  multiply(a, a, cached + ELEMENT);
  multiply(temporary(2), point + T, cached + 3 * ELEMENT);
  multiply(temporary(3), point + Z, cached + 2 * ELEMENT);
  crossTemporaries(0);
  crossTemporaries(16);
  crossTemporaries(32);
  crossTemporaries(48);
  crossTemporaries(64);
  crossTemporaries(80);
  crossTemporaries(96);
  crossTemporaries(112);
  crossTemporaries(128);
  crossTemporaries(144);
  complete(point);
}

/** Negates the cached form in the lanes of `negative`. */
export function negateCached(cached: usize, negative: v128): void {
  for (let i: usize = 0; i < ELEMENT; i += 16) {
    const plus = v128.load(cached + i);
    const minus = v128.load(cached + ELEMENT + i);
    v128.store(cached + i, v128.bitselect(minus, plus, negative));
    v128.store(cached + ELEMENT + i, v128.bitselect(plus, minus, negative));
  }
  negateWhere(cached + 3 * ELEMENT, cached + 3 * ELEMENT, negative);
}

/** point = 2 point, `count` times. */
export function doubleTimes(point: usize, count: i32): void {
  for (let n = 0; n < count; n++) {
    const a = temporary(0);
    const b = temporary(1);
    const z = temporary(2);
    const e = temporary(3);
    square(a, point + X);
    square(b, point + Y);
    square(z, point + Z);
    add(e, point + X, point + Y);
    square(e, e);
    crossDoubling(0);
    crossDoubling(16);
    crossDoubling(32);
    crossDoubling(48);
    crossDoubling(64);
    crossDoubling(80);
    crossDoubling(96);
    crossDoubling(112);
    crossDoubling(128);
    crossDoubling(144);
    // F is a sum of four and E of three: too much for one product.
    carry(temporary(5), temporary(5));
    complete(point);
  }
}

/** Prepared form of affine points: x and y are sums of at most two, in four lanes; 480 bytes at `result`. */
export function prepare(result: usize, x: usize, y: usize): void {
  const half = temporary(0);
  broadcast(half, HALF);
  add(temporary(1), y, x);
  subtract(temporary(2), y, x);
  multiply(temporary(3), x, y);
  multiply(result, temporary(1), half);
  multiply(result + ELEMENT, temporary(2), half);
  broadcast(temporary(1), EDWARDS_D);
  multiply(result + 2 * ELEMENT, temporary(3), temporary(1));
}

/** Writes a prepared form from four lanes to four packed entries of 128 bytes. */
export function scatterPrepared(prepared: usize, e0: usize, e1: usize, e2: usize, e3: usize): void {
  // The last 16 bytes read run into the element behind: the caller leaves 32 bytes there.
  scatter(prepared, e0, e1, e2, e3, 128);
}

/**
 * Decompresses four encodings of 32 bytes as ZIP-215 does: y may be p or more, and x = 0 may carry a sign.
 * Writes x and y (tight) to `point` and `point + ELEMENT`; returns the mask of the lanes that hold a point.
 */
export function decompress(point: usize, b0: usize, b1: usize, b2: usize, b3: usize): v128 {
  const x = point + X;
  const y = point + Y;
  loadLane(y, 0, b0);
  loadLane(y, 1, b1);
  loadLane(y, 2, b2);
  loadLane(y, 3, b3);
  carry(y, y);
  const u = temporary(8);
  const v = temporary(9);
  const uv7 = temporary(10);
  const one = temporary(11);
  setOne(one);
  square(temporary(0), y);
  subtract(u, temporary(0), one);
  broadcast(v, EDWARDS_D);
  multiply(v, v, temporary(0));
  add(v, v, one);
  carry(u, u);
  carry(v, v);
  // x = u v^3 (u v^7)^((p - 5) / 8)
  square(temporary(1), v);
  multiply(temporary(1), temporary(1), v);
  multiply(temporary(2), temporary(1), u);
  square(temporary(1), temporary(1));
  multiply(temporary(1), temporary(1), v);
  multiply(uv7, temporary(1), u);
  copy(temporary(12), temporary(2));
  powerForRoot(temporary(3), uv7, temporary(4));
  multiply(x, temporary(3), temporary(12));
  // v x^2 is u, or -u and x lacks a square root of -1, or there is no point.
  square(temporary(0), x);
  multiply(temporary(0), temporary(0), v);
  const columns = temporary(14);
  subtract(temporary(1), temporary(0), u);
  freeze(columns, temporary(1));
  const direct = zeroLanes(columns);
  add(temporary(1), temporary(0), u);
  freeze(columns, temporary(1));
  const turned = zeroLanes(columns);
  broadcast(temporary(0), SQUARE_ROOT_OF_MINUS_ONE);
  multiply(temporary(0), temporary(0), x);
  select(x, temporary(0), x, v128.andnot(turned, direct));
  freeze(columns, x);
  let sign = i32x4.splat(0);
  sign = i32x4.replace_lane(sign, 0, load<u8>(b0, 31) >> 7);
  sign = i32x4.replace_lane(sign, 1, load<u8>(b1, 31) >> 7);
  sign = i32x4.replace_lane(sign, 2, load<u8>(b2, 31) >> 7);
  sign = i32x4.replace_lane(sign, 3, load<u8>(b3, 31) >> 7);
  negateWhere(x, x, v128.xor(oddLanes(columns), i32x4.neg(sign)));
  return v128.or(direct, turned);
}

/** Completes an affine point whose x and y stand in place: Z = 1, T = xy. */
export function completeAffine(point: usize): void {
  setOne(point + Z);
  multiply(point + T, point + X, point + Y);
}

/** The mask of the lanes whose point is the identity. */
export function identityLanes(point: usize): v128 {
  const columns = temporary(6);
  freeze(columns, point + X);
  const xIsZero = zeroLanes(columns);
  subtract(temporary(0), point + Y, point + Z);
  freeze(columns, temporary(0));
  return v128.and(xIsZero, zeroLanes(columns));
}

/** Gathers four packed points of 160 bytes. */
// @ts-ignore: decorator
@inline
export function gatherPoint(point: usize, p0: usize, p1: usize, p2: usize, p3: usize): void {
  gather(point, p0, p1, p2, p3, 160);
}

// @ts-ignore: decorator
@inline
export function scatterPoint(point: usize, p0: usize, p1: usize, p2: usize, p3: usize): void {
  scatter(point, p0, p1, p2, p3, 160);
}
