// The chain for a gateway in the node's own process: straight from its state, its log and its feed of blocks.

import { stateProofJson } from "./api/proofs.js";
import type { BlockFeed } from "./events/blockFeed.js";
import type { ChainBlock, ChainSource } from "./merchant/chain/chainSource.js";
import { CodedError } from "./protocol/errors.js";
import type { ChainParameters } from "./protocol/parameters.js";
import type { State } from "./state/state.js";
import { readParameters } from "./state/views.js";
import type { BlockStore } from "./storage/blockStore.js";
import type { CommittedBlock } from "./storage/committedBlock.js";

export interface NodeChain {
  genesisHash: Uint8Array;
  state: State;
  blocks: BlockStore;
  feed: BlockFeed;
}

function chainBlock(committed: CommittedBlock): ChainBlock {
  return {
    height: committed.height,
    timeMs: committed.block.header.timeMs,
    receipts: committed.receipts,
    get transactions() {
      return committed.transactions;
    },
  };
}

export class NodeChainSource implements ChainSource {
  /** The block that the feed told last: most often the one that is asked for. */
  private latest: CommittedBlock | undefined;

  constructor(private readonly chain: NodeChain) {}

  get genesisHash(): Uint8Array {
    return this.chain.genesisHash;
  }

  get height(): number {
    return this.latest?.height ?? this.chain.state.height;
  }

  get parameters(): ChainParameters {
    return readParameters(this.chain.state);
  }

  async block(height: number): Promise<ChainBlock> {
    if (this.latest?.height === height) {
      return chainBlock(this.latest);
    }
    const { blocks } = this.chain;
    const block = await blocks.read(height);
    if (block === undefined) {
      const first = blocks.firstHeight ?? 1;
      throw new CodedError("HEIGHT_NOT_KEPT", `expected a height from ${first}, got ${height}`, { oldest: first });
    }
    return chainBlock(block);
  }

  async proofJson(key: Uint8Array, height: number): Promise<unknown> {
    const { blocks, state } = this.chain;
    const block = await blocks.read(height);
    if (block === undefined) {
      throw new CodedError("HEIGHT_NOT_KEPT", `block ${height} is not kept`);
    }
    return stateProofJson(state, block, key);
  }

  onHeight(listener: () => void): () => void {
    return this.chain.feed.subscribe({
      onBlock: (block) => {
        this.latest = block;
        listener();
      },
    });
  }
}
