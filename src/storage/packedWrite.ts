// A batch of changes as bytes, piece by piece, for a thread that writes them: objects would be copied one by one on their way.
// A change: table's number u8, key's length u16, value's length plus one u32 (0: the key is removed), key, value.

import { assert } from "../base/assert.js";
import type { KeyValueChange } from "./keyValueStore.js";

const HEAD_BYTES = 1 + 2 + 4;
const TABLES_MAX = 256;

function packedBytes({ key, value }: KeyValueChange): number {
  return HEAD_BYTES + key.length + (value?.length ?? 0);
}

/** Packs changes from number `from` on, up to about `bytesMost`, and tells where those end; `tables` grows by tables that are new. */
export function packChanges(
  changes: readonly KeyValueChange[],
  from: number,
  bytesMost: number,
  tables: string[],
): { piece: Uint8Array<ArrayBuffer>; end: number } {
  let end = from;
  let bytes = 0;
  while (end < changes.length && (bytes === 0 || bytes + packedBytes(changes[end]) <= bytesMost)) {
    bytes += packedBytes(changes[end++]);
  }
  const piece = new Uint8Array(bytes);
  const view = new DataView(piece.buffer);
  let at = 0;
  for (let i = from; i < end; i++) {
    const { table, key, value } = changes[i];
    view.setUint8(at, tableNumber(tables, table));
    view.setUint16(at + 1, key.length, true);
    view.setUint32(at + 3, value === undefined ? 0 : value.length + 1, true);
    piece.set(key, at + HEAD_BYTES);
    if (value !== undefined) {
      piece.set(value, at + HEAD_BYTES + key.length);
    }
    at += packedBytes(changes[i]);
  }
  return { piece, end };
}

function tableNumber(tables: string[], table: string): number {
  const known = tables.indexOf(table);
  if (known >= 0) {
    return known;
  }
  assert(tables.length < TABLES_MAX, `a batch names up to ${TABLES_MAX} tables`);
  return tables.push(table) - 1;
}

/** Appends the changes of a piece, as views of it. */
export function unpackChanges(piece: Uint8Array, tables: readonly string[], changes: KeyValueChange[]): void {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
  for (let at = 0; at < piece.length; ) {
    const keyAt = at + HEAD_BYTES;
    const valueAt = keyAt + view.getUint16(at + 1, true);
    const valueLength = view.getUint32(at + 3, true) - 1;
    const end = valueAt + Math.max(0, valueLength);
    changes.push({
      table: tables[piece[at]],
      key: piece.subarray(keyAt, valueAt),
      value: valueLength < 0 ? undefined : piece.subarray(valueAt, end),
    });
    at = end;
  }
}
