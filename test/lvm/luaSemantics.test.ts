import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { LuaFactory } from "wasmoon";
import { LvmMachine } from "../../src/execution/lvm/lvm.js";
import { evaluate, runBody } from "./lvmSupport.js";

const machine = new LvmMachine();

/** Lua's own string literal for any text of printable characters. */
function literal(text: string): string {
  return `"${Array.from(text, (character) => `\\${String(character.charCodeAt(0)).padStart(3, "0")}`).join("")}"`;
}

/** Results as one text, errors as "error". */
const REPORT = `
  local function report(f, ...)
    local results = table.pack(pcall(f, ...))
    if not results[1] then return "error" end
    for i = 1, results.n do results[i] = tostring(results[i]) end
    return table.concat(results, "|", 1, results.n)
  end`;

const PIECES = [
  "a",
  "b",
  ".",
  "%a",
  "%d",
  "%w",
  "[ab]",
  "[^a]",
  "[a-c%d]",
  "%b()",
  "%f[a]",
  "(",
  ")",
  "()",
  "%1",
  "^",
  "$",
  "%%",
  "-",
  "*",
  "+",
  "?",
  "[",
  "%",
];

test("pattern functions are Lua's own: random patterns give what the unmetered binary gives", async () => {
  const lua = await new LuaFactory().createEngine();
  const pattern = fc.array(fc.constantFrom(...PIECES), { maxLength: 7 }).map((pieces) => pieces.join(""));
  const subject = fc
    .array(fc.constantFrom("a", "b", "c", "1", "(", ")", " "), { maxLength: 12 })
    .map((all) => all.join(""));
  const parts: string[] = [];
  for (const [p, s] of fc.sample(fc.tuple(pattern, subject), { numRuns: 1500, seed: 5 })) {
    parts.push(`{${literal(p)}, ${literal(s)}}`);
  }
  const body = `${REPORT}
    local all = {}
    for _, case in ipairs({${parts.join(",")}}) do
      local p, s = case[1], case[2]
      all[#all + 1] = report(string.find, s, p) .. ";" .. report(string.match, s, p, 2) .. ";"
        .. report(string.gsub, s, p, "<%0>") .. ";" .. report(string.gsub, s, p, function(x) return x end, 2) .. ";"
        .. report(function() local n, t = 0, {} for a, b in string.gmatch(s, p) do n = n + 1 t[n] = tostring(a) .. tostring(b) if n > 20 then break end end return table.concat(t, ",") end)
    end
    return table.concat(all, "\\n")`;
  const source = `abi.call("run", function() ${body} end)`;
  expect(source.length).toBeLessThan(256 * 1024);
  const result = runBody(
    machine,
    body.replace('return table.concat(all, "\\n")', 'return crypto.toHex(crypto.sha256(table.concat(all, "\\n")))'),
    {
      gasLimit: 100_000_000,
    },
  );
  expect(result.error).toBeUndefined();
  const theirs = Buffer.from(await lua.doString(body), "latin1");
  const digest = createHash("sha256").update(theirs).digest("hex");
  expect(Buffer.from(result.value).toString("latin1").slice(-64)).toBe(digest);
  expect(new Set(theirs.toString().split("\n")).size).toBeGreaterThan(300);
  lua.global.close();
});

test.each([
  [
    "integer arithmetic wraps",
    "return { math.maxinteger + 1 == math.mininteger, -7 // 2, -7 % 3, 7 % -3, 1 << 63, 5 & 3 | 8 ~ 1 }",
    [true, -4n, 2n, -2n, -(1n << 63n), 9n],
  ],
  [
    "tonumber reads integers alone",
    "return { tonumber('0x10'), tonumber(' 12 '), tostring(tonumber('1.5')), tostring(tonumber('1e3')), tonumber('zz', 36), tostring(tonumber('9223372036854775808')) }",
    [16n, 12n, "nil", "nil", 1295n, "nil"],
  ],
  [
    "math takes integers alone",
    "return { math.max(1, 5, 3), math.min(2, -1), math.abs(-4), math.floor(7), pcall(math.max, '1.5', 1), pcall(math.floor, '1e300') and 1 or 0 }",
    [5n, -1n, 4n, 7n, false, 0n],
  ],
  [
    "tostring hides addresses",
    "return { tostring({}), tostring(print), tostring(function() end), tostring(nil), tostring(12), tostring(bignum.new('123456789012345678901234567890')) }",
    ["table", "nil", "function", "nil", "12", "123456789012345678901234567890"],
  ],
  [
    "string.format shows tables by their type",
    "return string.format('%s %d %q %5s|%-5s|%x', {}, 5, 'a\\nb', 'c', 'd', 255)",
    'table 5 "a\\\nb"     c|d    |ff',
  ],
  [
    "a numeric for counts up and down",
    "local t = {} for i = 1, 3 do t[#t + 1] = i end for i = 10, 1, -4 do t[#t + 1] = i end return t",
    [1n, 2n, 3n, 10n, 6n, 2n],
  ],
  [
    "a for head may hold functions, tables and calls with commas",
    "local n = 0 for i = (function(a, b) for k = 1, 2 do a = a + k end return a end)(1, 2), #{1, 2, 3, 4, 5, 6}, select(2, 9, 1) do n = n + i end return n",
    15n,
  ],
  [
    "comments and long strings hide nothing and break nothing",
    '--[==[ 1/2 ]] ]==] local s = [[ 1/2 ^ 0.5 ]] -- 1/2\n return s .. \'1/2\' .. "\\"/\\""',
    ' 1/2 ^ 0.5 1/2"/"',
  ],
  [
    "next and pairs see every key once",
    "local t, n = {}, 0 for i = 1, 100 do t[i % 2 == 0 and i or 'k' .. i] = i end for k, v in pairs(t) do n = n + v end return n",
    5050n,
  ],
  [
    "goto, varargs, closures and integer division work",
    "local s = 0 for i = 1, 10 do if i % 2 == 0 then goto continue end s = s + i ::continue:: end local function f(...) return select('#', ...) end return { s, f(1, nil, nil), 7 // 2 }",
    [25n, 3n, 3n],
  ],
  [
    "close variables and error objects work",
    "local log = {} do local x <close> = setmetatable({}, { __close = function() log[1] = 'closed' end }) end local ok, e = pcall(error, { code = 5 }) return { log[1], e.code }",
    ["closed", 5n],
  ],
  ["utf8 works", "return { utf8.char(8364, 65), utf8.len('€A'), utf8.codepoint('€') }", ["€A", 2n, 8364n]],
])("%s", (_, body, expected) => {
  const value = evaluate(machine, body);
  const plain = Array.isArray(value)
    ? value.map((item) => (item instanceof Uint8Array ? Buffer.from(item).toString() : item))
    : value;
  expect(plain).toEqual(expected);
});
