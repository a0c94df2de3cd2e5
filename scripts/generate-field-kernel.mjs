// Writes assembly/generated/fieldMultiply.ts and fieldConstants.ts: the straight-line kernels of the field of 2^255 - 19.
//
// An element has 20 signed limbs of 13 bits; four elements ("lanes") share ten vectors. In vector i the 32-bit lane n
// holds limbs 2i (low half) and 2i+1 (high half) of element n, so that one i32x4.dot_i16x8_s adds two limb products in
// each of the four lanes. 2^260 = 608 mod p folds the columns 20 to 38 back onto 0 to 19.
//
// Bounds: a "tight" element has limbs within 4099 of zero. The inputs of a product may be sums of m and n tight elements
// as long as m * n <= 6: 6 * 20 * 4099^2 + 608 * 2^14 + 2^19 is below 2^31, and so is every carry times 608. The output
// is tight.
import { writeGenerated } from "./generate-output.mjs";

const VECTORS = 10;
const LIMBS = 20;
const P = 2n ** 255n - 19n;

const lines = [];
const emit = (line) => lines.push(line);

/** Sums `terms`, each a pair of vectors for one dot product, onto the rounding constant. */
function columnSum(terms) {
  return terms.reduce((sum, [x, y]) => `i32x4.add(${sum}, i32x4.dot_i16x8_s(${x}, ${y}))`, "half");
}

/** Emits the operand orders that meet a pair (a[2i], a[2i+1]): even columns need (b[2j], b[2j-1]), odd (b[2j+1], b[2j]). */
function emitShuffledOperand(name) {
  for (let j = 0; j <= VECTORS; j++) {
    const low = j < VECTORS ? `${name}${j}` : "zero";
    const high = j > 0 ? `${name}${j - 1}` : "zero";
    emit(`  const even${j} = v128.shuffle<i16>(${low}, ${high}, 0, 9, 2, 11, 4, 13, 6, 15);`);
  }
  for (let j = 0; j < VECTORS; j++) {
    emit(`  const odd${j} = v128.shuffle<i16>(${name}${j}, ${name}${j}, 1, 0, 3, 2, 5, 4, 7, 6);`);
  }
}

/** Pairs of vectors whose dot products make column k of a product. */
function productColumn(k) {
  const terms = [];
  const middle = k >> 1;
  for (let i = 0; i < VECTORS; i++) {
    const j = middle - i;
    if (k % 2 === 0 && j >= 0 && j <= VECTORS) {
      terms.push([`a${i}`, `even${j}`]);
    } else if (k % 2 === 1 && j >= 0 && j < VECTORS) {
      terms.push([`a${i}`, `odd${j}`]);
    }
  }
  return terms;
}

/**
 * The same for a square: a product of two different limbs is taken once, doubled. `twice` holds (2a[2i], 2a[2i+1]); where
 * only a part of a pair lies left of the diagonal, `mixed` = (2a[2i], a[2i+1]), `first` = (a[2i], 0), `half` = (2a[2i], 0).
 */
function squareColumn(k) {
  const terms = [];
  const middle = k >> 1;
  for (let i = 0; i < VECTORS; i++) {
    const j = middle - i;
    if (k % 2 === 0 && j >= 0 && j <= VECTORS) {
      if (2 * i + 1 < middle) terms.push([`twice${i}`, `even${j}`]);
      else if (2 * i + 1 === middle) terms.push([`mixed${i}`, `even${j}`]);
      else if (2 * i === middle) terms.push([`first${i}`, `even${j}`]);
    } else if (k % 2 === 1 && j >= 0 && j < VECTORS) {
      if (2 * i + 1 <= middle) terms.push([`twice${i}`, `odd${j}`]);
      else if (2 * i <= middle) terms.push([`double${i}`, `odd${j}`]);
    }
  }
  return terms;
}

function emitSquareOperands() {
  const used = new Set();
  for (let k = 0; k < 2 * LIMBS - 1; k++) {
    for (const [x] of squareColumn(k)) used.add(x);
  }
  const pair = "0, 9, 2, 11, 4, 13, 6, 15";
  for (let i = 0; i < VECTORS; i++) {
    emit(`  const twice${i} = i16x8.add(a${i}, a${i});`);
    if (used.has(`mixed${i}`)) emit(`  const mixed${i} = v128.shuffle<i16>(twice${i}, a${i}, ${pair});`);
    if (used.has(`first${i}`)) emit(`  const first${i} = v128.shuffle<i16>(a${i}, zero, ${pair});`);
    if (used.has(`double${i}`)) emit(`  const double${i} = v128.shuffle<i16>(twice${i}, zero, ${pair});`);
  }
}

/** Carries the columns from 20 upward, then those from 0 with the upper ones folded in, and stores tight limbs. */
function emitReduction(column) {
  // Each column starts from 4096, so that the bits that stay are limb + 4096 and the carry is rounded. Forms that save the
  // subtraction below are slower: V8 then moves more of the operands to and from the stack.
  emit("  let carry: v128 = zero;");
  for (let k = LIMBS; k < 2 * LIMBS - 1; k++) {
    emit(`  let high${k} = i32x4.add(carry, ${columnSum(column(k))});`);
    emit(`  carry = i32x4.shr_s(high${k}, 13);`);
    emit(`  high${k} = v128.and(high${k}, mask);`);
  }
  emit(`  const high${2 * LIMBS - 1} = i32x4.add(carry, half);`);
  emit("  carry = zero;");
  for (let k = 0; k < LIMBS; k++) {
    const folded = `i32x4.dot_i16x8_s(i32x4.sub(high${k + LIMBS}, half), fold)`;
    emit(`  let low${k} = i32x4.add(i32x4.add(carry, ${columnSum(column(k))}), ${folded});`);
    emit(`  carry = i32x4.shr_s(low${k}, 13);`);
    emit(`  low${k} = v128.and(low${k}, mask);`);
  }
  // The last carry has up to 19 bits: a full multiplication, then two more steps make limb 0 and 1 tight.
  emit("  low0 = i32x4.add(low0, i32x4.mul(carry, fold));");
  for (let k = 0; k < 2; k++) {
    emit(`  carry = i32x4.shr_s(low${k}, 13);`);
    emit(`  low${k} = v128.and(low${k}, mask);`);
    emit(`  low${k + 1} = i32x4.add(low${k + 1}, carry);`);
  }
  // The last of these carries may be negative, and with it limb 2: halves are blended, because joining them with OR would
  // let the sign of a limb run into its neighbour.
  emit("  const half16 = i16x8.splat(4096);");
  for (let i = 0; i < VECTORS; i++) {
    const joined = `v128.shuffle<i16>(low${2 * i}, i32x4.shl(low${2 * i + 1}, 16), 0, 9, 2, 11, 4, 13, 6, 15)`;
    emit(`  v128.store(result, i16x8.sub(${joined}, half16), ${16 * i});`);
  }
}

function emitConstants() {
  emit("  const zero = i32x4.splat(0);");
  emit("  const half = i32x4.splat(4096);");
  emit("  const mask = i32x4.splat(8191);");
  emit("  const fold = i32x4.splat(608);");
}

function emitLoads(name, pointer) {
  for (let i = 0; i < VECTORS; i++) {
    emit(`  const ${name}${i} = v128.load(${pointer}, ${16 * i});`);
  }
}

emit("/** result = left * right in four lanes; result may be an operand. See the generator for bounds. */");
emit("export function multiply(result: usize, left: usize, right: usize): void {");
emitLoads("a", "left");
emitLoads("b", "right");
emitConstants();
emitShuffledOperand("b");
emitReduction(productColumn);
emit("}");
emit("");
emit("/** result = value^2 in four lanes; result may be the operand; value is a sum of at most two tight elements. */");
emit("export function square(result: usize, value: usize): void {");
emitLoads("a", "value");
emitConstants();
emitShuffledOperand("a");
emitSquareOperands();
emitReduction(squareColumn);
emit("}");
writeGenerated("fieldMultiply", "generate-field-kernel.mjs", lines);

function modulo(value) {
  return ((value % P) + P) % P;
}

function power(base, exponent) {
  let result = 1n;
  for (let b = modulo(base), e = exponent; e > 0n; e >>= 1n, b = modulo(b * b)) {
    if (e & 1n) result = modulo(result * b);
  }
  return result;
}

/** The 20 balanced limbs of `value` mod p. */
function limbsOf(value) {
  const limbs = [];
  let rest = modulo(value);
  for (let i = 0; i < LIMBS; i++) {
    let limb = Number(rest & 8191n);
    if (limb >= 4096) limb -= 8192;
    limbs.push(limb);
    rest = (rest - BigInt(limb)) >> 13n;
  }
  return limbs;
}

const inverse = (value) => power(value, P - 2n);
const d = modulo(-121665n * inverse(121666n));
const squareRootOfMinusOne = power(2n, (P - 1n) / 4n);
const baseY = modulo(4n * inverse(5n));
const baseXSquared = modulo((baseY * baseY - 1n) * inverse(d * baseY * baseY + 1n));
let baseX = power(baseXSquared, (P + 3n) / 8n);
if (modulo(baseX * baseX) !== baseXSquared) baseX = modulo(baseX * squareRootOfMinusOne);
if (baseX & 1n) baseX = P - baseX;

const constants = {
  ONE: ["the number 1", 1n],
  EDWARDS_D: ["d of the curve equation -x^2 + y^2 = 1 + d x^2 y^2", d],
  EDWARDS_2D: ["2d", 2n * d],
  SQUARE_ROOT_OF_MINUS_ONE: ["a square root of -1", squareRootOfMinusOne],
  HALF: ["1/2", inverse(2n)],
  BASE_X: ["x of the base point", baseX],
  BASE_Y: ["y of the base point: 4/5", baseY],
};
const constantLines = Object.entries(constants).flatMap(([name, [text, value]]) => [
  `/** Address of 20 limbs of 16 bits: ${text}. */`,
  `export const ${name}: usize = memory.data<i16>([${limbsOf(value).join(", ")}]);`,
]);
writeGenerated("fieldConstants", "generate-field-kernel.mjs", constantLines);
