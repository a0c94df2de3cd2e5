// What the store says about the tree as a whole, written in the same transaction as its pages: which height it holds, the
// root there, and the oldest height that can still be read. Key ff of table "pages": no page has that depth, and it sorts
// behind all of them.

import { assert } from "../../base/assert.js";
import { StateDamageError } from "./errors.js";
import { PAGES_TABLE } from "./loadPage.js";
import { openRecord, sealRecord } from "./sealedRecord.js";
import { PAGE_BITS } from "./slots.js";

export const META_KEY = Uint8Array.of(0xff);
const META_VERSION = 1;
const META_BYTES = 2 + 8 + 8 + 32;

export interface TreeMeta {
  height: number;
  oldest: number;
  root: Uint8Array;
}

/** Version 1, bits a page, height and oldest height (u64, little-endian), root; sealed. */
export function encodeMeta(meta: TreeMeta): Uint8Array {
  assert(meta.height >= 0 && meta.oldest >= 0, "a stored tree has a height");
  const bytes = new Uint8Array(META_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = META_VERSION;
  bytes[1] = PAGE_BITS;
  view.setBigUint64(2, BigInt(meta.height), true);
  view.setBigUint64(10, BigInt(meta.oldest), true);
  bytes.set(meta.root, 18);
  return sealRecord(META_KEY, bytes);
}

/** The inverse; throws StateDamageError for anything else. */
export function decodeMeta(record: Uint8Array): TreeMeta {
  const bytes = openRecord(PAGES_TABLE, META_KEY, record);
  if (bytes[0] !== META_VERSION || bytes[1] !== PAGE_BITS) {
    const expected = `version ${META_VERSION} with pages of ${PAGE_BITS} bits`;
    const got = `${bytes[0]} with ${bytes[1]}: where the block log is whole, a node without the state's directory makes it anew`;
    throw new StateDamageError(PAGES_TABLE, META_KEY, `expected ${expected}, got ${got}`);
  }
  if (bytes.length !== META_BYTES) {
    throw new StateDamageError(PAGES_TABLE, META_KEY, `expected ${META_BYTES} bytes, got ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const height = Number(view.getBigUint64(2, true));
  const oldest = Number(view.getBigUint64(10, true));
  if (!Number.isSafeInteger(height) || oldest > height) {
    throw new StateDamageError(
      PAGES_TABLE,
      META_KEY,
      `height ${height} and oldest height ${oldest} contradict each other`,
    );
  }
  return { height, oldest, root: bytes.slice(18) };
}
