// A block of ours as the two entries of the engine's block: its header first, so that a proof of one small entry is a proof of
// the block, then everything that the header covers: the result record and the transactions.

import {
  type Block,
  type BlockHeader,
  decodeBlockBody,
  decodeHeader,
  encodeBlock,
  encodeHeader,
} from "../../protocol/block.js";
import { CodedError } from "../../protocol/errors.js";

export const ENTRY_COUNT = 2;
/** What a block's entries need beside its transactions and their lengths: header, record, count and the engine's own framing. */
export const ENTRY_OVERHEAD_BYTES = 1_280;

export function blockEntries(block: Block): Uint8Array[] {
  const header = encodeHeader(block.header);
  return [header, encodeBlock(block).subarray(header.length)];
}

/** The header alone. Throws BAD_BLOCK or MALFORMED. */
export function headerOfEntries(entries: readonly Uint8Array[]): BlockHeader {
  if (entries.length !== ENTRY_COUNT) {
    throw new CodedError("BAD_BLOCK", `expected ${ENTRY_COUNT} entries of a block, got ${entries.length}`);
  }
  return decodeHeader(entries[0]);
}

/** The inverse of `blockEntries`; the transactions are views of the second entry. Throws BAD_BLOCK or MALFORMED. */
export function blockOfEntries(entries: readonly Uint8Array[]): Block {
  return decodeBlockBody(headerOfEntries(entries), entries[1]);
}
