// The barcode of customers' codes, against the standard's worked example and another's decoder.

import { BinaryBitmap, Code128Reader, GlobalHistogramBinarizer, RGBLuminanceSource } from "@zxing/library";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { code128Widths } from "../../explorer/source/parts/code128.js";

const MODULE_PX = 3;
const QUIET_MODULES = 10;
const ROWS = 20;

/** What a scanner sees, read by the decoder. */
function decode(widths: number[]): string {
  const line = [QUIET_MODULES, ...widths, QUIET_MODULES].flatMap((width, index) =>
    Array.from({ length: width * MODULE_PX }, () => (index % 2 === 0 ? 255 : 0)),
  );
  const pixels = Uint8ClampedArray.from(Array.from({ length: ROWS }, () => line).flat());
  const picture = new BinaryBitmap(new GlobalHistogramBinarizer(new RGBLuminanceSource(pixels, line.length, ROWS)));
  return new Code128Reader().decode(picture).getText();
}

describe("a barcode of digits", () => {
  test("is read as the same digits by another's decoder", () => {
    const digits = fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(digits, (pairs) => {
        const text = pairs.map((pair) => `${pair}`.padStart(2, "0")).join("");
        expect(decode(code128Widths(text))).toBe(text);
      }),
      { numRuns: 200 },
    );
    const everyPair = Array.from({ length: 100 }, (_, pair) => `${pair}`.padStart(2, "0"));
    for (const pair of everyPair) {
      expect(decode(code128Widths(pair))).toBe(pair);
    }
  });

  test("has the symbols that the standard's tables give by hand", () => {
    // Start C, 12, 34, check (105 + 12 + 2 · 34) mod 103 = 82, stop.
    expect(code128Widths("1234").join("")).toBe(["211232", "112232", "131123", "121241", "2331112"].join(""));
  });

  test("of twelve symbols is as wide as the standard says", () => {
    const modules = code128Widths("123456789012345678").reduce((sum, width) => sum + width, 0);
    expect(modules).toBe(11 * (18 / 2 + 2) + 13);
  });

  test("takes an even number of digits and nothing else", () => {
    for (const text of ["", "1", "123", "12a4", "１２"]) {
      expect(() => code128Widths(text)).toThrow(/even number of digits/);
    }
  });
});
