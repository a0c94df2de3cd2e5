// The engine of a node that only follows: it asks its peers for one block after another, checks that the delegates agreed on it,
// and executes it or takes its result, as its policy says. It signs nothing. Peers may lie, and are passed over then; where the
// delegates agreed on what can't be, the node keeps the evidence and stops.

import type { Clock, Timer } from "../../base/clock.js";
import type { Logger } from "../../base/logging.js";
import { decodeResult } from "../../protocol/block.js";
import { CodedError } from "../../protocol/errors.js";
import { signersOfTally } from "../../protocol/round.js";
import type { CommittedBlock } from "../../storage/committedBlock.js";
import type { Application, ExecutedBlock, ReadVerified } from "../application.js";
import type { ConsensusEngine } from "../consensusEngine.js";
import { followedBlock } from "./followedBlock.js";
import type { VerifyPolicy } from "./verifyMode.js";

/** How long it waits before it asks again for a block that nobody had. */
const ASK_AGAIN_MS = 200;
/** A chain commits a block every some seconds at the latest; a node without one for this long is cut off, or its peers are stopped. */
const FOLLOWING_MS = 30_000;

/** Where blocks come from. */
export interface BlockSource {
  /** The bytes of a committed block, as some peer serves them; undefined where none has it now. Never rejects. */
  read(height: number): Promise<Uint8Array | undefined>;
  /** What was read last can't be used: the next one is asked of another peer. */
  passOver(): void;
}

export interface FollowParts {
  application: Application;
  source: BlockSource;
  /** What hands on to the peers what its clients send. */
  relay: { stop(): void };
  policy: VerifyPolicy;
  clock: Clock;
  logger: Logger;
}

export interface FollowOptions {
  genesisHash: Uint8Array;
  readVerified: ReadVerified;
  /** Told of a block that the delegates agreed on and that this node refuses, before it stops. */
  onWrongResult: (block: CommittedBlock) => Promise<void>;
  /** Told of each block after it became durable and visible; the next one waits for what it returns. */
  onCommitted: (block: CommittedBlock) => unknown;
  /** Told once when the node can't go on. */
  onFailure: (error: unknown) => void;
}

export class FollowEngine implements ConsensusEngine {
  private running: Promise<void> | undefined;
  private stopped = false;
  private lastCommitMs = Number.NEGATIVE_INFINITY;
  private lastTimeMs = Number.NEGATIVE_INFINITY;
  private waiting: { timer: Timer; wake: () => void } | undefined;

  constructor(
    private readonly parts: FollowParts,
    private readonly options: FollowOptions,
  ) {}

  async start(): Promise<void> {
    this.running = this.run().catch((error: unknown) => this.options.onFailure(error));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.waiting?.timer.cancel();
    this.waiting?.wake();
    this.parts.relay.stop();
    await this.running;
  }

  /** Whether it has blocks of now, and not only more of those of yesterday. */
  get isFollowing(): boolean {
    const { clock } = this.parts;
    const isLively = clock.monotonicMs() - this.lastCommitMs < FOLLOWING_MS;
    return isLively && clock.nowMs() - this.lastTimeMs < FOLLOWING_MS;
  }

  /** What its clients send goes to its peers, who make the blocks. */
  notifyReady(): void {}

  private async run(): Promise<void> {
    const { application, source } = this.parts;
    while (!this.stopped) {
      const answer = await source.read(application.height + 1);
      const block = answer && this.agreedBlock(answer);
      if (block === undefined) {
        await this.pause();
      } else if (!this.stopped) {
        await this.take(block);
      }
    }
  }

  private async pause(): Promise<void> {
    if (this.stopped) {
      return;
    }
    await new Promise<void>((wake) => {
      this.waiting = { timer: this.parts.clock.setTimer(ASK_AGAIN_MS, wake), wake };
    });
    this.waiting = undefined;
  }

  private agreedBlock(answer: Uint8Array): CommittedBlock | undefined {
    const { application, source, logger } = this.parts;
    const height = application.height + 1;
    try {
      const block = followedBlock(answer, height, this.options.genesisHash, application.delegates);
      if (block === undefined) {
        source.passOver();
      }
      return block;
    } catch (error) {
      if (!(error instanceof CodedError)) {
        throw error;
      }
      logger.warn({ height, code: error.code }, `a peer served what was not agreed on: ${error.message}`);
      source.passOver();
      return undefined;
    }
  }

  private async take(block: CommittedBlock): Promise<void> {
    const { application, clock } = this.parts;
    const { onCommitted } = this.options;
    const executed = await this.verified(block);
    const committed = await application.commit(executed, block.certificate);
    this.lastCommitMs = clock.monotonicMs();
    this.lastTimeMs = block.block.header.timeMs;
    await onCommitted(committed);
  }

  private async verified(committed: CommittedBlock): Promise<ExecutedBlock> {
    const { application, policy, logger } = this.parts;
    const { readVerified, onWrongResult } = this.options;
    const { block, height } = committed;
    try {
      if (!policy.executes(block.header.timeMs)) {
        return application.adopt(committed);
      }
      // Who signed the block before is what the delegates say in the tally: this node has one certificate of it, and there are others.
      const signers = signersOfTally(application.tallyLatest, decodeResult(block.result).tally);
      return await application.process(block, readVerified, signers);
    } catch (error) {
      if (error instanceof CodedError) {
        logger.fatal({ height, err: error }, "the delegates agreed on a wrong block");
        await onWrongResult(committed);
      }
      throw error;
    }
  }
}
