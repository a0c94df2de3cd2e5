import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { testContract } from "../../src/execution/lvm/lvm.js";

const FOLDER = fileURLToPath(new URL("../../contracts", import.meta.url));
const GAS_LIMIT = 20_000_000;

function load(name: string): { source: Uint8Array; tests: Uint8Array } {
  const read = (file: string) => new Uint8Array(readFileSync(join(FOLDER, name, file)));
  return { source: read("contract.lua"), tests: read("tests.lua") };
}

describe("every standard contract", () => {
  test.each(readdirSync(FOLDER))("%s passes its own tests, the same each time, and says how it is used", (name) => {
    const report = testContract(load(name), GAS_LIMIT);
    expect(report.cases.filter(({ isPassed }) => !isPassed)).toEqual([]);
    expect(report.message).toBe("");
    expect(report.isPassed).toBe(true);
    expect(testContract(load(name), GAS_LIMIT)).toEqual(report);
    expect(existsSync(join(FOLDER, name, "README.md"))).toBe(true);
  });
});

describe("the test report of a package", () => {
  const text = (source: string) => new Uint8Array(Buffer.from(source));
  const source = text(`abi.call("one", function() return 1 end)`);

  test("shows which case failed, and where", () => {
    const tests = text(`test.case("good", function() test.equal(test.call("one"), 1) end)
      test.case("bad", function() test.equal(test.call("one"), 2) end)
      test.case("worse", function() test.call("two") end)`);
    const report = testContract({ source, tests }, GAS_LIMIT);
    expect(report.isPassed).toBe(false);
    expect(report.cases.map(({ name, isPassed, code, line }) => [name, isPassed, code, line])).toEqual([
      ["good", true, "LVM_OK", undefined],
      ["bad", false, "LVM_TEST_FAILED", 2],
      ["worse", false, "LVM_TEST_FAILED", 3],
    ]);
  });

  test("shows what is wrong with the source, the script, or a package without cases", () => {
    expect(testContract({ source: text("return 1 / 2"), tests: text("") }, GAS_LIMIT).code).toBe("LVM_FORBIDDEN");
    expect(testContract({ source, tests: text("test.case(") }, GAS_LIMIT).code).toBe("LVM_SYNTAX");
    expect(testContract({ source, tests: text("") }, GAS_LIMIT)).toMatchObject({ isPassed: false, code: "LVM_OK" });
  });

  test("stays within the gas it is given", () => {
    const tests = text(`test.case("endless", function() while true do end end) test.case("next", function() end)`);
    const report = testContract({ source, tests }, 100_000);
    expect(report.isPassed).toBe(false);
    expect(report.gasUsed).toBeLessThanOrEqual(100_000);
    expect(report.cases.map(({ code }) => code)).toEqual(["LVM_OUT_OF_GAS", "LVM_OUT_OF_GAS"]);
  });
});
