import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SOURCE_BYTES_MAX } from "../../src/execution/lvm/limits.js";
import { lineAt } from "../../src/execution/lvm/luaTokens.js";
import { LvmMachine } from "../../src/execution/lvm/lvm.js";
import { prepareSource } from "../../src/execution/lvm/prepareSource.js";
import { runBody } from "./lvmSupport.js";

const machine = new LvmMachine();
const prepare = (text: string) =>
  Buffer.from(prepareSource(new Uint8Array(Buffer.from(text, "latin1")))).toString("latin1");

describe("a numeric for", () => {
  test.each([
    ["for i = 1, 2 do end", "for i = 0|( 1), 2 do end"],
    ["for i=a,b,c do end", "for i= 0|(a),b, 0|(c )do end"],
    ["for k, v in pairs(t) do end", "for k, v in pairs(t) do end"],
    ["for i = f(1, 2), {1, 2}[1], g[h(1, 2)] do end", "for i = 0|( f(1, 2)), {1, 2}[1], 0|( g[h(1, 2)] )do end"],
    [
      "for i = (function() for j = 1, 2 do return j, 3 end end)(), 9 do end",
      "for i = 0|( (function() for j = 0|( 1), 2 do return j, 3 end end)()), 9 do end",
    ],
    [
      "while x do for i = 1, 2 do repeat local a, b until a, b end end",
      "while x do for i = 0|( 1), 2 do repeat local a, b until a, b end end",
    ],
    ["for i = '1,do', 2 do end -- for i = 1, 2 do", "for i = 0|( '1,do'), 2 do end -- for i = 1, 2 do"],
  ])("%s", (text, prepared) => {
    expect(prepare(text)).toBe(prepared);
  });
});

describe("floats are found wherever they stand", () => {
  test.each(["1.0", "1e3", ".5", "5.", "0x1p4", "0xA.8", "1 / 2", "2 ^ 2", "9223372036854775808", "3..2", "0x.1"])(
    "%s",
    (text) => {
      expect(() => prepare(`local a = 1\nlocal b = ${text}`)).toThrow(/^contract:2: /);
    },
  );

  test.each([
    "0x7fffffffffffffff",
    "0xffffffffffffffffff",
    "9223372036854775807",
    "a // b",
    "'1 / 2'",
    "[[1 / 2]]",
    "[==[ ]] / ]==]",
    "1 --[[ / ]]",
    "1 -- / ^ 0.5",
    "'\\'/'",
    "'\\\\' // '/'",
    "'a\\z \n  /'",
    "'\\\n/'",
    "1 ..2",
  ])("but not in %s", (text) => {
    expect(() => prepare(`local b = ${text}`)).not.toThrow();
  });
});

test.each(["'abc", '"a\nb"', "[[ab", "--[[ab", "[==[ ]]", "@", "a $ b", "\u00e9 = 1", "'\\", "3x"])(
  "refuses as Lua does: %j",
  (text) => {
    expect(() => prepare(`local a = 1\n${text}`)).toThrow(expect.objectContaining({ code: "LVM_SYNTAX", line: 2 }));
    expect(runBody(machine, text).code).toBe("LVM_SYNTAX");
  },
);

test("counts lines as Lua does", () => {
  expect(lineAt("a\r\nb\n\rc\nd\re", 12)).toBe(5);
});

test("takes a source of the largest size and none larger", () => {
  expect(prepare(" ".repeat(SOURCE_BYTES_MAX))).toHaveLength(SOURCE_BYTES_MAX);
  expect(() => prepare(" ".repeat(SOURCE_BYTES_MAX + 1))).toThrow(/at most/);
});

test("no program of random tokens gets a float past the checks", () => {
  const token = fc.constantFrom(
    ..."1 2 0x3 a b x '5' '1.5' ( ) { } [ ] , ; = == .. // % + - * | & ~ << # not and or nil local return for do end if then in function".split(
      " ",
    ),
    "for i = ",
    "--[[",
    "]]",
    "\n",
    "'",
    "\\",
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 25 }), (tokens) => {
      const body = `local a, b, x = 1, '2', {} local r = table.pack((function() ${tokens.join(" ")}\nend)())
        for _, v in pairs(r) do if math.type(v) == "float" then error("float") end end`;
      const { error } = runBody(machine, body);
      expect(error?.message ?? "").not.toContain(": float");
    }),
    { numRuns: 2000 },
  );
});
