// A batch of changes as bytes, piece by piece, for a thread that writes them: objects would be copied one by one on their way, and
// collected as garbage on both sides. A change: table's number u8, key's length u16, value's length plus one u32 (0: the key is removed),
// key, value.

import { assert } from "../base/assert.js";
import type { BatchPiece, KeyValueChange, KeyValueStore } from "./keyValueStore.js";
import { expectKey } from "./sortChanges.js";

const HEAD_BYTES = 1 + 2 + 4;
const TABLES_MAX = 256;
const PIECE_BYTES = 1_048_576;

/** Puts pieces together. */
export class BatchPacker {
  /** What the piece at hand is written to: `add` and `begin` may replace it. */
  bytes = new Uint8Array(PIECE_BYTES);
  private used = 0;
  private readonly full: BatchPiece[] = [];
  private readonly tables: string[] = [];

  /** Begins a change that sets a value and returns where its key belongs in `bytes`; the value belongs right behind it. */
  begin(table: string, keyLength: number, valueLength: number): number {
    return this.head(table, keyLength, valueLength, valueLength + 1);
  }

  add({ table, key, value }: KeyValueChange): void {
    if (value === undefined) {
      // Not in one expression: beginning the change may replace the bytes, and the key would go to the piece before.
      const at = this.head(table, key.length, 0, 0);
      this.bytes.set(key, at);
      return;
    }
    const at = this.begin(table, key.length, value.length);
    this.bytes.set(key, at);
    this.bytes.set(value, at + key.length);
  }

  private head(table: string, keyLength: number, valueLength: number, mark: number): number {
    expectKey(keyLength);
    const length = HEAD_BYTES + keyLength + valueLength;
    if (this.used + length > this.bytes.length) {
      this.endPiece();
      this.bytes = new Uint8Array(Math.max(PIECE_BYTES, length));
    }
    const { bytes, used } = this;
    bytes[used] = this.tableNumber(table);
    bytes[used + 1] = keyLength;
    bytes[used + 2] = keyLength >> 8;
    for (let i = 0; i < 4; i++) {
      bytes[used + 3 + i] = mark >>> (8 * i);
    }
    this.used += length;
    return used + HEAD_BYTES;
  }

  private tableNumber(table: string): number {
    const known = this.tables.indexOf(table);
    if (known >= 0) {
      return known;
    }
    assert(this.tables.length < TABLES_MAX, `a batch names up to ${TABLES_MAX} tables`);
    return this.tables.push(table) - 1;
  }

  private endPiece(): void {
    if (this.used > 0) {
      this.full.push({ bytes: this.bytes.subarray(0, this.used), tables: [...this.tables] });
      this.used = 0;
    }
  }

  /** Pieces that are full, each given once. */
  takeFull(): BatchPiece[] {
    return this.full.splice(0);
  }

  /** Ends the batch; what is left of it. */
  finish(): BatchPiece[] {
    this.endPiece();
    return this.takeFull();
  }
}

/** Appends the changes of a piece, as views of it. */
export function unpackChanges({ bytes, tables }: BatchPiece, changes: KeyValueChange[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const keyAt = at + HEAD_BYTES;
    const valueAt = keyAt + view.getUint16(at + 1, true);
    const valueLength = view.getUint32(at + 3, true) - 1;
    const end = valueAt + Math.max(0, valueLength);
    changes.push({
      table: tables[bytes[at]],
      key: bytes.subarray(keyAt, valueAt),
      value: valueLength < 0 ? undefined : bytes.subarray(valueAt, end),
    });
    at = end;
  }
}

/** Writes a batch that comes in pieces, as `KeyValueStore.writePieces` says, to any store. */
export async function writePieces(store: KeyValueStore, pieces: AsyncIterable<BatchPiece>): Promise<void> {
  if (store.writePieces !== undefined) {
    return store.writePieces(pieces);
  }
  const changes: KeyValueChange[] = [];
  for await (const piece of pieces) {
    unpackChanges(piece, changes);
  }
  return store.write(changes);
}
