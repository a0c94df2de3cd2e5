// The chain as the gateway sees it: committed blocks by height, and word that there is a next one. In the node's own process its
// block log gives them, elsewhere a node's API; what the gateway makes of a block is the same.

import type { ChainParameters } from "../../protocol/parameters.js";
import type { Transaction } from "../../protocol/transaction.js";

export interface ChainBlock {
  height: number;
  timeMs: number;
  /** Encoded receipts, one a transaction. */
  receipts: readonly Uint8Array[];
  readonly transactions: readonly Transaction[];
}

export interface ChainSource {
  readonly genesisHash: Uint8Array;
  /** The latest height known to be committed. */
  readonly height: number;
  readonly parameters: ChainParameters;
  /** A committed block. Throws HEIGHT_NOT_KEPT for one that was removed. */
  block(height: number): Promise<ChainBlock>;
  /** As /v1/proofs gives it: presence or absence in the state after `height`, which is kept for a while only. Throws HEIGHT_NOT_KEPT. */
  proofJson(key: Uint8Array, height: number): Promise<unknown>;
  /** Calls back whenever `height` grew, until the function returned is called. */
  onHeight(listener: () => void): () => void;
}
