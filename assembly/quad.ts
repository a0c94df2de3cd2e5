// One point in the four lanes of one element: X, Y, Z, T (Hisil, Wong, Carter, Dawson 2008, section 5.2). Where a single
// signature is in hand, a doubling costs one square and one product instead of four of each.
//
// The cached form of a point has the lanes Y - X, Y + X, 2Z, 2dT. Formulas and bounds are those of point.ts. Temporaries 0 to 3 are
// overwritten by every function here, 6 to 7 by isIdentity too.
import { broadcast, carry, ELEMENT, freeze, setOne, zeroLanes } from "./field";
import { EDWARDS_2D } from "./generated/fieldConstants";
import { multiply, square } from "./generated/fieldMultiply";
import { temporary } from "./workspace";

// @ts-ignore: decorator
@inline
function maskLanes(x: i32, y: i32, z: i32, t: i32): v128 {
  let mask = i32x4.splat(x);
  mask = i32x4.replace_lane(mask, 1, y);
  mask = i32x4.replace_lane(mask, 2, z);
  return i32x4.replace_lane(mask, 3, t);
}

/** quad = the identity: 0, 1, 1, 0. */
export function setQuadIdentity(quad: usize): void {
  setOne(quad);
  const mask = maskLanes(0, -1, -1, 0);
  for (let i: usize = 0; i < ELEMENT; i += 16) {
    v128.store(quad + i, v128.and(v128.load(quad + i), mask));
  }
}

/** Four quads, 160 bytes apart at `quads`, from the four points in the lanes of `point` (640 bytes), or the reverse. */
export function splitPoint(quads: usize, point: usize): void {
  for (let i: usize = 0; i < ELEMENT; i += 16) {
    const x = v128.load(point + i);
    const y = v128.load(point + ELEMENT + i);
    const z = v128.load(point + 2 * ELEMENT + i);
    const t = v128.load(point + 3 * ELEMENT + i);
    const a = v128.shuffle<i32>(x, y, 0, 4, 1, 5);
    const b = v128.shuffle<i32>(z, t, 0, 4, 1, 5);
    const c = v128.shuffle<i32>(x, y, 2, 6, 3, 7);
    const d = v128.shuffle<i32>(z, t, 2, 6, 3, 7);
    v128.store(quads + i, v128.shuffle<i64>(a, b, 0, 2));
    v128.store(quads + ELEMENT + i, v128.shuffle<i64>(a, b, 1, 3));
    v128.store(quads + 2 * ELEMENT + i, v128.shuffle<i64>(c, d, 0, 2));
    v128.store(quads + 3 * ELEMENT + i, v128.shuffle<i64>(c, d, 1, 3));
  }
}

/** Vector `i` of X, Y, Z, X + Y. */
// @ts-ignore: decorator
@inline
function prepareSquares(squares: usize, quad: usize, i: usize): void {
  const p = v128.load(quad + i);
  const sum = v128.shuffle<i32>(p, i32x4.splat(0), 4, 4, 4, 1);
  v128.store(squares + i, i16x8.add(v128.shuffle<i32>(p, p, 0, 1, 2, 0), sum));
}

/**
 * Vector `i` of E, G, F, E and of F, H, G, H, where the lanes of the squares hold A = X^2, B = Y^2, Z^2 and S = (X + Y)^2:
 * E = A + B - S, F = A - B + 2 Z^2, G = A - B, H = A + B.
 */
// @ts-ignore: decorator
@inline
function combineSquares(left: usize, right: usize, squares: usize, i: usize, third: v128, notSecond: v128, first: v128): void {
  const s = v128.load(squares + i);
  const p = i16x8.add(s, v128.and(s, third));
  const m = i16x8.neg(p);
  const a = v128.shuffle<i32>(p, p, 0, 0, 0, 0);
  const ePart = v128.and(v128.shuffle<i32>(p, m, 7, 7, 2, 7), notSecond);
  const fPart = v128.and(v128.shuffle<i32>(p, p, 2, 2, 2, 2), first);
  v128.store(left + i, i16x8.add(i16x8.add(a, v128.shuffle<i32>(p, m, 1, 5, 5, 1)), ePart));
  v128.store(right + i, i16x8.add(i16x8.add(a, v128.shuffle<i32>(p, m, 5, 1, 5, 1)), fPart));
}

/** quad = 2 quad, `count` times. */
export function doubleQuad(quad: usize, count: i32): void {
  const squares = temporary(0);
  const left = temporary(1);
  const right = temporary(2);
  const third = maskLanes(0, 0, -1, 0);
  const notSecond = maskLanes(-1, 0, -1, -1);
  const first = maskLanes(-1, 0, 0, 0);
  for (let n = 0; n < count; n++) {
    prepareSquares(squares, quad, 0);
    prepareSquares(squares, quad, 16);
    prepareSquares(squares, quad, 32);
    prepareSquares(squares, quad, 48);
    prepareSquares(squares, quad, 64);
    prepareSquares(squares, quad, 80);
    prepareSquares(squares, quad, 96);
    prepareSquares(squares, quad, 112);
    prepareSquares(squares, quad, 128);
    prepareSquares(squares, quad, 144);
    square(squares, squares);
    combineSquares(left, right, squares, 0, third, notSecond, first);
    combineSquares(left, right, squares, 16, third, notSecond, first);
    combineSquares(left, right, squares, 32, third, notSecond, first);
    combineSquares(left, right, squares, 48, third, notSecond, first);
    combineSquares(left, right, squares, 64, third, notSecond, first);
    combineSquares(left, right, squares, 80, third, notSecond, first);
    combineSquares(left, right, squares, 96, third, notSecond, first);
    combineSquares(left, right, squares, 112, third, notSecond, first);
    combineSquares(left, right, squares, 128, third, notSecond, first);
    combineSquares(left, right, squares, 144, third, notSecond, first);
    carry(right, right);
    multiply(quad, left, right);
  }
}

/** Vector `i` of Y - X, Y + X, Z, T. */
// @ts-ignore: decorator
@inline
function crossCoordinates(result: usize, quad: usize, i: usize): void {
  const p = v128.load(quad + i);
  const x = v128.shuffle<i32>(i16x8.neg(p), p, 0, 4, 0, 0);
  const kept = v128.shuffle<i32>(x, i32x4.splat(0), 0, 1, 4, 4);
  v128.store(result + i, i16x8.add(v128.shuffle<i32>(p, p, 1, 1, 2, 3), kept));
}

// @ts-ignore: decorator
@inline
function crossAll(result: usize, quad: usize): void {
  crossCoordinates(result, quad, 0);
  crossCoordinates(result, quad, 16);
  crossCoordinates(result, quad, 32);
  crossCoordinates(result, quad, 48);
  crossCoordinates(result, quad, 64);
  crossCoordinates(result, quad, 80);
  crossCoordinates(result, quad, 96);
  crossCoordinates(result, quad, 112);
  crossCoordinates(result, quad, 128);
  crossCoordinates(result, quad, 144);
}

/**
 * Vector `i` of E, G, F, E and of F, H, G, H of an addition, where the lanes at `left` hold A, B, D, C: E = B - A, F = D - C,
 * G = D + C, H = B + A.
 */
// @ts-ignore: decorator
@inline
function combineProducts(left: usize, right: usize, i: usize): void {
  const p = v128.load(left + i);
  const m = i16x8.neg(p);
  v128.store(left + i, i16x8.add(v128.shuffle<i32>(p, p, 1, 2, 2, 1), v128.shuffle<i32>(p, m, 4, 3, 7, 4)));
  v128.store(right + i, i16x8.add(v128.shuffle<i32>(p, p, 2, 1, 2, 1), v128.shuffle<i32>(p, m, 7, 0, 3, 0)));
}

/** result = the cached form of a quad. */
export function cacheQuad(result: usize, quad: usize): void {
  const factors = temporary(0);
  const ones = temporary(1);
  broadcast(factors, EDWARDS_2D);
  setOne(ones);
  const third = maskLanes(0, 0, -1, 0);
  const fourth = maskLanes(0, 0, 0, -1);
  for (let i: usize = 0; i < ELEMENT; i += 16) {
    const one = v128.load(ones + i);
    const doubled = i16x8.add(one, v128.and(one, third));
    v128.store(factors + i, v128.bitselect(v128.load(factors + i), doubled, fourth));
  }
  crossAll(ones, quad);
  multiply(result, ones, factors);
}

/** quad += the point whose cached form is at `cached`, or its opposite. */
export function addQuad(quad: usize, cached: usize, opposite: bool): void {
  const left = temporary(0);
  const right = temporary(1);
  crossAll(left, quad);
  if (opposite) {
    const fourth = maskLanes(0, 0, 0, -1);
    for (let i: usize = 0; i < ELEMENT; i += 16) {
      const c = v128.load(cached + i);
      const swapped = v128.shuffle<i32>(c, c, 1, 0, 2, 3);
      v128.store(right + i, i16x8.sub(v128.xor(swapped, fourth), fourth));
    }
    multiply(left, left, right);
  } else {
    multiply(left, left, cached);
  }
  combineProducts(left, right, 0);
  combineProducts(left, right, 16);
  combineProducts(left, right, 32);
  combineProducts(left, right, 48);
  combineProducts(left, right, 64);
  combineProducts(left, right, 80);
  combineProducts(left, right, 96);
  combineProducts(left, right, 112);
  combineProducts(left, right, 128);
  combineProducts(left, right, 144);
  multiply(quad, left, right);
}

/** Whether the point is the identity: X = 0 and Y = Z. */
export function isQuadIdentity(quad: usize): bool {
  const difference = temporary(0);
  const zero = i32x4.splat(0);
  for (let i: usize = 0; i < ELEMENT; i += 16) {
    const p = v128.load(quad + i);
    v128.store(difference + i, i16x8.sub(v128.shuffle<i32>(p, zero, 0, 1, 4, 4), v128.shuffle<i32>(p, zero, 4, 2, 4, 4)));
  }
  freeze(temporary(6), difference);
  return i32x4.all_true(zeroLanes(temporary(6)));
}
