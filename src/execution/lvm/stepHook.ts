// Lua's hook for every instruction, as a developer's tools want it: with the line, and without a trace in the count of gas.
import { SCRATCH_START, STATE_CALL_INFO } from "./luaLayout.js";

/** What the hook needs of the instance that it watches. */
interface WatchedLua {
  gas: number;
  readonly state: number;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly signed: Int32Array;
  readonly functions: Record<string, unknown>;
}

/** lua_getinfo's "l" as a C string, and where lua_Debug keeps the line. */
const LINE_REQUEST = Uint8Array.of(0x6c, 0);
const RECORD_LINE = 24;

/** Offsets in CallInfo: the next instruction, and how many results the caller wants. */
const CALL_NEXT = 16;
const CALL_RESULTS = 32;

/** Lua 5.4's RETURN0 and RETURN1. */
const OPCODE_MASK = 127;
const RETURN_NONE = 71;
const RETURN_ONE = 72;

/**
 * How many passes through loops the running instruction makes more without a hook than with one: with a hook these two returns
 * go another way through Lua's code (luaD_poscall), which fills up results in other loops.
 */
function passesMissed(lua: WatchedLua): number {
  const call = lua.words[(lua.state + STATE_CALL_INFO) >> 2];
  const wanted = (lua.words[(call + CALL_RESULTS) >> 2] << 16) >> 16;
  switch (lua.words[(lua.words[(call + CALL_NEXT) >> 2] - 4) >> 2] & OPCODE_MASK) {
    case RETURN_NONE:
      return wanted === 1 ? 1 : 0;
    case RETURN_ONE:
      return wanted >= 2 || wanted === -1 ? -1 : 0;
    default:
      return 0;
  }
}

/** The hook (i32, i32) -> (), ready for a table. */
export function stepHook(lua: WatchedLua, gasMax: number, onStep: (line: number, gas: number) => void): unknown {
  const getInfo = lua.functions.lua_getinfo as (state: number, what: number, record: number) => number;
  const hook = (state: number, record: number) => {
    const { gas } = lua;
    lua.gas = gasMax;
    lua.bytes.set(LINE_REQUEST, SCRATCH_START);
    getInfo(state, SCRATCH_START, record);
    onStep(lua.signed[(record + RECORD_LINE) >> 2], gas);
    lua.gas = gas - passesMissed(lua);
  };
  const code = "0061736d0100000001060160027f7f0002070101650166000007050101660000";
  const bytes = Uint8Array.from(code.match(/../g) as string[], (pair) => Number.parseInt(pair, 16));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: { f: hook } }).exports.f;
}
