// A growing piece of memory that rows are appended to: a flush writes hundreds of thousands, and an array for each would cost
// more than their content.

import { copyWords } from "./copyWords.js";

export class RowArena {
  bytes: Uint8Array;
  length = 0;
  /** Of the same memory. */
  view: DataView;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `count` bytes at the end and gives their offset. It may replace `bytes` and `view`: read these afterwards. */
  reserve(count: number): number {
    const offset = this.length;
    this.length = offset + count;
    if (this.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.length, 2 * this.bytes.length));
      grown.set(this.bytes.subarray(0, offset));
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return offset;
  }

  u8(value: number): void {
    const offset = this.reserve(1);
    this.bytes[offset] = value;
  }

  u16(value: number): void {
    const offset = this.reserve(2);
    this.view.setUint16(offset, value, true);
  }

  u32BigEndian(value: number): void {
    const offset = this.reserve(4);
    this.view.setUint32(offset, value);
  }

  u64(value: bigint): void {
    const offset = this.reserve(8);
    this.view.setBigUint64(offset, value, true);
  }

  raw(value: Uint8Array): void {
    const offset = this.reserve(value.length);
    this.bytes.set(value, offset);
  }

  /** Appends what another memory's view has from `start` to below `end`. */
  copyRow(source: DataView, start: number, end: number): void {
    const offset = this.reserve(end - start);
    copyWords(this.view, offset, source, start, end);
  }

  /** Lets go of what was appended behind `end`. */
  shorten(end: number): void {
    this.length = end;
  }

  setU16(offset: number, value: number): void {
    this.view.setUint16(offset, value, true);
  }

  /** A copy of what was appended; the arena is empty then and keeps its memory. */
  take(): Uint8Array {
    const taken = this.bytes.slice(0, this.length);
    this.length = 0;
    return taken;
  }
}
