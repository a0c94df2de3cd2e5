// Blocks over the API of peers. While a peer has the block that is asked for, the ones above it are asked for ahead, ever more of
// them: a node that lags waits for the network once, not once a block.

import type { Logger } from "./base/logging.js";
import { NodeUnreachableError, requestBytes } from "./client/requestJson.js";
import type { BlockSource } from "./consensus/follow/followEngine.js";
import type { PeerList } from "./peerList.js";
import { CodedError } from "./protocol/errors.js";
import { RECORD_PAYLOAD_BYTES_MAX } from "./storage/logRecord.js";

const ANSWER_WAIT_MS = 20_000;
/** A record of the log, with a certificate that came later. */
const ANSWER_BYTES_MAX = RECORD_PAYLOAD_BYTES_MAX + 1024 * 1024;
const AHEAD_MAX = 8;
/** Memory for blocks that are asked for ahead, as large as the last one was: large ones come one by one. */
const AHEAD_BYTES = 64 * 1024 * 1024;

interface Answer {
  peer: string;
  bytes: Uint8Array | undefined;
}

export class PeerBlocks implements BlockSource {
  /** Answers that are under way, by height. */
  private readonly asked = new Map<number, Promise<Answer>>();
  /** Who gave the answer that was read last. */
  private lastPeer = "";
  private ahead = 0;
  private lastTrouble = "";

  constructor(
    private readonly peers: PeerList,
    private readonly logger: Logger,
  ) {}

  async read(height: number): Promise<Uint8Array | undefined> {
    const { peer, bytes } = await (this.asked.get(height) ?? this.ask(height));
    this.asked.delete(height);
    this.lastPeer = peer;
    if (bytes === undefined) {
      this.ahead = 0;
      this.asked.clear();
      return undefined;
    }
    this.ahead = Math.min(AHEAD_MAX, 2 * this.ahead + 1, Math.floor(AHEAD_BYTES / Math.max(1, bytes.length)));
    for (let next = height + 1; next <= height + this.ahead; next++) {
      if (!this.asked.has(next)) {
        this.asked.set(next, this.ask(next));
      }
    }
    return bytes;
  }

  passOver(): void {
    this.peers.passOver(this.lastPeer);
    this.ahead = 0;
    this.asked.clear();
  }

  private async ask(height: number): Promise<Answer> {
    const peer = this.peers.current;
    try {
      const bytes = await requestBytes(peer, `/v1/blocks/${height}/record`, {}, ANSWER_WAIT_MS, ANSWER_BYTES_MAX);
      this.lastTrouble = "";
      return { peer, bytes };
    } catch (error) {
      if (!(error instanceof NodeUnreachableError || error instanceof CodedError)) {
        throw error;
      }
      if (!(error instanceof CodedError && error.code === "NOT_FOUND")) {
        this.tell(peer, error);
      }
      // One that has no such block may lag itself.
      this.peers.passOver(peer);
      return { peer, bytes: undefined };
    }
  }

  /** Once for each trouble, not for each try. */
  private tell(peer: string, { message }: Error): void {
    if (message !== this.lastTrouble) {
      this.lastTrouble = message;
      this.logger.warn({ peer }, `a peer gives no blocks: ${message}`);
    }
  }
}
