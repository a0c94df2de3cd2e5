// One signature alone. Without a table of its key the four lanes are the coordinates of one point (quad.ts); multiples from
// tables are summed with four windows in the lanes (addSpread).
import { ELEMENT } from "./field";
import { completeAffine, decompress, setIdentity } from "./point";
import { addQuad, cacheQuad, doubleQuad, isQuadIdentity, setQuadIdentity, splitPoint } from "./quad";
import { recode } from "./scalar";
import { addSpread } from "./ed25519Multiples";
import { baseBits, baseTableAt, windowsOf } from "./ed25519Tables";
import { challengeOf, digitsOf, keyOf, signatureOf, temporary, verdictOf } from "./workspace";

const BITS: u32 = 4;
const MULTIPLES: i32 = 1 << (<i32>BITS - 1);

/** Judges one signature: [8](sB - kA - R) = 0. */
export function checkSingle(index: usize): void {
  const point = temporary(20);
  const valid = i32x4.bitmask(decompress(point, signatureOf(index), keyOf(index), keyOf(index), keyOf(index)));
  if ((valid & 3) != 3) {
    store<u8>(verdictOf(index), 0);
    return;
  }
  completeAffine(point);
  const quads = temporary(24);
  splitPoint(quads, point);
  const nonce = temporary(28);
  cacheQuad(nonce, quads);
  const multiples = temporary(30);
  makeMultiples(multiples, quads + ELEMENT);
  const sum = temporary(29);
  multiplyKey(sum, multiples, challengeOf(index));
  setIdentity(point);
  addSpread(point, signatureOf(index) + 32, baseTableAt(), baseBits, false);
  splitPoint(quads, point);
  for (let lane: usize = 0; lane < 4; lane++) {
    cacheQuad(multiples, quads + ELEMENT * lane);
    addQuad(sum, multiples, false);
  }
  addQuad(sum, nonce, true);
  doubleQuad(sum, 3);
  store<u8>(verdictOf(index), isQuadIdentity(sum) ? 1 : 0);
}

/** The cached forms of 1 to 8 times a quad, ELEMENT bytes apart. */
function makeMultiples(multiples: usize, quad: usize): void {
  const point = temporary(40);
  memory.copy(point, quad, ELEMENT);
  cacheQuad(multiples, quad);
  for (let digit = 1; digit < MULTIPLES; digit++) {
    addQuad(point, multiples, false);
    cacheQuad(multiples + ELEMENT * <usize>digit, point);
  }
}

/** sum = -scalar times the point whose multiples are given. */
function multiplyKey(sum: usize, multiples: usize, scalar: usize): void {
  const digits = digitsOf(0);
  const windows = windowsOf(BITS);
  recode(digits, 2, scalar, 32, BITS, windows, true);
  setQuadIdentity(sum);
  for (let window = windows - 1; window >= 0; window--) {
    if (window < windows - 1) {
      doubleQuad(sum, <i32>BITS);
    }
    const digit = <i32>load<i16>(digits + 2 * <usize>window);
    if (digit != 0) {
      addQuad(sum, multiples + ELEMENT * <usize>(abs(digit) - 1), digit < 0);
    }
  }
}
