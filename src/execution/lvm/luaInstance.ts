// One Lua state in a linear memory of its own, driven through raw exports. Invariants: nothing outside the memory matters
// to a call; its memory is taken from the bottom up by an allocator that charges gas, gives a call no memory back and throws
// past every pcall at its cap; after `restore` all bytes of the arena are those of the image, then zeros.
import { createHash } from "node:crypto";
import { assert } from "../../base/assert.js";
import type { GasSchedule } from "../../protocol/gasSchedule.js";
import { LvmAbort, LvmFault } from "../../protocol/lvmError.js";
import { CALL_GAS_MAX } from "./limits.js";
import { luaModule } from "./luaBinary.js";
import {
  ARENA_END,
  ARENA_START,
  C_HEAP_START,
  C_HEAP_USED_BYTES,
  CONSTANTS_START,
  COUNTER_ADDRESS,
  HEAP_END_VARIABLE,
  LOWEST_STACK_ADDRESS,
  MEMORY_PAGES,
  SCRATCH_BYTES,
  SCRATCH_START,
  STATE_C_CALLS,
  STATIC_END,
  STATIC_START,
} from "./luaLayout.js";
import { stepHook } from "./stepHook.js";

/** LUA_MASKCOUNT. */
const HOOK_EVERY_COUNT = 8;

/** What Lua throws through JavaScript on its way to the nearest pcall. */
const LONG_JUMP = Number.POSITIVE_INFINITY;

type NumberFunction = (...values: number[]) => number;

/** The exports: functions over 32-bit integers, but for those that take a lua_Integer. */
type LuaExports = Omit<Record<string, NumberFunction>, "lua_rawlen"> & {
  lua_pushinteger: (state: number, value: bigint) => void;
  lua_rawlen: (state: number, position: number) => bigint;
  lua_rawgeti: (state: number, position: number, key: bigint) => number;
  lua_rawseti: (state: number, position: number, key: bigint) => void;
};

/** Node's quick ways between bytes and strings of one byte per character, which its types leave out. */
export interface ByteStringBuffer {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, start: number): number;
}

/** A loaded state of memory, to be copied back before each call. */
export interface MemoryImage {
  readonly statics: Uint8Array;
  readonly cHeap: Uint8Array;
  readonly arena: Uint8Array;
}

/** A host function: reads its arguments from the instance, pushes its results, returns how many. */
export type HostFunction = () => number;

/** Turns JavaScript functions (i32) -> i32 into ones that fit into a WebAssembly table. */
function wrapForTable(functions: HostFunction[]): ((state: number) => number)[] {
  const number = (value: number) => [(value & 127) | 128, value >> 7];
  const section = (id: number, entries: number[][]) => {
    const content = [...number(entries.length), ...entries.flat()];
    return [id, ...number(content.length), ...content];
  };
  assert(functions.length < 1024, "two-byte numbers hold the section's length");
  const imports = functions.map((_, i) => [1, 0x65, 2, ...number(i).map((byte) => byte & 127), 0, 0]);
  const exports = functions.map((_, i) => [2, ...number(i).map((byte) => byte & 127), 0, ...number(i)]);
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const bytes = [...header, ...section(1, [[0x60, 1, 0x7f, 1, 0x7f]]), ...section(2, imports), ...section(7, exports)];
  const names = functions.map((_, i) => String.fromCharCode(i & 127, i >> 7));
  const e: Record<string, HostFunction> = {};
  for (let i = 0; i < functions.length; i++) {
    e[names[i]] = functions[i];
  }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), { e });
  return names.map((name) => instance.exports[name] as (state: number) => number);
}

function wrapAllocator(allocate: NumberFunction): unknown {
  const code = "0061736d0100000001090160047f7f7f7f017f02070101650166000007050101660000";
  const bytes = Uint8Array.from(code.match(/../g) as string[], (pair) => Number.parseInt(pair, 16));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: { f: allocate } }).exports.f;
}

/** See the file's head. The fields of memory stay valid for the instance's life: its memory never grows. */
export class LuaInstance {
  readonly functions: LuaExports;
  readonly bytes: Uint8Array;
  readonly buffer: Buffer & ByteStringBuffer;
  readonly words: Uint32Array;
  readonly signed: Int32Array;
  readonly view: DataView;
  /** lua_State of the main thread; there is no other. */
  readonly state: number;
  private readonly table: WebAssembly.Table;
  private readonly stackPointer: number;
  private arenaTop = ARENA_START;
  private arenaHighest = ARENA_START;
  private arenaEnd = ARENA_END;
  private isSetUp = false;
  private hook: number | undefined;
  private onStep: (line: number, gas: number) => void = () => {};
  /** Free blocks by size while an image is being made; undefined otherwise: calls are short. */
  private freeBlocks: Map<number, number[]> | undefined = new Map();

  constructor(private readonly prices: GasSchedule) {
    const module = luaModule();
    const instance = new WebAssembly.Instance(module, this.imports(module));
    this.functions = instance.exports as unknown as LuaExports;
    this.table = instance.exports.__indirect_function_table as WebAssembly.Table;
    const memory = instance.exports.memory as WebAssembly.Memory;
    memory.grow(MEMORY_PAGES - memory.buffer.byteLength / 65_536);
    this.bytes = new Uint8Array(memory.buffer);
    this.buffer = Buffer.from(memory.buffer) as Buffer & ByteStringBuffer;
    this.words = new Uint32Array(memory.buffer);
    this.signed = new Int32Array(memory.buffer);
    this.view = new DataView(memory.buffer);
    this.gas = CALL_GAS_MAX;
    this.words[LOWEST_STACK_ADDRESS >> 2] = C_HEAP_START;
    this.functions.__wasm_call_ctors();
    this.functions.emscripten_stack_init();
    this.stackPointer = this.functions.stackSave();
    const allocator = this.addToTable(
      wrapAllocator((_, pointer, oldSize, size) => this.allocate(pointer, oldSize, size)),
    );
    this.state = this.functions.lua_newstate(allocator, 0);
    assert(this.state !== 0, "the Lua state fits into the arena");
  }

  /** Gas left. Negative after a trap for want of gas. */
  get gas(): number {
    return this.signed[COUNTER_ADDRESS >> 2];
  }

  set gas(amount: number) {
    this.signed[COUNTER_ADDRESS >> 2] = amount;
  }

  /** Takes `amount` of gas, an integer from 0; aborts the call where less is left. */
  charge(amount: number): void {
    const left = this.signed[COUNTER_ADDRESS >> 2] - amount;
    this.signed[COUNTER_ADDRESS >> 2] = left < 0 ? -1 : left;
    if (left < 0) {
      throw new LvmAbort("LVM_OUT_OF_GAS", "out of gas");
    }
  }

  /** Bytes of the arena that are taken. */
  get memoryUsedBytes(): number {
    return this.arenaTop - ARENA_START;
  }

  /** Bytes of the arena that were taken at most since the last `restore`. */
  get memoryHighestBytes(): number {
    return this.arenaHighest - ARENA_START;
  }

  /** Nested calls of Lua's C code; see C_LEVELS_MAX. */
  get cLevels(): number {
    return this.words[(this.state + STATE_C_CALLS) >> 2] & 0xffff;
  }

  set cLevels(levels: number) {
    this.words[(this.state + STATE_C_CALLS) >> 2] =
      (this.words[(this.state + STATE_C_CALLS) >> 2] & 0xffff0000) | levels;
  }

  private imports(module: WebAssembly.Module): WebAssembly.Imports {
    const imports: Record<string, Record<string, (...values: number[]) => unknown>> = {
      env: {},
      wasi_snapshot_preview1: {},
    };
    for (const { module: space, name } of WebAssembly.Module.imports(module)) {
      imports[space][name] = () => {
        throw new LvmFault(`Lua used a forbidden import: ${name}`);
      };
    }
    const env = imports.env;
    env.emscripten_date_now = () => 0;
    env._emscripten_get_now_is_monotonic = () => 1;
    // An empty environment: how many variables, and their bytes.
    imports.wasi_snapshot_preview1.environ_sizes_get = (count, bytes) => {
      this.words[count >> 2] = 0;
      this.words[bytes >> 2] = 0;
      return 0;
    };
    imports.wasi_snapshot_preview1.environ_get = () => 0;
    env._emscripten_throw_longjmp = () => {
      this.charge(this.prices.thrownError + this.prices.thrownErrorLevel * this.cLevels);
      throw LONG_JUMP;
    };
    env.invoke_vii = (index, first, second) => {
      const stackPointer = this.functions.stackSave();
      this.charge(this.prices.protectedCall);
      try {
        (this.table.get(index) as NumberFunction)(first, second);
      } catch (error) {
        if (error !== LONG_JUMP) {
          throw error;
        }
        this.functions.stackRestore(stackPointer);
        this.functions.setThrew(1, 0);
      }
    };
    return imports as unknown as WebAssembly.Imports;
  }

  private allocate(pointer: number, oldSize: number, size: number): number {
    // Where there was no block, oldSize tells the kind of object.
    const oldRounded = pointer === 0 ? 0 : (oldSize + 7) & ~7;
    const isLast = pointer !== 0 && pointer + oldRounded === this.arenaTop;
    if (size === 0) {
      if (isLast) {
        this.arenaTop = pointer;
      } else if (pointer !== 0) {
        this.freeBlock(pointer, oldRounded);
      }
      return 0;
    }
    const rounded = (size + 7) & ~7;
    if (rounded <= oldRounded) {
      if (isLast) {
        this.arenaTop = pointer + rounded;
      }
      return pointer;
    }
    // The last block grows in place.
    const added = isLast ? rounded - oldRounded : rounded;
    this.charge(this.prices.allocation + Math.floor(added / this.prices.allocationBytesPerGas));
    const start = isLast ? pointer : (this.freeBlocks?.get(rounded)?.pop() ?? this.arenaTop);
    const end = start + rounded;
    if (end > this.arenaEnd || size > ARENA_END) {
      throw new LvmAbort("LVM_OUT_OF_MEMORY", "out of memory");
    }
    if (pointer !== 0 && !isLast) {
      this.bytes.copyWithin(start, pointer, pointer + oldSize);
      this.freeBlock(pointer, oldRounded);
    }
    if (end > this.arenaTop) {
      this.arenaTop = end;
    }
    if (end > this.arenaHighest) {
      this.arenaHighest = end;
    }
    return start;
  }

  private freeBlock(pointer: number, rounded: number): void {
    const blocks = this.freeBlocks;
    if (blocks !== undefined) {
      const sameSize = blocks.get(rounded);
      if (sameSize === undefined) {
        blocks.set(rounded, [pointer]);
      } else {
        sameSize.push(pointer);
      }
    }
  }

  /** From now to the next image blocks are used again when they are free, so that the image is small. */
  reuseBlocks(): void {
    this.freeBlocks = new Map();
  }

  private addToTable(entry: unknown): number {
    const index = this.table.grow(1);
    this.table.set(index, entry);
    return index;
  }

  /**
   * From now to the next `restore` calls `onStep` before every instruction of Lua code with its line. The gas counter stands still
   * meanwhile: finding the line costs the machine, not the call.
   */
  watchSteps(onStep: (line: number, gas: number) => void): void {
    this.onStep = onStep;
    this.hook ??= this.addToTable(stepHook(this, CALL_GAS_MAX, (line, gas) => this.onStep(line, gas)));
    const { gas } = this;
    this.functions.lua_sethook(this.state, this.hook, HOOK_EVERY_COUNT, 1);
    this.gas = gas;
  }

  /** The function at `index` of the table, as C code calls it. */
  tableFunction(index: number): NumberFunction {
    return this.table.get(index) as NumberFunction;
  }

  /** Puts an exported function of Lua into the table; returns its index, to be pushed as a C function. */
  addExport(name: string): number {
    return this.addToTable(this.functions[name]);
  }

  /** Puts host functions into the table, in order; returns the first one's index. Only before set-up ends. */
  addHostFunctions(functions: HostFunction[]): number {
    assert(!this.isSetUp, "host functions belong to the base image");
    const indexes = wrapForTable(functions).map((entry) => this.addToTable(entry));
    return indexes[0];
  }

  /** Copies the memory that matters. */
  takeImage(): MemoryImage {
    this.isSetUp = true;
    this.freeBlocks = undefined;
    assert(this.words[HEAP_END_VARIABLE >> 2] <= ARENA_START, "the C heap has its own place");
    return {
      statics: this.bytes.slice(STATIC_START, STATIC_END),
      cHeap: this.bytes.slice(C_HEAP_START, C_HEAP_START + C_HEAP_USED_BYTES),
      arena: this.bytes.slice(ARENA_START, this.arenaTop),
    };
  }

  /** Makes the memory equal to `image`; at most `memoryBytesMax` of the arena may then be taken. */
  restore(image: MemoryImage, memoryBytesMax: number): void {
    const top = ARENA_START + image.arena.length;
    this.bytes.set(image.statics, STATIC_START);
    this.bytes.set(image.cHeap, C_HEAP_START);
    this.bytes.set(image.arena, ARENA_START);
    if (this.arenaHighest > top) {
      this.bytes.fill(0, top, this.arenaHighest);
    }
    this.functions.stackRestore(this.stackPointer);
    // C code copies structures with bytes it never set: what an earlier call left on the stack would get into the heap.
    this.bytes.fill(0, this.words[LOWEST_STACK_ADDRESS >> 2], C_HEAP_START);
    this.words[LOWEST_STACK_ADDRESS >> 2] = C_HEAP_START;
    this.freeBlocks = undefined;
    this.arenaTop = top;
    this.arenaHighest = top;
    this.arenaEnd = ARENA_START + memoryBytesMax;
    if (memoryBytesMax < image.arena.length) {
      throw new LvmAbort("LVM_OUT_OF_MEMORY", "out of memory");
    }
  }

  /** SHA-256, in hex, of all memory that calls share: constants, variables, both heaps. For tests and tools. */
  memoryDigest(): string {
    const hash = createHash("sha256");
    hash.update(this.bytes.subarray(CONSTANTS_START, STATIC_END));
    hash.update(this.bytes.subarray(C_HEAP_START, this.arenaHighest));
    return hash.digest("hex");
  }

  /** Copies `bytes` to where C code can read them; valid until the next use. Returns the address. */
  toScratch(bytes: Uint8Array): number {
    assert(bytes.length < SCRATCH_BYTES, "the scratch area holds any value that a limit lets pass");
    this.bytes.set(bytes, SCRATCH_START);
    this.bytes[SCRATCH_START + bytes.length] = 0;
    return SCRATCH_START;
  }

  /** Says what an exception that left Lua means: an abort passes, a trap for want of gas becomes one, else a fault. */
  classify(error: unknown): LvmAbort | LvmFault {
    if (error instanceof LvmAbort || error instanceof LvmFault) {
      return error;
    }
    if (error instanceof WebAssembly.RuntimeError && this.gas < 0) {
      return new LvmAbort("LVM_OUT_OF_GAS", "out of gas");
    }
    const fault = new LvmFault(`the Lua machine failed: ${String(error)}`);
    fault.cause = error;
    return fault;
  }
}
