import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { encodePackedWriteSet } from "../../src/protocol/encodePackedWriteSet.js";
import { PackedChanges } from "../../src/protocol/packedChanges.js";
import { encodeWriteSet, type StateChange, sortChanges } from "../../src/protocol/writeSet.js";

/** Keys of which many begin with the same 32 bits. */
const anyKey = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  fc
    .tuple(fc.nat(3), fc.nat(31), fc.nat(255))
    .map(([fill, at, byte]) => new Uint8Array(32).fill(85 * fill).fill(byte, at)),
);
const anyValue = fc.option(
  fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 90 }), fc.constant(new Uint8Array(4096).fill(9))),
  { nil: undefined },
);
const anyChanges: fc.Arbitrary<StateChange[]> = fc.uniqueArray(fc.record({ key: anyKey, value: anyValue }), {
  selector: ({ key }) => toHex(key),
  maxLength: 60,
});

const textOf = ({ key, value }: StateChange) => `${toHex(key)} ${value === undefined ? "-" : toHex(value)}`;

describe("packed changes", () => {
  test("hold what was put in, in the order of the keys, and make the same write set", () => {
    fc.assert(
      fc.property(anyChanges, (changes) => {
        const sorted = sortChanges(changes);
        const packed = PackedChanges.of(changes);
        expect([...packed].map(textOf)).toEqual(sorted.map(textOf));
        expect(toHex(encodePackedWriteSet(packed))).toBe(toHex(encodeWriteSet(sorted)));
      }),
      { numRuns: 200 },
    );
  });

  test("grow as needed and copy what they are given", () => {
    const packed = new PackedChanges(0);
    const bytes = new Uint8Array(64);
    for (let i = 0; i < 100; i++) {
      bytes.fill(i);
      packed.add(bytes, 3, bytes, 5, i % 40);
    }
    packed.seal();
    expect(packed.count).toBe(100);
    expect(packed.key(77)).toEqual(new Uint8Array(32).fill(77));
    expect(packed.value(77)).toEqual(new Uint8Array(37).fill(77));
    expect(packed.value(80)).toBeUndefined();
  });

  test("refuse a key twice, values out of bounds, and changes after they are sealed", () => {
    const key = new Uint8Array(32).fill(7);
    const value = Uint8Array.of(1);
    expect(() =>
      PackedChanges.of([
        { key, value },
        { key, value },
      ]),
    ).toThrow("same key");
    expect(() => PackedChanges.of([{ key: key.slice(1), value }])).toThrow("32 bytes");
    expect(() => PackedChanges.of([{ key, value: new Uint8Array(0) }])).toThrow("1 to 4096");
    expect(() => PackedChanges.of([{ key, value: new Uint8Array(4097) }])).toThrow("1 to 4096");
    expect(() => PackedChanges.of([]).add(key, 0, value, 0, 1)).toThrow("sealed");
  });
});
