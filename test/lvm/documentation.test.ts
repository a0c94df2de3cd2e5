import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import * as limits from "../../src/execution/lvm/limits.js";
import { LVM_ERRORS, LvmMachine, testContract } from "../../src/execution/lvm/lvm.js";
import { defaultGasSchedule } from "../../src/protocol/gasSchedule.js";
import { evaluate } from "./lvmSupport.js";

const GUIDE = readFileSync(fileURLToPath(new URL("../../docs/lvm.md", import.meta.url)), "utf8");

/** The text between the heading `title` and the next of its rank. */
function section(title: string): string {
  const [, text] = GUIDE.split(`\n## ${title}\n`);
  return text.split("\n## ")[0];
}

/** The rows of a section's tables: the first column's code, and the other columns. */
function rows(title: string): [name: string, ...rest: string[]][] {
  return [...section(title).matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, name, rest]) => [
    name,
    ...rest.split(" | "),
  ]);
}

/** Every name in the global table, fields of its tables with a dot. */
const LIST_NAMES = `
  local names = {}
  for name, value in pairs(_G) do
    if type(value) == "table" and name ~= "_G" then
      for field in pairs(value) do names[#names + 1] = name .. "." .. field end
    else
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return table.concat(names, " ")`;

test("the guide lists exactly the functions that contracts have", () => {
  const own = rows("Functions").map(([signature]) => signature.replace(/\(.*$/, ""));
  const fromLua =
    section("Functions")
      .match(/```lua-names\n([^`]*)```/)?.[1]
      .trim()
      .split(/\s+/) ?? [];
  const present = String(evaluate(new LvmMachine(), LIST_NAMES)).split(" ");
  expect([...own, ...fromLua].sort()).toEqual([...present].sort());
});

test("the guide lists exactly the functions of test scripts", () => {
  const listed = rows("Tests of a contract").map(([signature]) => signature.replace(/\(.*$/, ""));
  const tests = `local names = {} for name in pairs(test) do names[#names + 1] = "test." .. name end
    table.sort(names) test.case(table.concat(names, " "):sub(1, 60), function() error(table.concat(names, " ")) end)`;
  const text = (source: string) => new Uint8Array(Buffer.from(source));
  const report = testContract({ source: text(""), tests: text(tests) }, 10_000_000);
  const present = report.cases[0].message.replace(/^tests:\d+: /, "").split(" ");
  expect(listed.sort()).toEqual(present);
});

test("the guide's limits, prices and codes are the code's", () => {
  const number = (text: string) => Number(text.replaceAll(",", ""));
  expect(Object.fromEntries(rows("Limits").map(([name, value]) => [name, number(value)]))).toEqual({ ...limits });
  expect(Object.fromEntries(rows("Gas").map(([name, value]) => [name, number(value)]))).toEqual(defaultGasSchedule);
  expect(Object.fromEntries(rows("Error codes"))).toEqual(LVM_ERRORS);
});

test("the guide's example loads", () => {
  const source = GUIDE.match(/```lua\n(.*?)```/s)?.[1] ?? "";
  const { abi } = new LvmMachine().inspect(new Uint8Array(Buffer.from(source)));
  expect(abi.functions.map(({ name }) => name)).toEqual(["constructor", "put", "smash", "givenBy"]);
});
