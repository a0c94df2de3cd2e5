// A block as its transactions and its steps see it.

import type { ChainParameters } from "../protocol/parameters.js";
import type { TokenId } from "../protocol/tokens.js";
import type { BlockGas, ContractCalls } from "./contracts/contractUsage.js";
import type { WorkingState } from "./workingState.js";

/** A block as its transactions see it. */
export interface BlockScope {
  readonly height: number;
  /** Milliseconds since 1970 UTC. */
  readonly timeMs: number;
  readonly genesisHash: Uint8Array;
  readonly parameters: ChainParameters;
  readonly state: WorkingState;
  /** Fees charged so far; they reach the fee pool at the block's end. */
  readonly fees: Map<TokenId, bigint>;
  /** Keys (as text) of lanes that had expired, were not removed yet and were used again in this block. */
  readonly revivedLanes: Set<string>;
  readonly gas: BlockGas;
  /** Runs calls of contracts. */
  readonly calls: ContractCalls;
}
