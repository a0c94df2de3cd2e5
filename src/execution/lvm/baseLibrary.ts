// Lua's own libraries as contracts see them: what could reach addresses, clocks, bytecode, coroutines, other code or
// floats is gone; what remains is Lua's own C code, guarded where a string could turn into a float or an address into text.

import { LvmError } from "../../protocol/lvmError.js";
import type { LuaInstance } from "./luaInstance.js";
import { TYPE_FLOAT, TYPE_INTEGER, TYPE_NIL } from "./luaLayout.js";
import type { ApiFunction, ApiLibrary, Sandbox } from "./sandbox.js";

/** Runs once, before the API is put in: stops the collector, then keeps only what is named here. */
export const BASE_LIBRARY_SCRIPT = `
collectgarbage("stop")
local keep = {
  _G = "_G _VERSION assert error getmetatable ipairs math next pairs pcall rawequal rawget rawlen rawset select setmetatable string table tonumber tostring type utf8 xpcall",
  string = "byte char find format gmatch gsub len lower match rep reverse sub upper",
  table = "concat insert move pack remove sort unpack",
  utf8 = "char charpattern codepoint codes len offset",
  math = "abs ceil floor fmod max maxinteger min mininteger tointeger type ult",
}
local strings = getmetatable("")
for name, list in next, keep do
  local kept = {}
  for word in string.gmatch(list, "%S+") do kept[word] = true end
  local library = _G[name]
  for key in next, library do
    if not kept[key] then library[key] = nil end
  end
end
for key in next, strings do
  if key ~= "__index" then strings[key] = nil end
end
strings.__metatable = false
`;

/** The C function at `tables`' field, called with the host function's own arguments. */
function libraryFunction(lua: LuaInstance, table: string, name: string): ApiFunction {
  const { functions, state } = lua;
  functions.lua_getglobal(state, lua.toScratch(Buffer.from(table)));
  functions.lua_getfield(state, -1, lua.toScratch(Buffer.from(name)));
  const call = lua.tableFunction(functions.lua_tocfunction(state, -1));
  functions.lua_settop(state, 0);
  return () => call(state);
}

/** Refuses strings, which Lua would take for floats. */
function integersOnly(call: ApiFunction): ApiFunction {
  return (sandbox) => {
    for (let i = sandbox.stack.count; i >= 1; i--) {
      if (sandbox.stack.typeAt(i) !== TYPE_INTEGER) {
        sandbox.stack.wrongType(i, "integer");
      }
    }
    return call(sandbox);
  };
}

function toNumber(call: ApiFunction): ApiFunction {
  return (sandbox) => {
    const results = call(sandbox);
    return sandbox.stack.typeAt(sandbox.stack.count) === TYPE_FLOAT ? sandbox.stack.pushNil() : results;
  };
}

/** Pushes the text of the value at `position`, with the type's name where Lua would show an address. */
function pushText(sandbox: Sandbox, position: number): number {
  const { functions, state } = sandbox.lua;
  const kind = functions.lua_type(state, position);
  const isPlain = kind >= 0 && kind <= 4 && kind !== 2;
  if (isPlain || functions.luaL_getmetafield(state, position, sandbox.lua.toScratch(Buffer.from("__tostring"))) !== 0) {
    functions.luaL_tolstring(state, position, 0);
    return 1;
  }
  if (kind < 0) {
    sandbox.stack.wrongType(position, "value");
  }
  return sandbox.stack.pushText(kind === 5 ? "table" : kind === 6 ? "function" : "object");
}

/** Conversions that can't show a float or an address, with flags, width and precision. */
const CONVERSION = /%(?:%|[-+ #0]{0,5}\d{0,2}(?:\.\d{0,2})?([A-Za-z]?))/g;
const CONVERSIONS_KEPT = "diucxXoqs";

function format(call: ApiFunction): ApiFunction {
  return (sandbox) => {
    const { stack, lua } = sandbox;
    const text = stack.byteStringAt(1);
    lua.charge(text.length);
    for (const [whole, conversion] of text.matchAll(CONVERSION)) {
      if (conversion !== undefined && !CONVERSIONS_KEPT.includes(conversion || "?")) {
        throw new LvmError("LVM_BAD_ARGUMENT", `string.format knows no '${whole}' here`);
      }
    }
    lua.functions.luaL_checkstack(lua.state, 4, 0);
    for (let i = stack.count; i >= 2; i--) {
      if (lua.functions.lua_type(lua.state, i) >= 5) {
        pushText(sandbox, i);
        lua.functions.lua_copy(lua.state, -1, i);
        lua.functions.lua_settop(lua.state, -2);
      }
    }
    return call(sandbox);
  };
}

/** The guarded functions; they replace those of the same name. */
export function baseLibraries(lua: LuaInstance): ApiLibrary[] {
  const guarded = (name: string) => integersOnly(libraryFunction(lua, "math", name));
  return [
    {
      tables: {
        "": {
          tostring: (sandbox) => {
            if (sandbox.stack.typeAt(1) < TYPE_NIL) {
              sandbox.stack.wrongType(1, "value");
            }
            return pushText(sandbox, 1);
          },
          tonumber: toNumber(libraryFunction(lua, "_G", "tonumber")),
          gasLeft: (sandbox) => sandbox.stack.pushInteger(sandbox.lua.gas),
        },
        string: { format: format(libraryFunction(lua, "string", "format")) },
        math: {
          abs: guarded("abs"),
          ceil: guarded("ceil"),
          floor: guarded("floor"),
          fmod: guarded("fmod"),
          max: guarded("max"),
          min: guarded("min"),
        },
      },
      objects: {},
      methods: {},
    },
  ];
}
