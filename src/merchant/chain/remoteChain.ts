// The chain by a node's API, for a gateway beside a node. Told of new blocks by WebSocket, it fetches each block's record, and
// checks that its receipts are those whose root the block's result names. It trusts its node for the rest.

import { equalBytes, toHex } from "../../base/bytes.js";
import type { Clock, Timer } from "../../base/clock.js";
import type { Logger } from "../../base/logging.js";
import { TTChainClient } from "../../client/client.js";
import { Connection } from "../../client/connection.js";
import { requestBytes, requestJson } from "../../client/requestJson.js";
import { decodeResult } from "../../protocol/block.js";
import { CodedError } from "../../protocol/errors.js";
import type { ChainParameters } from "../../protocol/parameters.js";
import { receiptsRoot } from "../../protocol/receipt.js";
import { decodeCommittedBlock } from "../../storage/committedBlock.js";
import type { ChainBlock, ChainSource } from "./chainSource.js";

const PARAMETERS_EVERY_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;

export class RemoteChain implements ChainSource {
  private readonly listeners = new Set<() => void>();
  private timer: Timer | undefined;
  private connection: Connection | undefined;
  private closed = false;

  private constructor(
    readonly client: TTChainClient,
    readonly genesisHash: Uint8Array,
    private latestHeight: number,
    private latestParameters: ChainParameters,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Throws NodeUnreachableError where the node does not answer. */
  static async open(url: string, clock: Clock, logger: Logger): Promise<RemoteChain> {
    const client = new TTChainClient({ url });
    const { genesisHash, height, parameters } = await client.chain();
    const chain = new RemoteChain(client, genesisHash, height, parameters, clock, logger);
    chain.connection = await Connection.open({ url });
    chain.connection.subscribe({ topic: "blocks", from: height + 1 }, (message) => chain.onHeightKnown(message.height));
    chain.readParametersLater();
    return chain;
  }

  get height(): number {
    return this.latestHeight;
  }

  get parameters(): ChainParameters {
    return this.latestParameters;
  }

  async block(height: number): Promise<ChainBlock> {
    const bytes = await requestBytes(this.client.url, `/v1/blocks/${height}/record`, {}, REQUEST_TIMEOUT_MS);
    const committed = decodeCommittedBlock(bytes);
    const { block, receipts } = committed;
    if (!equalBytes(receiptsRoot(receipts), decodeResult(block.result).receiptsRoot)) {
      throw new CodedError("BAD_PROOF", `expected the receipts of block ${height}, got others`);
    }
    return {
      height: block.header.height,
      timeMs: block.header.timeMs,
      receipts,
      get transactions() {
        return committed.transactions;
      },
    };
  }

  proofJson(key: Uint8Array, height: number): Promise<unknown> {
    return requestJson(this.client.url, `/v1/proofs/${toHex(key)}?height=${height}`, {}, REQUEST_TIMEOUT_MS);
  }

  onHeight(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.closed = true;
    this.timer?.cancel();
    this.connection?.close();
  }

  private onHeightKnown(height: number): void {
    if (height > this.latestHeight) {
      this.latestHeight = height;
      for (const listener of [...this.listeners]) {
        listener();
      }
    }
  }

  /** Parameters change by votes, seldom: they are asked for now and then, and so is the height, should the socket be down. */
  private readParametersLater(): void {
    this.timer = this.clock.setTimer(PARAMETERS_EVERY_MS, async () => {
      try {
        const { genesisHash, height, parameters } = await this.client.chain();
        if (!equalBytes(genesisHash, this.genesisHash)) {
          throw new CodedError("WRONG_CHAIN", "the node follows another chain than before");
        }
        this.latestParameters = parameters;
        this.onHeightKnown(height);
      } catch (error) {
        this.logger.warn({ err: error }, "the node's parameters could not be read; it is tried again");
      }
      if (!this.closed) {
        this.readParametersLater();
      }
    });
  }
}
