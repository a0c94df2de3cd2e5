// The second look at a loaded contract, at what Lua's compiler made of it: no float constant and no instruction that divides
// or raises to a power into floats. The source check (prepareSource.ts) explains refusals; this one does not rely on it.

import { LvmError } from "../../protocol/lvmError.js";
import type { LuaInstance } from "./luaInstance.js";
import { SLOT_BYTES, SLOT_TYPE, STATE_TOP, TYPE_FLOAT, TYPE_MASK } from "./luaLayout.js";

/** Lua 5.4's LOADF, POWK, DIVK, POW, DIV. */
const FORBIDDEN_OPCODES = new Set([2, 26, 27, 38, 39]);
const OPCODE_MASK = 127;

/** Offsets in LClosure and Proto. */
const CLOSURE_PROTOTYPE = 12;
const CONSTANT_COUNT = 16;
const CODE_COUNT = 20;
const INNER_COUNT = 28;
const FIRST_LINE = 40;
const CONSTANTS = 48;
const CODE = 52;
const INNER = 56;

function checkPrototype(lua: LuaInstance, prototype: number): void {
  const { words, bytes } = lua;
  const field = (offset: number) => words[(prototype + offset) >> 2];
  let isForbidden = false;
  for (let i = 0; i < field(CONSTANT_COUNT); i++) {
    isForbidden ||= (bytes[field(CONSTANTS) + i * SLOT_BYTES + SLOT_TYPE] & TYPE_MASK) === TYPE_FLOAT;
  }
  for (let i = 0; i < field(CODE_COUNT); i++) {
    isForbidden ||= FORBIDDEN_OPCODES.has(words[(field(CODE) >> 2) + i] & OPCODE_MASK);
  }
  if (isForbidden) {
    const line = field(FIRST_LINE);
    throw new LvmError("LVM_FORBIDDEN", `contract:${line}: the function computes with floats`, line);
  }
  for (let i = 0; i < field(INNER_COUNT); i++) {
    checkPrototype(lua, words[(field(INNER) >> 2) + i]);
  }
}

/** Checks the function on top of the stack, freshly loaded, and all inside it. Throws LvmError LVM_FORBIDDEN. */
export function checkBytecode(lua: LuaInstance): void {
  const closure = lua.words[(lua.words[(lua.state + STATE_TOP) >> 2] - SLOT_BYTES) >> 2];
  checkPrototype(lua, lua.words[(closure + CLOSURE_PROTOTYPE) >> 2]);
}
