// Contracts that try to hang, fill, crash or outlive the machine, each with the code that must end it. `body` is the body of
// the function "run"; `source` a whole contract with such a function.

export interface HostileContract {
  readonly name: string;
  readonly body?: string;
  readonly source?: string;
  /** Sources of contracts at BOB ("b" 32 times) and ALICE ("a" 32 times), which it calls. */
  readonly bob?: string;
  readonly alice?: string;
  readonly code: string;
  /** Where more than a million is needed to meet the other limit first. */
  readonly gasLimit?: number;
}

const GAS = "LVM_OUT_OF_GAS";
const MEMORY = "LVM_OUT_OF_MEMORY";
const ERROR = "LVM_RUNTIME_ERROR";

export const HOSTILE_CONTRACTS: HostileContract[] = [
  { name: "an endless loop", code: GAS, body: "while true do end" },
  {
    name: "an endless loop inside pcall",
    code: GAS,
    body: "while true do pcall(function() while true do end end) end",
  },
  {
    name: "an endless loop inside xpcall's handler",
    code: GAS,
    body: "xpcall(error, function() while true do end end)",
  },
  { name: "an endless goto", code: GAS, body: "::again:: goto again" },
  { name: "an endless chain of errors", code: GAS, body: "while true do pcall(error, 'x') end" },
  { name: "errors thrown by errors", code: GAS, body: "while true do xpcall(error, function(e) error(e) end) end" },
  { name: "an endless tail call", code: GAS, body: "local function f() return f() end return f()" },
  {
    name: "recursion without end",
    code: MEMORY,
    gasLimit: 50_000_000,
    body: "local function f(n) return 1 + f(n + 1) end return f(1)",
  },
  {
    name: "recursion without end inside pcall",
    code: GAS,
    body: "local function f(n) pcall(f) return 1 + f(1) end return f(1)",
  },
  { name: "recursion through pcall", code: "LVM_OK", body: "local function f() return pcall(f) end return f()" },
  {
    name: "recursion through a metamethod",
    code: "LVM_STACK_OVERFLOW",
    body: "local t = setmetatable({}, {}) getmetatable(t).__index = function(s, k) return s[k .. 'x'] end return t.x",
  },
  {
    name: "recursion through tostring",
    code: "LVM_STACK_OVERFLOW",
    body: "local t t = setmetatable({}, { __tostring = function() return tostring(t) end }) return tostring(t)",
  },
  {
    name: "recursion through table.sort",
    code: "LVM_STACK_OVERFLOW",
    body: "local function f() table.sort({3, 2, 1}, f) return true end f()",
  },
  {
    name: "recursion through string.gsub",
    code: "LVM_STACK_OVERFLOW",
    body: "local function f() return (string.gsub('x', '.', f)) end return f()",
  },
  {
    name: "a pattern with exponential backtracking",
    code: GAS,
    body: "return string.find(string.rep('a', 200), '.-.-.-.-.-b')",
  },
  {
    name: "a pattern bomb in match",
    code: GAS,
    body: "return string.match(string.rep('a', 30000), '(a*)*(.-)*(.-)*b(.-)*x')..string.rep('a', 1)",
  },
  { name: "a pattern bomb in gsub", code: GAS, body: "return string.gsub(string.rep('a', 3000), 'a*a*a*a*b', '')" },
  {
    name: "a pattern bomb in gmatch",
    code: GAS,
    body: "for x in string.gmatch(string.rep('a', 3000), 'a-a-a-a-b') do end",
  },
  {
    name: "a pattern of nested balances",
    code: GAS,
    body: "for i = 1, 1000 do string.find(string.rep('(', 30000), '%b()') end",
  },
  {
    name: "a frontier over a long subject",
    code: GAS,
    body: "for i = 1, 1000 do string.find(string.rep('a', 30000), '%f[b]') end",
  },
  {
    name: "a plain search of nearly equal text",
    code: GAS,
    body: "local a = string.rep('a', 60000) while true do string.find(a, string.rep('a', 30000) .. 'b', 1, true) end",
  },
  {
    name: "a comparator that contradicts itself",
    code: ERROR,
    body: "local t = {} for i = 1, 200 do t[i] = i end table.sort(t, function() return true end)",
  },
  { name: "an endless comparator", code: GAS, body: "table.sort({2, 1}, function() while true do end end)" },
  {
    name: "sorting again and again",
    code: GAS,
    body: "local t = {} for i = 1, 1000 do t[i] = i end while true do table.sort(t, function(a, b) return a > b end) end",
  },
  { name: "table.move over the whole range of integers", code: GAS, body: "table.move({}, 1, math.maxinteger - 1, 2)" },
  {
    name: "table.move back and forth",
    code: GAS,
    body: "local t = table.pack(string.byte(string.rep('x', 200), 1, -1)) while true do table.move(t, 1, 200, 2) end",
  },
  { name: "table.insert at the front", code: GAS, body: "local t = {} while true do table.insert(t, 1, 1) end" },
  {
    name: "table.concat of a long list",
    code: GAS,
    body: "local t = {} for i = 1, 1000 do t[i] = 'abcdefgh' end while true do table.concat(t) end",
  },
  {
    name: "table.concat with a range without end",
    code: GAS,
    body: "return table.concat(setmetatable({}, { __index = function() return 'x' end }), '', 1, math.maxinteger)",
  },
  {
    name: "unpacking more than the stack holds",
    code: ERROR,
    gasLimit: 50_000_000,
    body: "return select('#', table.unpack({}, 1, 10000000))",
  },
  {
    name: "string.rep of more than the memory",
    code: MEMORY,
    gasLimit: 50_000_000,
    body: "return #string.rep('x', 100000000)",
  },
  { name: "string.rep of more than integers count", code: ERROR, body: "return #string.rep('xx', math.maxinteger)" },
  {
    name: "doubling a string without end",
    code: MEMORY,
    gasLimit: 50_000_000,
    body: "local s = 'x' while true do s = s .. s end",
  },
  {
    name: "doubling a string inside pcall",
    code: MEMORY,
    gasLimit: 50_000_000,
    body: "local s = 'x' pcall(function() while true do s = s .. s end end) return 1",
  },
  {
    name: "a flood of short strings",
    code: GAS,
    body: "local t = {} for i = 1, math.maxinteger do t[#t + 1] = 'k' .. i end",
  },
  { name: "a flood of tables", code: GAS, body: "local t = {} while true do t[#t + 1] = {} end" },
  { name: "a flood of closures", code: GAS, body: "local t while true do local u = t t = function() return u end end" },
  { name: "garbage without end", code: GAS, body: "while true do local t = {1, 2, 3} end" },
  {
    name: "comparing long equal strings",
    code: GAS,
    body: "local a, b = string.rep('x', 60000), string.rep('x', 60000) while a == b do end",
  },
  {
    name: "ordering long equal strings",
    code: GAS,
    body: "local a, b = string.rep('x', 60000), string.rep('x', 60000) while a <= b do end",
  },
  {
    name: "long strings as keys",
    code: GAS,
    body: "local t = {} t[string.rep('x', 60000)] = 1 while true do local v = t[string.rep('x', 30000) .. string.rep('x', 30000)] end",
  },
  {
    name: "keys that share one hash chain",
    code: GAS,
    body: "local t = {} for i = 1, 4000 do t[i << 40] = i end while true do for k in pairs(t) do local v = t[k] end end",
  },
  {
    name: "next over an emptied table",
    code: GAS,
    body: "local t = {} for i = 1, 5000 do t['k' .. i] = 1 end for i = 1, 5000 do t['k' .. i] = nil end while true do next(t) end",
  },
  {
    name: "the length of a table with a huge border",
    code: GAS,
    body: "local t = setmetatable({}, { __len = function() return math.maxinteger end }) table.insert(t, 1) while true do table.remove(t) end",
  },
  {
    name: "a loop from the smallest to the largest integer",
    code: GAS,
    body: "for i = math.mininteger, math.maxinteger do end",
  },
  {
    name: "utf8.len over a long string",
    code: GAS,
    body: "local s = string.rep('x', 60000) while true do utf8.len(s) end",
  },
  {
    name: "string.format with the widest fields",
    code: GAS,
    body: "while true do string.format('%99d%99d%99d', 1, 2, 3) end",
  },
  { name: "a coroutine", code: ERROR, body: "coroutine.wrap(function() while true do end end)()" },
  { name: "bytecode through string.dump", code: ERROR, body: "return string.dump(function() end)" },
  { name: "bytecode as source", code: "LVM_FORBIDDEN", source: "\x1bLua\x54\0" },
  { name: "load", code: ERROR, body: "return load('return 1')()" },
  { name: "the debug library", code: ERROR, body: "return debug.getregistry()" },
  { name: "the operating system", code: ERROR, body: "return os.time()" },
  { name: "the file system", code: ERROR, body: "return io.open('/etc/passwd')" },
  { name: "require", code: ERROR, body: "return require('os')" },
  { name: "starting the collector", code: ERROR, body: "collectgarbage('collect')" },
  {
    name: "a finalizer",
    code: GAS,
    body: "for i = 1, math.maxinteger do setmetatable({}, { __gc = function() while true do end end }) end",
  },
  {
    name: "a to-be-closed variable that never closes",
    code: GAS,
    body: "local x <close> = setmetatable({}, { __close = function() while true do end end }) error('x')",
  },
  {
    name: "a to-be-closed variable that fails",
    code: ERROR,
    body: "local x <close> = setmetatable({}, { __close = function() error('in close') end }) return 1",
  },
  { name: "the metatable of strings", code: ERROR, body: "getmetatable('').__index = nil" },
  {
    name: "the metatable of a state variable",
    code: ERROR,
    source: "local m = state.map('m') abi.call('run', function() return getmetatable(m).__index end)",
  },
  { name: "a float by division", code: "LVM_FORBIDDEN", body: "return 1 / 0" },
  { name: "a float by power", code: "LVM_FORBIDDEN", body: "return 2 ^ 0" },
  { name: "a float constant", code: "LVM_FORBIDDEN", body: "return 0.5" },
  { name: "a float by an integer too large", code: "LVM_FORBIDDEN", body: "return 9223372036854775808" },
  { name: "a float from a string in a for loop", code: ERROR, body: "for i = '1.5', 2 do return i end" },
  { name: "a float by adding strings", code: ERROR, body: "return '1.5' + 1" },
  { name: "returning the largest value", code: "LVM_RETURN_LIMIT", body: "return string.rep('x', 70000)" },
  { name: "returning a function", code: "LVM_BAD_VALUE", body: "return function() end" },
  { name: "returning a table inside itself", code: "LVM_BAD_VALUE", body: "local t = {} t[1] = t return t" },
  {
    name: "returning tables a thousand deep",
    code: "LVM_BAD_VALUE",
    body: "local t = {} for i = 1, 1000 do t = {t} end return t",
  },
  { name: "an event too large", code: "LVM_EVENT_LIMIT", body: "event.emit('e', string.rep('x', 5000))" },
  { name: "too many events", code: "LVM_EVENT_LIMIT", body: "for i = 1, 65 do event.emit('e') end" },
  {
    name: "a storage value too large",
    code: "LVM_STORAGE_LIMIT",
    source: "local v = state.value('v') abi.call('run', function() v:set(string.rep('x', 70000)) end)",
  },
  {
    name: "a storage key too large",
    code: "LVM_STORAGE_LIMIT",
    source: "local m = state.map('m') abi.call('run', function() m[string.rep('x', 2000)] = 1 end)",
  },
  {
    name: "writing storage until the gas ends",
    code: GAS,
    source:
      "local m = state.map('m') abi.call('run', function() for i = 1, 10000 do pcall(function() m[i] = i end) end end)",
  },
  {
    name: "reading storage while loading",
    code: "LVM_LOADING",
    source: "local v = state.value('v') v:get() abi.call('run', function() end)",
  },
  {
    name: "a contract whose constructor makes one like itself, without end",
    code: "LVM_EVENT_LIMIT",
    source: `abi.constructor(function() contract.deploy(chain.sender(), "again") end)
      abi.call('run', function() contract.deploy(chain.contract(), "again") end)`,
  },
  {
    name: "making contracts that fail, without end",
    code: GAS,
    source: `abi.constructor(function() error("no") end)
      abi.call('run', function() local i = 0 while true do i = i + 1 pcall(contract.deploy, chain.contract(), "s" .. i) end end)`,
  },
  {
    name: "a contract that calls its maker while it is made",
    code: "LVM_REENTRANT",
    source: `abi.constructor(function() contract.call(chain.sender(), "run") end)
      abi.call('run', function() contract.deploy(chain.contract(), "s") end)`,
  },
  {
    name: "paying for a contract that is made",
    code: "LVM_NOT_PAYABLE",
    source: `abi.constructor(function() end)
      abi.call('run', function() contract.deploy({ address = chain.contract(), amount = 1 }, "s") end)`,
  },
  { name: "a salt that is no name", code: "LVM_BAD_ARGUMENT", body: "contract.deploy(chain.contract(), '')" },
  { name: "calling itself", code: "LVM_REENTRANT", body: "return contract.call(chain.contract(), 'run')" },
  { name: "paying more than it has", code: "LVM_BALANCE", body: "token.transfer(chain.sender(), 1)" },
  { name: "paying less than nothing", code: "LVM_BAD_ARGUMENT", body: "token.transfer(chain.sender(), -1)" },
  { name: "a loop while loading", code: GAS, source: "abi.call('run', function() end) while true do end" },
  { name: "parentheses a thousand deep", code: "LVM_SYNTAX", body: `return ${"(".repeat(1000)}1${")".repeat(1000)}` },
  {
    name: "functions a thousand deep",
    code: "LVM_SYNTAX",
    body: `${"return (function() ".repeat(1000)}${"end)()".repeat(1000)}`,
  },
  {
    name: "an assignment with a thousand targets",
    code: "LVM_SYNTAX",
    body: `${Array.from({ length: 1000 }, () => "a").join(",")} = 1`,
  },
  { name: "bignums without end", code: GAS, body: "local b = bignum.new(3) while true do local c = b * b end" },
  {
    name: "a bignum that overflows",
    code: "LVM_BIGNUM",
    body: "local b = bignum.new(2) for i = 1, 9 do b = b * b end",
  },
  {
    name: "JSON a thousand deep",
    code: "LVM_BAD_VALUE",
    body: "return json.decode(string.rep('[', 1000) .. string.rep(']', 1000))",
  },
  { name: "JSON with a float", code: "LVM_BAD_VALUE", body: "return json.decode('[1.5]')" },
  {
    name: "hashing without end",
    code: GAS,
    body: "local s = string.rep('x', 60000) while true do crypto.sha256(s) end",
  },
  {
    name: "verifying signatures without end",
    code: GAS,
    body: "local s, k = string.rep('x', 64), string.rep('x', 32) while true do crypto.verify(s, k, k) end",
  },
  { name: "printing addresses", code: "LVM_BAD_ARGUMENT", body: "return string.format('%p', {})" },
  {
    name: "an error object of its own making",
    code: ERROR,
    body: "error(setmetatable({}, { __tostring = function() while true do end end }))",
  },
  { name: "overwriting the API", code: ERROR, body: "_G.state = nil _G.error = nil pcall = nil state.value('x')" },
  {
    name: "hex of more than fits",
    code: "LVM_BAD_ARGUMENT",
    gasLimit: 50_000_000,
    body: "return crypto.toHex(string.rep(string.rep('x', 1000), 1500))",
  },
  {
    name: "JSON of more than fits",
    code: "LVM_BAD_VALUE",
    gasLimit: 600_000_000,
    body: "local t = {} for i = 1, 30 do t[i] = string.rep(string.rep('\\1', 1000), 60) end return json.encode(t)",
  },
  {
    name: "hashing three megabytes",
    code: "LVM_OK",
    gasLimit: 50_000_000,
    body: "return crypto.sha256(string.rep(string.rep('x', 1000), 3000))",
  },
  {
    name: "a JSON string of two megabytes",
    code: "LVM_RETURN_LIMIT",
    gasLimit: 200_000_000,
    body: "return json.decode('\"' .. string.rep(string.rep('x', 1000), 2000) .. '\"')",
  },
  {
    name: "coming back through another contract",
    code: "LVM_REENTRANT",
    source: `local paid = state.value("paid")
      abi.call("run", function() paid:set(1) return contract.call(("b"):rep(32), "back", chain.contract()) end)`,
    bob: `abi.call("back", function(to) return contract.call(to, "run") end, "to: address")`,
  },
  {
    name: "coming back to a view function",
    code: "LVM_REENTRANT",
    source: `abi.call("run", function() return contract.call(("b"):rep(32), "back", chain.contract()) end)
      abi.view("look", function() return 1 end)`,
    bob: `abi.call("back", function(to) return contract.call(to, "look") end, "to: address")`,
  },
  {
    name: "coming back through two others",
    code: "LVM_REENTRANT",
    source: `abi.call("run", function() return contract.call(("b"):rep(32), "on", chain.contract()) end)`,
    bob: `abi.call("on", function(to) return contract.call(("a"):rep(32), "back", to) end, "to: address")`,
    alice: `abi.call("back", function(to) return contract.call(to, "run") end, "to: address")`,
  },
  {
    name: "calling another that uses all gas, again and again",
    code: GAS,
    body: 'while true do contract.tryCall(("b"):rep(32), "burn") end',
    bob: `abi.call("burn", function() while true do end end)`,
  },
  {
    name: "calling another that takes all memory, again and again",
    code: GAS,
    body: 'while true do contract.tryCall(("b"):rep(32), "fill") end',
    bob: `abi.call("fill", function() local s = "x" while true do s = s .. s end end)`,
  },
  {
    name: "writes that another contract makes and undoes, again and again",
    code: GAS,
    body: 'while true do contract.tryCall(("b"):rep(32), "write") end',
    bob: `local m = state.map("m")
      abi.call("write", function() for i = 1, 20 do m[i] = i event.emit("e", i) end error("no") end)`,
  },
  {
    name: "another contract that returns too much",
    code: "LVM_RETURN_LIMIT",
    gasLimit: 50_000_000,
    body: 'return contract.call(("b"):rep(32), "much")',
    bob: `abi.call("much", function() return ("x"):rep(70000) end)`,
  },
  {
    name: "another contract that returns as much as it can, again and again",
    code: GAS,
    body: 'while true do contract.call(("b"):rep(32), "much") end',
    bob: `abi.call("much", function() return ("x"):rep(60000) end)`,
  },
  {
    name: "events of several contracts beyond the limit",
    code: "LVM_EVENT_LIMIT",
    body: 'for i = 1, 33 do event.emit("e") contract.call(("b"):rep(32), "tell") end',
    bob: `abi.call("tell", function() event.emit("e") end)`,
  },
  {
    name: "a view function that calls another contract's writing one",
    code: "LVM_NOT_VIEW",
    source: `abi.view("look", function() return contract.call(("b"):rep(32), "write") end)
      abi.call("run", function() return contract.call(("a"):rep(32), "look") end)`,
    bob: `local v = state.value("v") abi.call("write", function() v:set(1) end)`,
    alice: `abi.view("look", function() return contract.call(("b"):rep(32), "write") end)`,
  },
  {
    name: "another contract's constructor",
    code: "LVM_NO_FUNCTION",
    body: 'return contract.call(("b"):rep(32), "constructor")',
    bob: `abi.constructor(function() access.setOwner(chain.sender()) end)`,
  },
  {
    name: "paying another contract more than it has",
    code: "LVM_BALANCE",
    body: 'return contract.call({ address = ("b"):rep(32), amount = 1 }, "take")',
    bob: `abi.payable("take", function() end)`,
  },
  {
    name: "calling itself through others without end",
    code: "LVM_REENTRANT",
    body: 'return contract.call(("b"):rep(32), "turn")',
    bob: `abi.call("turn", function() return contract.call(("a"):rep(32), "turn") end)`,
    alice: `abi.call("turn", function() return contract.call(("b"):rep(32), "turn") end)`,
  },
  {
    name: "ring signatures without end",
    code: GAS,
    body: `local key, keys = crypto.fromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), {}
      for i = 1, 16 do keys[i] = crypto.sha256(tostring(i)) end
      keys[1] = key
      while true do crypto.ringVerify("s", "m", keys, key .. ("\\0"):rep(32 * 17)) end`,
  },
  {
    name: "a ring of more keys than fit",
    code: "LVM_BAD_ARGUMENT",
    body: "local keys = {} for i = 1, 65 do keys[i] = ('k'):rep(32) end return crypto.ringVerify('s', 'm', keys, '')",
  },
  {
    name: "a ring that pretends to be long",
    code: "LVM_OK",
    body: "return crypto.ringVerify('s', 'm', setmetatable({}, { __len = function() return math.maxinteger end }), '')",
  },
  {
    name: "a Merkle path of more than a tree can have",
    code: "LVM_BAD_ARGUMENT",
    body: "local p = {} for i = 1, 65 do p[i] = ('h'):rep(32) end return crypto.merkleVerify(('r'):rep(32), 'leaf', 0, 1, p)",
  },
  { name: "an event that holds nil", code: "LVM_BAD_VALUE", body: "event.emit('e', 1, nil)" },
  {
    name: "taking over a contract without an owner",
    code: "LVM_ACCESS",
    body: "access.setOwner(chain.sender())",
  },
  {
    name: "giving itself a role",
    code: "LVM_ACCESS",
    body: "access.grant('minter', chain.sender())",
  },
];
