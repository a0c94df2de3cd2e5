// A block's summary, from the block itself.

import { decodeResult } from "../protocol/block.js";
import type { CommittedBlock } from "../storage/committedBlock.js";
import type { BlockSummary } from "./history.js";

export function summaryOf({ height, hash, block }: CommittedBlock): BlockSummary {
  return {
    height,
    hash,
    timeMs: block.header.timeMs,
    proposer: block.header.proposer,
    transactionCount: block.transactions.length,
    stateRoot: decodeResult(block.result).stateRoot,
  };
}
