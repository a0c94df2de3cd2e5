// Rewrites a WebAssembly module so that it counts its own work: every pass through a loop's head costs one unit, every
// bulk copy or fill one unit per 32 bytes. The counter is one i32 in linear memory, at an address that the module itself
// never uses; where it falls below zero the module traps with `unreachable`. All work that is not bounded by a constant
// goes through a loop or a bulk instruction, so nothing inside (parser, pattern matching, sorting, comparing long strings,
// walking a hash chain) escapes the count, and the count is the same in every compiler tier and on every machine.
// A second cell keeps the lowest value that the C stack's pointer had, so that its remains can be cleared.
import { assert } from "../../base/assert.js";

/** A bulk copy or fill costs its length shifted right by this. */
export const METER_BULK_SHIFT = 5;

const SECTION_TYPE = 1;
const SECTION_FUNCTION = 3;
const SECTION_CODE = 10;
const I32 = 0x7f;

/** The global that holds the C stack's pointer. */
const STACK_POINTER = 0;

/** Addresses of two i32 in the module's memory. */
export interface MeterCells {
  readonly counter: number;
  readonly lowestStack: number;
}

/** Reads a module's bytes in order; every method moves the position. */
class WasmReader {
  position = 0;

  constructor(readonly bytes: Uint8Array) {}

  byte(): number {
    return this.bytes[this.position++];
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) {
        return value;
      }
    }
  }

  /** Skips a LEB128 number of any width and sign. */
  skipNumber(): void {
    while (this.byte() >= 128) {
      // Only the last byte has its high bit clear.
    }
  }

  skipUnsigned(count: number): void {
    for (let i = 0; i < count; i++) {
      this.unsigned();
    }
  }
}

/** Collects bytes; grows as needed. */
class WasmWriter {
  private buffer = new Uint8Array(1 << 16);
  length = 0;

  private reserve(count: number): void {
    if (this.length + count > this.buffer.length) {
      const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.length + count));
      grown.set(this.buffer);
      this.buffer = grown;
    }
  }

  bytes(part: ArrayLike<number>): void {
    this.reserve(part.length);
    this.buffer.set(part, this.length);
    this.length += part.length;
  }

  unsigned(value: number): void {
    this.bytes(encodeUnsigned(value));
  }

  take(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }
}

function encodeUnsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest & 127) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

function parameterCounts(bytes: Uint8Array): number[] {
  const reader = new WasmReader(bytes);
  return Array.from({ length: reader.unsigned() }, () => {
    assert(reader.byte() === 0x60, "a function type was expected");
    const parameters = reader.unsigned();
    reader.position += parameters;
    const results = reader.unsigned();
    reader.position += results;
    return parameters;
  });
}

/** counter -= (what `amount` leaves on the stack); trap where it falls below zero. `local` is a spare i32. */
function chargeCode(counterAddress: number, amount: number[], local: number): number[] {
  const offset = encodeUnsigned(counterAddress);
  return [
    ...[0x41, 0, 0x41, 0, 0x28, 2, ...offset],
    ...[...amount, 0x6b],
    ...[0x22, ...encodeUnsigned(local), 0x36, 2, ...offset],
    ...[0x20, ...encodeUnsigned(local), 0x41, 0, 0x48, 0x04, 0x40, 0x00, 0x0b],
  ];
}

/** Where a cell of memory is above the stack pointer (global 0), sets it to that. */
function lowestStackCode(lowestAddress: number): number[] {
  const offset = encodeUnsigned(lowestAddress);
  return [...[0x23, 0, 0x41, 0, 0x28, 2, ...offset, 0x49, 0x04, 0x40], ...[0x41, 0, 0x23, 0, 0x36, 2, ...offset, 0x0b]];
}

/** Moves past one instruction's immediates; `opcode` was read already. */
function skipImmediates(reader: WasmReader, opcode: number): void {
  if (opcode === 0x02 || opcode === 0x03 || opcode === 0x04) {
    reader.skipNumber();
  } else if (opcode === 0x0c || opcode === 0x0d || opcode === 0x10 || (opcode >= 0x20 && opcode <= 0x26)) {
    reader.unsigned();
  } else if (opcode === 0x0e) {
    reader.skipUnsigned(reader.unsigned() + 1);
  } else if (opcode === 0x11 || (opcode >= 0x28 && opcode <= 0x3e)) {
    reader.skipUnsigned(2);
  } else if (opcode === 0x3f || opcode === 0x40) {
    reader.unsigned();
  } else if (opcode === 0x41 || opcode === 0x42) {
    reader.skipNumber();
  } else if (opcode === 0x43) {
    reader.position += 4;
  } else if (opcode === 0x44) {
    reader.position += 8;
  } else {
    const plain = opcode <= 0x01 || opcode === 0x05 || opcode === 0x0b || opcode === 0x0f;
    assert(plain || opcode === 0x1a || opcode === 0x1b || (opcode >= 0x45 && opcode <= 0xc4), `opcode ${opcode}`);
  }
}

/** One function's body with the counting code put in. */
function meterBody(bytes: Uint8Array, parameters: number, cells: MeterCells): Uint8Array {
  const reader = new WasmReader(bytes);
  const writer = new WasmWriter();
  const groups = reader.unsigned();
  const groupsStart = reader.position;
  let locals = parameters;
  for (let i = 0; i < groups; i++) {
    locals += reader.unsigned();
    reader.position++;
  }
  writer.unsigned(groups + 1);
  writer.bytes(bytes.subarray(groupsStart, reader.position));
  writer.bytes([2, I32]);

  const local = encodeUnsigned(locals);
  const loopCode = chargeCode(cells.counter, [0x41, 1], locals + 1);
  const bulkAmount = [0x20, ...local, 0x41, METER_BULK_SHIFT, 0x76];
  const bulkCode = [0x21, ...local, ...chargeCode(cells.counter, bulkAmount, locals + 1), 0x20, ...local];
  const stackCode = lowestStackCode(cells.lowestStack);
  let copiedTo = reader.position;
  const copyTo = (end: number) => {
    writer.bytes(bytes.subarray(copiedTo, end));
    copiedTo = end;
  };
  while (reader.position < bytes.length) {
    const start = reader.position;
    const opcode = reader.byte();
    if (opcode === 0xfc) {
      const operation = reader.unsigned();
      if (operation === 10 || operation === 11) {
        copyTo(start);
        writer.bytes(bulkCode);
        reader.skipUnsigned(operation === 10 ? 2 : 1);
      } else {
        assert(operation < 8, `prefixed opcode ${operation}`);
      }
      continue;
    }
    skipImmediates(reader, opcode);
    if (opcode === 0x03) {
      copyTo(reader.position);
      writer.bytes(loopCode);
    } else if (opcode === 0x24 && bytes[reader.position - 1] === STACK_POINTER) {
      copyTo(reader.position);
      writer.bytes(stackCode);
    }
  }
  copyTo(bytes.length);
  return writer.take();
}

/**
 * The module `wasm` with counting code in all its functions. Only modules without SIMD, threads and reference types are understood; others fail an assertion.
 */
export function meterWasm(wasm: Uint8Array, cells: MeterCells): Uint8Array {
  const reader = new WasmReader(wasm);
  const writer = new WasmWriter();
  reader.position = 8;
  writer.bytes(wasm.subarray(0, 8));
  let typeParameters: number[] = [];
  let functionTypes: number[] = [];
  while (reader.position < wasm.length) {
    const id = reader.byte();
    const size = reader.unsigned();
    const content = wasm.subarray(reader.position, reader.position + size);
    reader.position += size;
    let written = content;
    if (id === SECTION_TYPE) {
      typeParameters = parameterCounts(content);
    } else if (id === SECTION_FUNCTION) {
      const functions = new WasmReader(content);
      functionTypes = Array.from({ length: functions.unsigned() }, () => functions.unsigned());
    } else if (id === SECTION_CODE) {
      written = meterCodeSection(content, functionTypes, typeParameters, cells);
    }
    writer.bytes([id]);
    writer.unsigned(written.length);
    writer.bytes(written);
  }
  return writer.take();
}

function meterCodeSection(
  content: Uint8Array,
  functionTypes: number[],
  typeParameters: number[],
  cells: MeterCells,
): Uint8Array {
  const reader = new WasmReader(content);
  const writer = new WasmWriter();
  const count = reader.unsigned();
  assert(count === functionTypes.length, "one body for each function was expected");
  writer.unsigned(count);
  for (let i = 0; i < count; i++) {
    const size = reader.unsigned();
    const body = content.subarray(reader.position, reader.position + size);
    reader.position += size;
    const metered = meterBody(body, typeParameters[functionTypes[i]], cells);
    writer.unsigned(metered.length);
    writer.bytes(metered);
  }
  return writer.take();
}
