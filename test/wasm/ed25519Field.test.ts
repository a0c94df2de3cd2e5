// The kernel's arithmetic against BigInt, with limbs at their bounds: random limbs nearly never reach what overflows. The parts
// are compiled here, as the product's binary exports none of them.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { beforeAll, describe, expect, test } from "vitest";

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const TIGHT = 4099;
const LANES = 4;
const LIMBS = 20;
const ENTRY = `
export { multiply, square } from "./assembly/generated/fieldMultiply";
export { carry, freeze, invert, loadLane, storeLane } from "./assembly/field";
export { multiplyAdd, reduceWide } from "./assembly/generated/scalarReduce";
export { isBelowOrder, recode, takeSmallerAbsolute } from "./assembly/scalar";
export { assign, workspaceBytes } from "./assembly/workspace";
`;

interface Parts {
  assign(region: number, seed0: bigint, seed1: bigint): void;
  workspaceBytes(): number;
  multiply(result: number, left: number, right: number): void;
  square(result: number, value: number): void;
  carry(result: number, value: number): void;
  freeze(columns: number, value: number): void;
  invert(result: number, value: number, scratch: number): void;
  loadLane(result: number, lane: number, bytes: number): void;
  storeLane(bytes: number, columns: number, lane: number): void;
  multiplyAdd(result: number, left: number, right: number, addend: number): void;
  reduceWide(result: number, wide: number): void;
  isBelowOrder(scalar: number): number;
  recode(
    digits: number,
    stride: number,
    scalar: number,
    bytes: number,
    bits: number,
    count: number,
    negative: number,
  ): void;
  takeSmallerAbsolute(scalar: number): number;
}

let parts: Parts;
let memory: WebAssembly.Memory;
/** Addresses of elements, 160 bytes each, and behind them bytes. */
const A = 65536;
const B = A + 160;
const R = B + 160;
const COLUMNS = R + 160;
const SCRATCH = COLUMNS + 320;
const BYTES = SCRATCH + 640;

beforeAll(async () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const written = ["field", "scalar", "sha512"].map((name) =>
    spawnSync(process.execPath, [`scripts/generate-${name}-kernel.mjs`], { cwd: root }),
  );
  expect(written.map((run) => run.status)).toEqual([0, 0, 0]);
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      "entry.ts",
      "-o",
      "out.wasm",
      "-O3",
      "--runtime",
      "stub",
      "--importMemory",
      "--enable",
      "simd",
      "--enable",
      "bulk-memory",
      "--enable",
      "threads",
    ].concat(["--disableWarning"]),
    {
      readFile: (name) => {
        if (name === "entry.ts") {
          return ENTRY;
        }
        try {
          return readFileSync(`${root}/${name}`, "utf8");
        } catch {
          return null;
        }
      },
      writeFile: (_name, contents) => {
        binary = contents as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  expect(error, stderr.toString()).toBe(null);
  memory = new WebAssembly.Memory({ initial: 200 });
  const abort = (): never => {
    throw new Error("the kernel aborted");
  };
  const module = await WebAssembly.compile(binary as Uint8Array<ArrayBuffer>);
  parts = (await WebAssembly.instantiate(module, { env: { memory, abort } })).exports as unknown as Parts;
  parts.assign(2 * 65536, 1n, 2n);
});

type Element = number[][];

/** Limb i of lane n at its place among 16-bit words. */
const placeOf = (lane: number, limb: number): number => 8 * (limb >> 1) + 2 * lane + (limb & 1);

function write(at: number, lanes: Element): void {
  const words = new Int16Array(memory.buffer, at, 80);
  lanes.forEach((limbs, lane) => {
    limbs.forEach((limb, i) => {
      words[placeOf(lane, i)] = limb;
    });
  });
}

function read(at: number): Element {
  const words = new Int16Array(memory.buffer, at, 80);
  return Array.from({ length: LANES }, (_, lane) => Array.from({ length: LIMBS }, (_, i) => words[placeOf(lane, i)]));
}

const modulo = (value: bigint, by = P): bigint => ((value % by) + by) % by;
const numberOf = (limbs: number[]): bigint =>
  modulo(limbs.reduceRight((value, limb) => (value << 13n) + BigInt(limb), 0n));

/** A small generator with a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Elements of many kinds with limbs up to `bound`: all at one end, alternating, mostly at the ends, anywhere, few non-zero. */
function elementOf(kind: number, bound: number, random: () => number): number[] {
  const sign = random() < 0.5 ? -1 : 1;
  const anywhere = (): number => Math.round((2 * random() - 1) * bound);
  return Array.from({ length: LIMBS }, (_, i) => {
    switch (kind % 6) {
      case 0:
        return sign * bound;
      case 1:
        return i % 2 === 0 ? sign * bound : -sign * bound;
      case 2:
        return random() < 0.5 ? bound : -bound;
      case 3:
        return random() < 0.9 ? sign * bound : anywhere();
      case 4:
        return anywhere();
      default:
        return random() < 0.2 ? anywhere() : 0;
    }
  });
}

const lanesOf = (kind: number, bound: number, random: () => number): Element =>
  Array.from({ length: LANES }, (_, lane) => elementOf(kind + lane, bound, random));

function isTight(lanes: Element): boolean {
  return lanes.every((limbs) => limbs.every((limb) => Math.abs(limb) <= TIGHT));
}

describe("the field", () => {
  test("multiplies sums of tight elements up to their bounds, into tight elements", () => {
    const random = randomFrom(11);
    for (const [m, n] of [
      [1, 1],
      [2, 2],
      [2, 3],
      [3, 2],
      [1, 6],
      [6, 1],
    ]) {
      for (let run = 0; run < 300; run++) {
        const [a, b] = [lanesOf(run, m * TIGHT, random), lanesOf(Math.floor(run / 6), n * TIGHT, random)];
        write(A, a);
        write(B, b);
        parts.multiply(R, A, B);
        const result = read(R);
        expect(isTight(result), `${m} * ${n}, run ${run}`).toBe(true);
        expect(result.map(numberOf)).toEqual(a.map((limbs, lane) => modulo(numberOf(limbs) * numberOf(b[lane]))));
      }
    }
  });

  test("squares what it multiplies, in place too", () => {
    const random = randomFrom(12);
    for (let run = 0; run < 1200; run++) {
      const a = lanesOf(run, ((run % 2) + 1) * TIGHT, random);
      write(A, a);
      parts.square(A, A);
      expect(isTight(read(A)), `run ${run}`).toBe(true);
      expect(read(A).map(numberOf)).toEqual(a.map((limbs) => modulo(numberOf(limbs) ** 2n)));
      write(B, a);
      write(A, a);
      parts.multiply(B, A, B);
      expect(read(B).map(numberOf)).toEqual(a.map((limbs) => modulo(numberOf(limbs) ** 2n)));
    }
  });

  test("carries without changing a value", () => {
    const random = randomFrom(13);
    for (let run = 0; run < 1200; run++) {
      const a = lanesOf(run, [TIGHT, 2 * TIGHT, 4 * TIGHT, 24_500][run % 4], random);
      write(A, a);
      parts.carry(A, A);
      expect(isTight(read(A)), `run ${run}`).toBe(true);
      expect(read(A).map(numberOf)).toEqual(a.map(numberOf));
    }
  });

  test("freezes to the one encoding below p, from any limbs, p and its neighbours included", () => {
    const random = randomFrom(14);
    const bytes = (): bigint =>
      new Uint8Array(memory.buffer, BYTES, 32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
    const frozen = (lanes: Element): bigint[] => {
      write(A, lanes);
      parts.freeze(COLUMNS, A);
      return lanes.map((_, lane) => {
        parts.storeLane(BYTES, COLUMNS, lane);
        return bytes();
      });
    };
    for (let run = 0; run < 1200; run++) {
      const a = lanesOf(run, [TIGHT, 2 * TIGHT, 6 * TIGHT][run % 3], random);
      expect(frozen(a)).toEqual(a.map(numberOf));
    }
    for (const value of [0n, 1n, 18n, 19n, P - 1n, P, P + 1n, P + 18n, 2n ** 255n - 1n, 2n ** 254n]) {
      const limbs = Array.from({ length: LIMBS }, (_, i) => Number((value >> BigInt(13 * i)) & 8191n));
      const negative = limbs.map((limb) => -limb);
      expect(frozen([limbs, negative, limbs, negative])).toEqual(
        [value, -value, value, -value].map((each) => modulo(each)),
      );
    }
  });

  test("reads 32 bytes without their sign, and inverts", () => {
    const random = randomFrom(15);
    for (let run = 0; run < 20; run++) {
      const encoding = Uint8Array.from({ length: 32 }, () => (run === 0 ? 255 : Math.floor(256 * random())));
      new Uint8Array(memory.buffer).set(encoding, BYTES);
      const value = modulo(encoding.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n) & (2n ** 255n - 1n));
      for (let lane = 0; lane < LANES; lane++) {
        parts.loadLane(A, lane, BYTES);
      }
      parts.carry(A, A);
      expect(read(A).map(numberOf)).toEqual([value, value, value, value]);
      parts.invert(R, A, SCRATCH);
      expect(read(R).map((limbs) => modulo(numberOf(limbs) * value))).toEqual(
        value === 0n ? [0n, 0n, 0n, 0n] : [1n, 1n, 1n, 1n],
      );
    }
  });
});

describe("scalars", () => {
  const put = (at: number, value: bigint, length: number): void => {
    const bytes = new Uint8Array(memory.buffer, at, length);
    for (let i = 0, rest = value; i < length; i++, rest >>= 8n) {
      bytes[i] = Number(rest & 255n);
    }
  };
  const get = (at: number): bigint =>
    new Uint8Array(memory.buffer, at, 32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const randomBits = (bits: number, random: () => number): bigint => {
    let value = 0n;
    const fill = random();
    for (let i = 0; i < bits; i++) {
      value = (value << 1n) | (random() < fill ? 1n : 0n);
    }
    return value;
  };
  const edges = [0n, 1n, ORDER - 1n, ORDER, ORDER + 1n, 2n ** 252n, 2n ** 253n - 1n, 2n ** 256n - 1n];

  test("are reduced from 64 bytes", () => {
    const random = randomFrom(21);
    const values = [...edges, 2n ** 512n - 1n, ORDER * ORDER, ORDER * 2n ** 259n];
    for (let run = 0; run < 500; run++) {
      values.push(randomBits(512, random));
    }
    for (const value of values) {
      put(A, value, 64);
      parts.reduceWide(BYTES, A);
      expect(get(BYTES)).toBe(value % ORDER);
    }
  });

  test("are multiplied and added", () => {
    const random = randomFrom(22);
    const values = [...edges];
    for (let run = 0; run < 20; run++) {
      values.push(randomBits(256, random));
    }
    for (const left of values) {
      for (const right of values) {
        const addend = values[Math.floor(random() * values.length)];
        put(A, left, 32);
        put(B, right, 32);
        put(R, addend, 32);
        parts.multiplyAdd(R, A, B, R);
        expect(get(R)).toBe((left * right + addend) % ORDER);
      }
    }
  });

  test("are compared with the order", () => {
    for (const value of [...edges, ORDER - 2n ** 64n, ORDER + 2n ** 64n, ORDER - 2n ** 128n, ORDER + 2n ** 128n]) {
      put(A, value, 32);
      expect(parts.isBelowOrder(A) !== 0, String(value)).toBe(value < ORDER);
    }
  });

  test("become digits within half a window that sum up to them, halved or not", () => {
    const random = randomFrom(23);
    for (let run = 0; run < 400; run++) {
      const bits = 4 + (run % 9);
      let value = run < 9 ? ORDER - 1n : randomBits(252, random) % ORDER;
      const negative = run % 2;
      put(A, value, 32);
      let length = 253;
      if (run % 3 === 0) {
        const turned = parts.takeSmallerAbsolute(A) !== 0;
        expect(get(A)).toBe(turned ? ORDER - value : value);
        value = get(A);
        length = 252;
      }
      const count = Math.ceil(length / bits);
      parts.recode(BYTES, 2, A, 32, bits, count, negative);
      const digits = [...new Int16Array(memory.buffer, BYTES, count)];
      expect(
        digits.every((digit) => Math.abs(digit) <= 2 ** (bits - 1)),
        `run ${run}`,
      ).toBe(true);
      const sum = digits.reduceRight((total, digit) => (total << BigInt(bits)) + BigInt(digit), 0n);
      expect(sum).toBe(negative ? -value : value);
    }
  });
});
