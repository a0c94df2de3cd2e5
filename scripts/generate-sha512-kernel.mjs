// Writes assembly/generated/sha512Compress.ts: the compression function of SHA-512 (FIPS 180-4, 6.4.2), unrolled, so that
// its 80 constants are immediates and its message schedule of 16 words stays in registers and on the stack.
import { writeGenerated } from "./generate-output.mjs";

const ROUNDS = 80;

/** The first `count` primes. */
function primes(count) {
  const found = [];
  for (let candidate = 2; found.length < count; candidate++) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}

/** floor(value^(1/3)) by bisection. */
function cubeRoot(value) {
  let low = 0n;
  let high = 1n << 80n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle * middle * middle <= value) low = middle;
    else high = middle;
  }
  return low;
}

function squareRoot(value) {
  let low = 0n;
  let high = 1n << 80n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle * middle <= value) low = middle;
    else high = middle;
  }
  return low;
}

const FRACTION = (1n << 64n) - 1n;
const hex = (value) => `0x${value.toString(16).padStart(16, "0")}`;
/** The first 64 bits of the fractional parts of the cube roots of the first 80 primes. */
const roundConstants = primes(ROUNDS).map((prime) => hex(cubeRoot(BigInt(prime) << 192n) & FRACTION));
const initialState = primes(8).map((prime) => hex(squareRoot(BigInt(prime) << 128n) & FRACTION));

const lines = [];
const emit = (line) => lines.push(line);

emit("/** Sets the eight words at `state` to their initial values. */");
emit("export function sha512Start(state: usize): void {");
initialState.forEach((word, i) => {
  emit(`  store<u64>(state, ${word}, ${8 * i});`);
});
emit("}");
emit("");
emit("/** Mixes the 128 bytes at `block` into the eight words at `state`. */");
emit("export function sha512Compress(state: usize, block: usize): void {");
for (let i = 0; i < 16; i++) {
  emit(`  let w${i} = bswap<u64>(load<u64>(block, ${8 * i}));`);
}
const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
names.forEach((name, i) => {
  emit(`  let ${name} = load<u64>(state, ${8 * i});`);
});
for (let round = 0; round < ROUNDS; round++) {
  const word = `w${round % 16}`;
  if (round >= 16) {
    const before15 = `w${(round + 1) % 16}`;
    const before7 = `w${(round + 9) % 16}`;
    const before2 = `w${(round + 14) % 16}`;
    emit(
      `  ${word} += (rotr<u64>(${before15}, 1) ^ rotr<u64>(${before15}, 8) ^ (${before15} >> 7)) + ${before7} + ` +
        `(rotr<u64>(${before2}, 19) ^ rotr<u64>(${before2}, 61) ^ (${before2} >> 6));`,
    );
  }
  // The eight names rotate instead of the values.
  const [a, b, c, d, e, f, g, h] = names.map((_, i) => names[(i + 8 * ROUNDS - round) % 8]);
  emit(
    `  ${h} += (rotr<u64>(${e}, 14) ^ rotr<u64>(${e}, 18) ^ rotr<u64>(${e}, 41)) + ` +
      `(${g} ^ (${e} & (${f} ^ ${g}))) + ${roundConstants[round]} + ${word};`,
  );
  emit(`  ${d} += ${h};`);
  emit(
    `  ${h} += (rotr<u64>(${a}, 28) ^ rotr<u64>(${a}, 34) ^ rotr<u64>(${a}, 39)) + ` +
      `((${a} & ${b}) | (${c} & (${a} | ${b})));`,
  );
}
names.forEach((name, i) => {
  emit(`  store<u64>(state, load<u64>(state, ${8 * i}) + ${name}, ${8 * i});`);
});
emit("}");
writeGenerated("sha512Compress", "generate-sha512-kernel.mjs", lines);
