// What really stands in the blocks of a run, read block by block.

import type { TTChainClient } from "../../client/client.js";

export interface FoundTransaction {
  height: number;
  code: string;
  /** Units of the fee token. */
  fee: bigint;
}

export interface BlockScan {
  /** By id. */
  found: Map<string, FoundTransaction>;
  /** Ids that stand in more than one place. */
  repeated: string[];
}

/** Reads the blocks `from` to `to`, both included, and keeps the transactions whose ids are in `wanted`. */
export async function scanBlocks(
  client: TTChainClient,
  from: number,
  to: number,
  wanted: Set<string>,
): Promise<BlockScan> {
  const scan: BlockScan = { found: new Map(), repeated: [] };
  for (let height = from; height <= to; height++) {
    const block = await client.block(height);
    for (const { id, code, fee } of block.transactions) {
      if (!wanted.has(id)) {
        continue;
      }
      if (scan.found.has(id)) {
        scan.repeated.push(id);
      }
      scan.found.set(id, { height, code, fee: BigInt(fee) });
    }
  }
  return scan;
}
