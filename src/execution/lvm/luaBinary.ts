// Where Lua comes from: the glue.wasm of wasmoon, used through its raw exports, with counting code put into all its loops.
// Every offset in luaLayout.ts belongs to this very file, hence its hash is checked before anything runs.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { assert } from "../../base/assert.js";
import { COUNTER_ADDRESS, LOWEST_STACK_ADDRESS } from "./luaLayout.js";
import { meterWasm } from "./meterWasm.js";

/** SHA-256 of wasmoon 1.16.0's dist/glue.wasm (Lua 5.4). */
export const LUA_WASM_SHA256 = "95f3f19ddb740125883bc41d5ec670cd0828e7b58c8bdad385323cbff497b55c";

const CELLS = { counter: COUNTER_ADDRESS, lowestStack: LOWEST_STACK_ADDRESS };

let compiled: WebAssembly.Module | undefined;

/** The bytes of the pinned file; stops the program where they are others. */
export function readLuaWasm(): Uint8Array {
  const path = createRequire(import.meta.url).resolve("wasmoon/dist/glue.wasm");
  const wasm = readFileSync(path);
  const hash = createHash("sha256").update(wasm).digest("hex");
  assert(hash === LUA_WASM_SHA256, `wasmoon's glue.wasm: expected SHA-256 ${LUA_WASM_SHA256}, got ${hash}`);
  return wasm;
}

/** The metered module, compiled once in a process. */
export function luaModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(meterWasm(readLuaWasm(), CELLS) as Uint8Array<ArrayBuffer>);
  return compiled;
}
