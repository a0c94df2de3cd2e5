// Values between Lua's stack and their canonical encoding (lvmValue.ts), without JavaScript values in between. Both ways charge
// gas by size; tables are walked raw, so that no metamethod runs.
import { assert } from "../../base/assert.js";
import { LvmError } from "../../protocol/lvmError.js";
import {
  BIGNUM_MIN,
  TAG_ARRAY,
  TAG_BIGNUM,
  TAG_FALSE,
  TAG_INTEGER,
  TAG_MAP,
  TAG_NIL,
  TAG_STRING,
  TAG_TRUE,
  ValueWriter,
} from "../../protocol/lvmValue.js";
import { VALUE_DEPTH_MAX } from "./limits.js";
import type { ByteStringBuffer } from "./luaInstance.js";
import {
  SLOT_BYTES,
  SLOT_TYPE,
  STATE_TOP,
  TYPE_FALSE,
  TYPE_INTEGER,
  TYPE_LONG_STRING,
  TYPE_NIL,
  TYPE_SHORT_STRING,
  TYPE_TABLE,
  TYPE_TRUE,
  TYPE_USERDATA,
} from "./luaLayout.js";
import { LuaStack, OBJECT_BIGNUM } from "./luaStack.js";

/** A position in encoded bytes. */
interface EncodedReader {
  readonly bytes: Uint8Array;
  position: number;
}

/** See the file's head. */
export class LuaValueStack extends LuaStack {
  private readonly writer = new ValueWriter();
  private keyBuffer = Buffer.alloc(0) as Buffer & ByteStringBuffer;

  /**
   * The canonical encoding of the values from position `first` to the last, each by itself or as one array (`asArray`).
   * At most `bytesMax` bytes, else `onOverflow`. Charges gas by size.
   */
  encodeFrom(first: number, asArray: boolean, bytesMax: number, onOverflow: () => never): Uint8Array {
    const writer = this.startEncoding(bytesMax, onOverflow);
    const last = this.count;
    if (asArray) {
      writer.byte(TAG_ARRAY);
      writer.unsigned(Math.max(0, last - first + 1));
    }
    for (let position = first; position <= last; position++) {
      this.write(writer, position, 0);
    }
    return this.endEncoding(writer);
  }

  /** The canonical encoding of one value. */
  encodeAt(position: number, bytesMax: number, onOverflow: () => never): Uint8Array {
    const writer = this.startEncoding(bytesMax, onOverflow);
    this.write(writer, position, 0);
    return this.endEncoding(writer);
  }

  /** As `encodeAt`, one byte per character. */
  encodeKeyAt(position: number, bytesMax: number, onOverflow: () => never): string {
    const writer = this.startEncoding(bytesMax, onOverflow);
    this.write(writer, position, 0);
    this.lua.charge(Math.ceil(writer.length / this.prices.valueBytesPerGas));
    if (this.keyBuffer.buffer !== writer.bytes.buffer) {
      this.keyBuffer = Buffer.from(writer.bytes.buffer) as Buffer & ByteStringBuffer;
    }
    return this.keyBuffer.latin1Slice(0, writer.length);
  }

  private startEncoding(bytesMax: number, onOverflow: () => never): ValueWriter {
    this.writer.length = 0;
    this.writer.bytesMax = bytesMax;
    this.writer.onOverflow = onOverflow;
    return this.writer;
  }

  private endEncoding(writer: ValueWriter): Uint8Array {
    this.lua.charge(Math.ceil(writer.length / this.prices.valueBytesPerGas));
    return writer.take();
  }

  private write(writer: ValueWriter, position: number, depth: number): void {
    const slot = this.slot(position);
    const type = this.typeAt(position);
    if (type <= TYPE_NIL) {
      writer.byte(TAG_NIL);
    } else if (type === TYPE_INTEGER) {
      writer.integer(this.lua.signed[(slot + 4) >> 2], this.lua.signed[slot >> 2]);
    } else if (type === TYPE_SHORT_STRING || type === TYPE_LONG_STRING) {
      const { start, length } = this.stringRange(slot);
      writer.stringRange(this.lua.bytes, start, length);
    } else if (type === TYPE_FALSE || type === TYPE_TRUE) {
      writer.byte(type === TYPE_TRUE ? TAG_TRUE : TAG_FALSE);
    } else if (type === TYPE_TABLE) {
      this.writeTable(writer, position, depth);
    } else if (this.objectKindAt(position) === OBJECT_BIGNUM) {
      writer.bignum(this.bignumValue(this.objectAt(position)));
    } else {
      throw new LvmError("LVM_BAD_VALUE", `a ${this.typeName(position)} cannot be stored or passed on`);
    }
  }

  private writeTable(writer: ValueWriter, position: number, depth: number): void {
    const { functions, state } = this.lua;
    if (depth >= VALUE_DEPTH_MAX) {
      throw new LvmError("LVM_BAD_VALUE", `expected at most ${VALUE_DEPTH_MAX} tables inside one another`);
    }
    functions.luaL_checkstack(state, 4, 0);
    let pairs = 0;
    functions.lua_pushnil(state);
    while (functions.lua_next(state, position) !== 0) {
      functions.lua_settop(state, -2);
      pairs++;
    }
    const start = writer.length;
    const isArray =
      functions.lua_rawlen(state, position) === BigInt(pairs) && this.writeArray(writer, position, pairs, depth);
    if (!isArray) {
      writer.length = start;
      this.writeMap(writer, position, pairs, depth);
    }
  }

  /** False where an element is missing: then the table is a map. */
  private writeArray(writer: ValueWriter, position: number, length: number, depth: number): boolean {
    const { functions, state } = this.lua;
    writer.byte(TAG_ARRAY);
    writer.unsigned(length);
    for (let i = 1; i <= length; i++) {
      functions.lua_rawgeti(state, position, BigInt(i));
      const element = this.count;
      if (this.isNil(element)) {
        functions.lua_settop(state, -2);
        return false;
      }
      this.write(writer, element, depth + 1);
      functions.lua_settop(state, -2);
    }
    return true;
  }

  private writeMap(writer: ValueWriter, position: number, size: number, depth: number): void {
    const { functions, state } = this.lua;
    writer.byte(TAG_MAP);
    writer.unsigned(size);
    const pairs: { start: number; keyEnd: number; end: number }[] = [];
    functions.lua_pushnil(state);
    while (functions.lua_next(state, position) !== 0) {
      const value = this.count;
      const key = this.typeAt(value - 1);
      const start = writer.length;
      if (key === TYPE_TABLE || key === TYPE_USERDATA) {
        throw new LvmError("LVM_BAD_VALUE", "a table's key is neither boolean, integer nor string");
      }
      this.write(writer, value - 1, depth + 1);
      const keyEnd = writer.length;
      this.write(writer, value, depth + 1);
      pairs.push({ start, keyEnd, end: writer.length });
      functions.lua_settop(state, -2);
    }
    // Sorting compares whole keys: charged by bytes, a few times over.
    const first = pairs.length === 0 ? writer.length : pairs[0].start;
    const rounds = 32 - Math.clz32(pairs.length);
    this.lua.charge(pairs.length * rounds + Math.ceil((writer.length - first) / this.prices.valueBytesPerGas));
    writer.sortPairs(pairs);
  }

  /** Pushes the values that `bytes` encode one after another, canonical and trusted; returns how many. Charges gas. */
  pushEncoded(bytes: Uint8Array, offset = 0): number {
    this.lua.charge(Math.ceil(bytes.length / this.prices.valueBytesPerGas));
    const reader = { bytes, position: offset };
    let count = 0;
    while (reader.position < bytes.length) {
      this.lua.functions.luaL_checkstack(this.lua.state, 4, 0);
      this.push(reader);
      count++;
    }
    return count;
  }

  private push(reader: EncodedReader): void {
    const { bytes } = reader;
    const { functions, state } = this.lua;
    const tag = bytes[reader.position++];
    switch (tag) {
      case TAG_NIL:
        functions.lua_pushnil(state);
        break;
      case TAG_FALSE:
      case TAG_TRUE:
        functions.lua_pushboolean(state, tag === TAG_TRUE ? 1 : 0);
        break;
      case TAG_INTEGER:
        this.pushIntegerBytes(bytes, reader.position);
        reader.position += 8;
        break;
      case TAG_STRING: {
        const length = readUnsigned(reader);
        this.pushRange(bytes, reader.position, length);
        reader.position += length;
        break;
      }
      case TAG_BIGNUM: {
        let value = 0n;
        for (let i = 0; i < 32; i++) {
          value = (value << 8n) | BigInt(bytes[reader.position++]);
        }
        this.pushBignum(value + BIGNUM_MIN);
        break;
      }
      default:
        assert(tag === TAG_ARRAY || tag === TAG_MAP, `the encoding is canonical, tag ${tag}`);
        this.pushTable(reader, tag);
    }
  }

  private pushTable(reader: EncodedReader, tag: number): void {
    const { functions, state } = this.lua;
    const count = readUnsigned(reader);
    functions.luaL_checkstack(state, 4, 0);
    functions.lua_createtable(state, tag === TAG_ARRAY ? count : 0, tag === TAG_ARRAY ? 0 : count);
    for (let i = 1; i <= count; i++) {
      this.push(reader);
      if (tag === TAG_ARRAY) {
        functions.lua_rawseti(state, -2, BigInt(i));
      } else {
        this.push(reader);
        functions.lua_rawset(state, -3);
      }
    }
  }

  /** Writes an integer's slot straight into memory. */
  private pushIntegerBytes(bytes: Uint8Array, at: number): void {
    const { words, state } = this.lua;
    const top = words[(state + STATE_TOP) >> 2];
    const high = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    words[top >> 2] = (bytes[at + 4] << 24) | (bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7];
    words[(top + 4) >> 2] = high ^ 0x80000000;
    this.lua.bytes[top + SLOT_TYPE] = TYPE_INTEGER;
    words[(state + STATE_TOP) >> 2] = top + SLOT_BYTES;
  }
}

function readUnsigned(reader: EncodedReader): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = reader.bytes[reader.position++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) {
      return value;
    }
  }
}
