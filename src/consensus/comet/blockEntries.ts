// A block of ours as the two entries of the engine's block: its header first, so that a proof of one small entry is a proof of
// the block, then everything that the header covers: the result record and the transactions.

import { concatBytes } from "../../base/bytes.js";
import { type Block, decodeBlock, encodeBlock, encodeHeader } from "../../protocol/block.js";
import { CodedError } from "../../protocol/errors.js";

export const ENTRY_COUNT = 2;
/** What a block's entries need beside its transactions: header, record, counts and the engine's own framing. */
export const ENTRY_OVERHEAD_BYTES = 1_280;

export function blockEntries(block: Block): Uint8Array[] {
  const header = encodeHeader(block.header);
  return [header, encodeBlock(block).slice(header.length)];
}

/** The inverse of `blockEntries`. Throws BAD_BLOCK or MALFORMED. */
export function blockOfEntries(entries: Uint8Array[]): Block {
  if (entries.length !== ENTRY_COUNT) {
    throw new CodedError("BAD_BLOCK", `expected ${ENTRY_COUNT} entries of a block, got ${entries.length}`);
  }
  return decodeBlock(concatBytes(...entries));
}
