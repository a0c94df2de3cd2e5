// A Lua instance made ready for contracts: safe libraries, the contract API, host functions. Its base image is the same in
// every sandbox of every process with the same prices and libraries, so that contract images can be shared among them.
import { assert } from "../../base/assert.js";
import type { GasSchedule } from "../../protocol/gasSchedule.js";
import { LVM_ERROR_CODES, LvmAbort, LvmError, type LvmErrorCode } from "../../protocol/lvmError.js";
import type { Frame } from "./frame.js";
import { C_LEVELS_MAX } from "./limits.js";
import { type HostFunction, LuaInstance, type MemoryImage } from "./luaInstance.js";
import { REGISTRY_INDEX } from "./luaLayout.js";
import { OBJECT_ERROR } from "./luaStack.js";
import { LuaValueStack } from "./luaValueStack.js";

/** A function of the API: reads arguments from the sandbox's stack, pushes results, returns how many. */
export type ApiFunction = (sandbox: Sandbox) => number;

/** Functions by the global table that holds them ("" for plain globals), and metamethods by kind of object. */
export interface ApiLibrary {
  readonly tables: Readonly<Record<string, Readonly<Record<string, ApiFunction>>>>;
  readonly objects: Readonly<Record<number, Readonly<Record<string, ApiFunction>>>>;
  /** Tables that contracts can't see, for `__index` of objects to look into (Sandbox.methodTables). */
  readonly methods: Readonly<Record<string, Readonly<Record<string, ApiFunction>>>>;
}

/** An error that reached the outermost pcall. */
export interface UncaughtError {
  readonly code: LvmErrorCode;
  readonly message: string;
  readonly line: number | undefined;
}

const MESSAGE_BYTES_MAX = 1024;

export class Sandbox {
  readonly lua: LuaInstance;
  readonly stack: LuaValueStack;
  readonly baseImage: MemoryImage;
  /** Registry slots of the hidden method tables. */
  readonly methodTables: Record<string, number> = {};
  frame: Frame | undefined;
  uncaught: UncaughtError | undefined;
  private readonly messageHandler: number;

  constructor(
    readonly prices: GasSchedule,
    baseScript: string,
    makeLibraries: (lua: LuaInstance) => readonly ApiLibrary[],
  ) {
    this.lua = new LuaInstance(prices);
    this.stack = new LuaValueStack(this.lua, prices);
    const { functions, state } = this.lua;
    for (const [name, opener] of Object.entries({
      _G: "base",
      string: "string",
      table: "table",
      utf8: "utf8",
      math: "math",
    })) {
      functions.luaL_requiref(state, this.cString(name), this.lua.addExport(`luaopen_${opener}`), 1);
      functions.lua_settop(state, 0);
    }
    this.runSetUp(baseScript);
    const all = [errorLibrary, ...makeLibraries(this.lua)];
    const apiFunctions = all.flatMap(({ tables, objects, methods }) =>
      [...Object.values(tables), ...Object.values(objects), ...Object.values(methods)].flatMap((group) =>
        Object.values(group),
      ),
    );
    this.messageHandler = this.lua.addHostFunctions([
      () => this.handleUncaught(),
      ...apiFunctions.map((apiFunction) => this.guard(apiFunction)),
    ]);
    this.installApi(all, this.messageHandler + 1);
    // Room for ordinary calls, so that they need not grow the stack.
    functions.lua_checkstack(state, 120);
    assert(this.lua.cLevels < 8, "the offset of the C levels is right");
    this.baseImage = this.lua.takeImage();
  }

  private cString(text: string): number {
    return this.lua.toScratch(Buffer.from(text, "latin1"));
  }

  private runSetUp(script: string): void {
    assert(this.load(Buffer.from(script), "set-up"), "the set-up script is Lua");
    const { functions, state } = this.lua;
    assert(functions.lua_pcallk(state, 0, 0, 0, 0, 0) === 0, "the set-up script runs");
  }

  /** Compiles source text, never bytecode; leaves the function on the stack, or the error message (false). */
  load(source: Uint8Array, chunkName: string): boolean {
    const { functions, state } = this.lua;
    const text = this.lua.toScratch(source);
    const name = text + source.length + 8;
    this.lua.bytes.set(Buffer.from(`=${chunkName}\0t\0`, "latin1"), name);
    const mode = name + chunkName.length + 2;
    return functions.luaL_loadbufferx(state, text, source.length, name, mode) === 0;
  }

  private installApi(libraries: readonly ApiLibrary[], firstIndex: number): void {
    const { functions, state } = this.lua;
    let index = firstIndex;
    const setFields = (group: Readonly<Record<string, ApiFunction>>, position: number) => {
      for (const name of Object.keys(group)) {
        functions.lua_pushcclosure(state, index++, 0);
        functions.lua_setfield(state, position, this.cString(name));
      }
    };
    for (const { tables, objects, methods } of libraries) {
      for (const [name, group] of Object.entries(tables)) {
        if (functions.lua_getglobal(state, this.cString(name === "" ? "_G" : name)) === 0) {
          functions.lua_createtable(state, 0, Object.keys(group).length);
          functions.lua_pushvalue(state, -1);
          functions.lua_setglobal(state, this.cString(name));
        }
        setFields(group, -2);
        functions.lua_settop(state, 0);
      }
      for (const [kind, group] of Object.entries(objects)) {
        functions.lua_createtable(state, 0, Object.keys(group).length + 1);
        setFields(group, -2);
        functions.lua_pushboolean(state, 0);
        functions.lua_setfield(state, -2, this.cString("__metatable"));
        this.stack.metatables[Number(kind)] = functions.luaL_ref(state, REGISTRY_INDEX);
      }
      for (const [name, group] of Object.entries(methods)) {
        functions.lua_createtable(state, 0, Object.keys(group).length);
        setFields(group, -2);
        this.methodTables[name] = functions.luaL_ref(state, REGISTRY_INDEX);
      }
    }
  }

  /** Charges for the crossing and turns coded errors into ones that Lua can catch. */
  private guard(apiFunction: ApiFunction): HostFunction {
    const { lua } = this;
    const { hostCall, hostError } = this.prices;
    return () => {
      try {
        lua.charge(hostCall);
        return apiFunction(this);
      } catch (error) {
        if (error instanceof LvmError && !(error instanceof LvmAbort)) {
          lua.charge(hostError);
          this.pushError(error);
          return lua.functions.lua_error(lua.state);
        }
        throw error;
      }
    };
  }

  /** Where the innermost Lua function stands, "contract:12: ", searching from `level` outwards; "" where there is none. */
  private where(level: number): string {
    const { functions, state } = this.lua;
    functions.luaL_checkstack(state, 4, 0);
    for (let i = level; i < level + 8; i++) {
      functions.luaL_where(state, i);
      const place = this.stack.byteStringAt(this.stack.count);
      functions.lua_settop(state, -2);
      if (place !== "") {
        return place;
      }
    }
    return "";
  }

  private pushError(error: LvmError): void {
    const place = this.where(1);
    const message = Buffer.from(`${place}${error.message}`).subarray(0, MESSAGE_BYTES_MAX);
    const address = this.stack.pushObject(OBJECT_ERROR, 8 + message.length);
    this.lua.words[(address + 8) >> 2] = LVM_ERROR_CODES.indexOf(error.code);
    this.lua.words[(address + 12) >> 2] = message.length;
    this.lua.bytes.set(message, address + 16);
  }

  /** Code and message of the error object at `position`. */
  errorAt(position: number): { code: LvmErrorCode; message: Uint8Array } {
    const address = this.stack.objectAt(position);
    const length = this.lua.words[(address + 12) >> 2];
    const code = LVM_ERROR_CODES[this.lua.words[(address + 8) >> 2]];
    return { code, message: this.lua.bytes.subarray(address + 16, address + 16 + length) };
  }

  /** Lua's message handler: notes what the error is and where, and leaves it as it is. */
  private handleUncaught(): number {
    const overflowed = this.lua.cLevels >= C_LEVELS_MAX;
    const isObject = this.stack.objectKindAt(1) === OBJECT_ERROR;
    const thrown = isObject ? this.errorAt(1) : undefined;
    const bytes = thrown?.message ?? (this.stack.isString(1) ? this.stack.bytesAt(1) : undefined);
    const message = bytes
      ? Buffer.from(bytes.subarray(0, MESSAGE_BYTES_MAX)).toString()
      : `the error value is a ${this.stack.typeName(1)}`;
    const place = /^[a-z]+:(\d+): /.exec(message) ?? /^[a-z]+:(\d+): /.exec(this.where(1));
    const code = overflowed ? "LVM_STACK_OVERFLOW" : (thrown?.code ?? "LVM_RUNTIME_ERROR");
    this.uncaught = { code, message, line: place ? Number(place[1]) : undefined };
    return 1;
  }

  /** Pushes the message handler, which must lie below the function to call. */
  pushMessageHandler(): void {
    this.lua.functions.lua_pushcclosure(this.lua.state, this.messageHandler, 0);
  }

  /** Calls what lies above the message handler at position 1. Throws LvmError for an error of the contract. */
  protectedCall(argumentCount: number, resultCount: number): void {
    const { functions, state } = this.lua;
    this.uncaught = undefined;
    const status = functions.lua_pcallk(state, argumentCount, resultCount, 1, 0, 0);
    if (status !== 0) {
      // Without a handler's word the handler itself had no room: errors inside it count as overflow.
      const { code, message, line } = (this.uncaught as UncaughtError | undefined) ?? {
        code: "LVM_STACK_OVERFLOW" as const,
        message: "stack overflow in error handling",
        line: undefined,
      };
      throw new LvmError(code, message, line);
    }
  }
}

/** Error objects: `e.code`, `e.message`, tostring(e). */
const errorLibrary: ApiLibrary = {
  tables: {},
  methods: {},
  objects: {
    [OBJECT_ERROR]: {
      __tostring: (sandbox) => sandbox.stack.pushBytes(sandbox.errorAt(1).message),
      __index: (sandbox) => {
        const field = sandbox.stack.isString(2) ? sandbox.stack.byteStringAt(2) : "";
        const { code, message } = sandbox.errorAt(1);
        if (field === "code") {
          return sandbox.stack.pushText(code);
        }
        return field === "message" ? sandbox.stack.pushBytes(message) : sandbox.stack.pushNil();
      },
    },
  },
};
