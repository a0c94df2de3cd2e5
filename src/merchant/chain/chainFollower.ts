// Applies committed blocks in their order, each once. What it has applied is the cursor; it waits for the disk now and then, so
// that a gateway that catches up holds a bounded number of blocks' changes in memory.

import type { Clock, Timer } from "../../base/clock.js";
import { CodedError } from "../../protocol/errors.js";
import type { ChainBlock, ChainSource } from "./chainSource.js";

const BLOCKS_WAITING_MAX = 64;
const RETRY_MS = 500;

export interface FollowerOptions {
  chain: ChainSource;
  clock: Clock;
  /** The latest height applied. */
  cursor: number;
  apply(block: ChainBlock): void;
  /** Resolves when what was applied is durable. */
  durable(): Promise<void>;
  /** Told of an error that passes: the block is asked for again. */
  onTrouble(error: unknown): void;
  /** Told once of one that does not. */
  onFailure(error: unknown): void;
}

export class ChainFollower {
  private heightApplied: number;
  private running: Promise<void> | undefined;
  private readonly unsubscribe: () => void;
  private timer: Timer | undefined;
  private stopped = false;
  /** Whether the last try to get a block went well. */
  private reaches = true;

  constructor(private readonly options: FollowerOptions) {
    this.heightApplied = options.cursor;
    this.unsubscribe = options.chain.onHeight(() => this.go());
    this.go();
  }

  get height(): number {
    return this.heightApplied;
  }

  /** Whether it stands where the chain stands, but for blocks under way. */
  get isFollowing(): boolean {
    const behind = this.options.chain.height - this.heightApplied;
    return !this.stopped && this.reaches && behind <= BLOCKS_WAITING_MAX;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    this.unsubscribe();
    await this.running;
  }

  private go(): void {
    if (this.running === undefined && !this.stopped) {
      this.running = this.run().finally(() => {
        this.running = undefined;
      });
    }
  }

  private async run(): Promise<void> {
    const { chain, clock, apply, durable, onTrouble, onFailure } = this.options;
    try {
      while (!this.stopped && this.heightApplied < chain.height) {
        const block = await chain.block(this.heightApplied + 1);
        this.reaches = true;
        apply(block);
        this.heightApplied++;
        if (this.heightApplied % BLOCKS_WAITING_MAX === 0) {
          await durable();
        }
      }
    } catch (error) {
      this.reaches = false;
      const isLost = error instanceof CodedError ? error.code === "HEIGHT_NOT_KEPT" : isBug(error);
      if (isLost) {
        this.stopped = true;
        onFailure(error);
      } else {
        onTrouble(error);
        this.timer = clock.setTimer(RETRY_MS, () => this.go());
      }
    }
  }
}

/** Whether an error says that the gateway itself is wrong, or its disk: to go on would be to say what isn't so. */
function isBug(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === "InvariantError" || error.name === "StorageError" || error instanceof TypeError)
  );
}
