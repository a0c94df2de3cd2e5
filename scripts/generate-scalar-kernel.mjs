// Writes assembly/generated/scalarReduce.ts: arithmetic modulo L = 2^252 + c, the order of the base point, straight-line
// and free of branches, because signing uses it on secrets.
//
// A scalar has 12 limbs of 21 bits in signed 64-bit words. 2^252 = -c mod L, so that a limb at position i >= 12 is folded
// onto the six limbs from i - 12 on with the digits of -c below; carries between the folds keep every word within 63 bits
// (the schedule of Bernstein's reference implementation, whose bounds hold for every 512-bit input).
import { writeGenerated } from "./generate-output.mjs";

const LIMBS = 12;
const FOLD = [666643, 470296, 654183, -997805, 136657, -683901];

const lines = [];
const emit = (line) => lines.push(line);

/** Loads limb i of a number of `byteLength` bytes; the last limb takes all bits that remain. */
function limbExpression(pointer, i, limbCount, byteLength) {
  const bit = 21 * i;
  // A load of eight bytes must not run past the number's end.
  const byte = Math.min(bit >> 3, byteLength - 8);
  const shift = bit - 8 * byte;
  const word = `load<u64>(${pointer}, ${byte})`;
  const shifted = shift === 0 ? word : `${word} >> ${shift}`;
  return i === limbCount - 1 ? `<i64>(${shifted})` : `<i64>((${shifted}) & 0x1fffff)`;
}

function emitFold(i) {
  FOLD.forEach((digit, j) => {
    emit(`  s${i - LIMBS + j} += s${i} * ${digit};`);
  });
  emit(`  s${i} = 0;`);
}

/** Moves what exceeds 21 bits of limb i upward: rounded to nearest, or down where the result must be non-negative. */
function emitCarry(i, rounded) {
  emit(rounded ? `  carry = (s${i} + (1 << 20)) >> 21;` : `  carry = s${i} >> 21;`);
  emit(`  s${i + 1} += carry;`);
  emit(`  s${i} -= carry << 21;`);
}

function range(first, last, step) {
  const values = [];
  for (let i = first; step > 0 ? i <= last : i >= last; i += step) values.push(i);
  return values;
}

function emitReduceAndStore() {
  for (const i of range(23, 18, -1)) emitFold(i);
  for (const i of range(6, 16, 2)) emitCarry(i, true);
  for (const i of range(7, 15, 2)) emitCarry(i, true);
  for (const i of range(17, 12, -1)) emitFold(i);
  for (const i of range(0, 10, 2)) emitCarry(i, true);
  for (const i of range(1, 11, 2)) emitCarry(i, true);
  emitFold(12);
  for (const i of range(0, 11, 1)) emitCarry(i, false);
  emitFold(12);
  for (const i of range(0, 10, 1)) emitCarry(i, false);
  for (let word = 0; word < 4; word++) {
    const parts = [];
    for (let i = 0; i < LIMBS; i++) {
      const shift = 21 * i - 64 * word;
      if (shift <= -21 || shift >= 64) continue;
      const limb = `<u64>s${i}`;
      parts.push(shift < 0 ? `(${limb} >> ${-shift})` : shift === 0 ? limb : `(${limb} << ${shift})`);
    }
    emit(`  store<u64>(result, ${parts.join(" | ")}, ${8 * word});`);
  }
}

emit("/** result (32 bytes) = the 64 bytes at `wide`, little-endian, mod L. */");
emit("export function reduceWide(result: usize, wide: usize): void {");
for (let i = 0; i < 2 * LIMBS; i++) {
  emit(`  let s${i}: i64 = ${limbExpression("wide", i, 2 * LIMBS, 64)};`);
}
emit("  let carry: i64;");
emitReduceAndStore();
emit("}");
emit("");
emit("/** result = left * right + addend mod L, each of 32 bytes, any value below 2^256. */");
emit("export function multiplyAdd(result: usize, left: usize, right: usize, addend: usize): void {");
for (const [name, pointer] of [
  ["a", "left"],
  ["b", "right"],
  ["c", "addend"],
]) {
  for (let i = 0; i < LIMBS; i++) {
    emit(`  const ${name}${i}: i64 = ${limbExpression(pointer, i, LIMBS, 32)};`);
  }
}
for (let k = 0; k < 2 * LIMBS; k++) {
  const terms = k < LIMBS ? [`c${k}`] : [];
  for (let i = 0; i < LIMBS; i++) {
    if (k - i >= 0 && k - i < LIMBS) terms.push(`a${i} * b${k - i}`);
  }
  emit(`  let s${k}: i64 = ${terms.length > 0 ? terms.join(" + ") : "0"};`);
}
emit("  let carry: i64;");
for (const i of range(0, 22, 2)) emitCarry(i, true);
for (const i of range(1, 21, 2)) emitCarry(i, true);
emitReduceAndStore();
emit("}");
writeGenerated("scalarReduce", "generate-scalar-kernel.mjs", lines);
