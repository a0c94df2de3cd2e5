// CSV: what is written is read back, however odd its texts, and no text that strangers chose begins a formula.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Decimal, formatCsv, parseCsv } from "../../src/merchant/settlement/csv.js";

const text = fc.oneof(fc.string(), fc.constantFrom('"', ",", "\r\n", "\n", 'a"b,c', "", " x "));

test("records are read back as they were written, but for the apostrophe in front of formulas", () => {
  fc.assert(
    fc.property(fc.array(fc.array(text, { minLength: 2, maxLength: 5 }), { maxLength: 6 }), (rows) => {
      const read = parseCsv(formatCsv(rows));
      expect(read.map((row) => row.map((field) => field.replace(/^'(?=\s*[=+\-@\t\r])/, "")))).toEqual(
        rows.map((row) => row.map((field) => field.replace(/^'(?=\s*[=+\-@\t\r])/, ""))),
      );
    }),
  );
});

test("texts that spreadsheets would compute are texts", () => {
  for (const formula of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|' /C calc'!A0", "\n=1"]) {
    const [[field]] = parseCsv(formatCsv([[formula, "x"]]));
    expect(field).toBe(`'${formula}`);
  }
  expect(formatCsv([[-5n, -5, new Decimal(-1_250n, 2), undefined, "a"]])).toBe("-5,-5,-12.50,,a\r\n");
});

test("amounts have all their decimals", () => {
  expect([new Decimal(5n, 8), new Decimal(-5n, 0), new Decimal(0n, 2), new Decimal(123_456n, 3)].map(String)).toEqual([
    "0.00000005",
    "-5",
    "0.00",
    "123.456",
  ]);
});

test("a file that is no CSV is refused with its record", () => {
  for (const bad of ['a,b\n"c,d', 'a\n"b"c', 'a,b"c']) {
    expect(() => parseCsv(bad)).toThrow(/record \d/);
  }
  expect(parseCsv("a,b\r\n\r\nc,\n")).toEqual([
    ["a", "b"],
    ["c", ""],
  ]);
});
