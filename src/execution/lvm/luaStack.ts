// Arguments and results of host functions. Reads go straight to Lua's stack in memory: an exported function call costs more
// than the read. Positions count from 1.
import { assert } from "../../base/assert.js";
import type { GasSchedule } from "../../protocol/gasSchedule.js";
import { LvmError } from "../../protocol/lvmError.js";
import { ADDRESS_BYTES, NAME_BYTES_MAX } from "./limits.js";
import type { LuaInstance } from "./luaInstance.js";
import {
  REGISTRY_INDEX,
  SCRATCH_START,
  SLOT_BYTES,
  SLOT_TYPE,
  STATE_CALL_INFO,
  STATE_TOP,
  STRING_BYTES,
  STRING_LONG_LENGTH,
  STRING_SHORT_LENGTH,
  TYPE_FALSE,
  TYPE_FLOAT,
  TYPE_INTEGER,
  TYPE_LONG_STRING,
  TYPE_MASK,
  TYPE_NIL,
  TYPE_NONE,
  TYPE_SHORT_STRING,
  TYPE_TABLE,
  TYPE_TRUE,
  TYPE_USERDATA,
} from "./luaLayout.js";

/** The first word of every userdata says what it is; contracts can't make userdata themselves. */
export const OBJECT_BIGNUM = 1;
export const OBJECT_ERROR = 2;
export const OBJECT_STATE_VALUE = 3;
export const OBJECT_STATE_MAP = 4;
export const OBJECT_STATE_ARRAY = 5;

const TYPE_NAMES: Record<number, string> = {
  [TYPE_NONE]: "nothing",
  [TYPE_NIL]: "nil",
  [TYPE_FALSE]: "boolean",
  [TYPE_TRUE]: "boolean",
  [TYPE_INTEGER]: "integer",
  [TYPE_FLOAT]: "float",
  [TYPE_SHORT_STRING]: "string",
  [TYPE_LONG_STRING]: "string",
  [TYPE_TABLE]: "table",
  [TYPE_USERDATA]: "object",
};

/** See the file's head. */
export class LuaStack {
  /** Registry slots of the metatables, by object kind. */
  readonly metatables: number[] = [];

  constructor(
    readonly lua: LuaInstance,
    protected readonly prices: GasSchedule,
  ) {}

  /** How many arguments the running host function got, or values lie above its frame. */
  get count(): number {
    const { words, state } = this.lua;
    const frame = words[words[(state + STATE_CALL_INFO) >> 2] >> 2];
    return (words[(state + STATE_TOP) >> 2] - frame) / SLOT_BYTES - 1;
  }

  /** Address of a position's slot. */
  protected slot(position: number): number {
    const { words, state } = this.lua;
    return words[words[(state + STATE_CALL_INFO) >> 2] >> 2] + position * SLOT_BYTES;
  }

  /** One of the TYPE_ constants. */
  typeAt(position: number): number {
    const slot = this.slot(position);
    if (slot >= this.lua.words[(this.lua.state + STATE_TOP) >> 2]) {
      return TYPE_NONE;
    }
    return this.lua.bytes[slot + SLOT_TYPE] & TYPE_MASK;
  }

  typeName(position: number): string {
    return TYPE_NAMES[this.typeAt(position)] ?? "function";
  }

  isNil(position: number): boolean {
    return this.typeAt(position) <= TYPE_NIL;
  }

  isString(position: number): boolean {
    const type = this.typeAt(position);
    return type === TYPE_SHORT_STRING || type === TYPE_LONG_STRING;
  }

  isInteger(position: number): boolean {
    return this.typeAt(position) === TYPE_INTEGER;
  }

  /** Fails with what was expected at `position` and what is there. */
  wrongType(position: number, expected: string): never {
    throw new LvmError(
      "LVM_BAD_ARGUMENT",
      `argument ${position}: expected ${expected}, got ${this.typeName(position)}`,
    );
  }

  integerAt(position: number): bigint {
    if (!this.isInteger(position)) {
      this.wrongType(position, "integer");
    }
    return this.lua.view.getBigInt64(this.slot(position), true);
  }

  /** Address and length of a string's bytes, which stay where they are during the call. */
  protected stringRange(slot: number): { start: number; length: number } {
    const { bytes, words } = this.lua;
    const string = words[slot >> 2];
    const isShort = (bytes[slot + SLOT_TYPE] & TYPE_MASK) === TYPE_SHORT_STRING;
    const length = isShort ? bytes[string + STRING_SHORT_LENGTH] : words[(string + STRING_LONG_LENGTH) >> 2];
    return { start: string + STRING_BYTES, length };
  }

  /** A view of the string's bytes, valid until the next call into Lua. */
  bytesAt(position: number): Uint8Array {
    if (!this.isString(position)) {
      this.wrongType(position, "string");
    }
    const { start, length } = this.stringRange(this.slot(position));
    return this.lua.bytes.subarray(start, start + length);
  }

  /** An address: a string of 32 bytes. */
  addressAt(position: number): string {
    const address = this.byteStringAt(position);
    if (address.length !== ADDRESS_BYTES) {
      this.wrongType(position, `an address of ${ADDRESS_BYTES} bytes`);
    }
    return address;
  }

  /** A name: text of 1 to NAME_BYTES_MAX bytes. */
  nameAt(position: number): string {
    const name = this.byteStringAt(position);
    if (name === "" || name.length > NAME_BYTES_MAX) {
      throw new LvmError("LVM_BAD_ARGUMENT", `argument ${position}: expected a name of 1 to ${NAME_BYTES_MAX} bytes`);
    }
    return name;
  }

  /** The string's bytes, one per character. */
  byteStringAt(position: number): string {
    if (!this.isString(position)) {
      this.wrongType(position, "string");
    }
    const { start, length } = this.stringRange(this.slot(position));
    return this.lua.buffer.latin1Slice(start, start + length);
  }

  /** The kind of the object at `position` (OBJECT_), 0 where there is none. */
  objectKindAt(position: number): number {
    return this.typeAt(position) === TYPE_USERDATA ? this.lua.words[this.objectAt(position) >> 2] : 0;
  }

  /** Address of a userdata's contents. */
  objectAt(position: number): number {
    return this.lua.functions.lua_touserdata(this.lua.state, position);
  }

  pushNil(): number {
    this.lua.functions.lua_pushnil(this.lua.state);
    return 1;
  }

  pushBoolean(value: boolean): number {
    this.lua.functions.lua_pushboolean(this.lua.state, value ? 1 : 0);
    return 1;
  }

  pushInteger(value: bigint | number): number {
    this.lua.functions.lua_pushinteger(this.lua.state, BigInt(value));
    return 1;
  }

  pushBytes(bytes: Uint8Array): number {
    this.lua.functions.lua_pushlstring(this.lua.state, this.lua.toScratch(bytes), bytes.length);
    return 1;
  }

  /** Pushes `length` bytes from `start`; a view of a few bytes costs more than copying them. */
  protected pushRange(bytes: Uint8Array, start: number, length: number): void {
    if (length > 64) {
      this.pushBytes(bytes.subarray(start, start + length));
      return;
    }
    const memory = this.lua.bytes;
    for (let i = 0; i < length; i++) {
      memory[SCRATCH_START + i] = bytes[start + i];
    }
    this.lua.functions.lua_pushlstring(this.lua.state, SCRATCH_START, length);
  }

  /** Pushes one byte per character. */
  pushByteString(text: string): number {
    const length = this.lua.buffer.latin1Write(text, SCRATCH_START);
    assert(length === text.length, "the scratch area holds any byte string that a limit lets pass");
    this.lua.functions.lua_pushlstring(this.lua.state, SCRATCH_START, length);
    return 1;
  }

  /** Pushes the UTF-8 bytes of `text`. */
  pushText(text: string): number {
    const length = this.lua.buffer.write(text, SCRATCH_START, "utf8");
    this.lua.functions.lua_pushlstring(this.lua.state, SCRATCH_START, length);
    return 1;
  }

  /** Pushes a new object of `kind` with `size` bytes after the kind's word; returns its contents' address. */
  pushObject(kind: number, size: number): number {
    const { lua } = this;
    const address = lua.functions.lua_newuserdatauv(lua.state, 8 + size, 0);
    lua.words[address >> 2] = kind;
    lua.words[(address >> 2) + 1] = 0;
    lua.functions.lua_rawgeti(lua.state, REGISTRY_INDEX, BigInt(this.metatables[kind]));
    lua.functions.lua_setmetatable(lua.state, -2);
    return address;
  }

  pushBignum(value: bigint): number {
    const address = this.pushObject(OBJECT_BIGNUM, 32);
    for (let i = 0; i < 4; i++) {
      this.lua.view.setBigInt64(address + 8 + 8 * i, BigInt.asIntN(64, value >> BigInt(64 * i)), true);
    }
    return 1;
  }

  /** The value of the bignum whose contents lie at `address`. */
  bignumValue(address: number): bigint {
    const { view } = this.lua;
    let value = view.getBigInt64(address + 32, true);
    for (let i = 2; i >= 0; i--) {
      value = (value << 64n) | view.getBigUint64(address + 8 + 8 * i, true);
    }
    return value;
  }
}
