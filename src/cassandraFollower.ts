// Which committed blocks the thread that writes into Cassandra gets, and where it stands: in order, from a little below its checkpoint on,
// no more ahead than fits in memory. Nothing is handed over before the chain's own block at the checkpoint was seen to be the one that
// was written. Once ended it stays ended until the next start.

import { equalBytes, toHex } from "./base/bytes.js";
import type { Logger } from "./base/logging.js";
import type { CassandraAnswer, CassandraRequest } from "./cassandraWorker.js";
import type { PaymentIndexStatus } from "./history/payments/paymentIndex.js";
import { CodedError } from "./protocol/errors.js";
import { type CommittedBlock, recordOf } from "./storage/committedBlock.js";

/** What may be on its way to the thread. */
const AHEAD_BYTES_MAX = 32 * 1024 * 1024;
/** Blocks at and below the checkpoint that are written again: rows that are there already stay as they are. */
const REPLAYED_BLOCKS = 3;

/** Where the blocks come from. */
export interface BlockSource {
  readonly firstHeight: number | undefined;
  readonly lastHeight: number;
  read(height: number): Promise<CommittedBlock | undefined>;
}

export class CassandraFollower {
  private state: PaymentIndexStatus["state"] = "connecting";
  private problem: string | undefined;
  private height = 0;
  private epoch = 0;
  /** What was written before the start, until the chain's own block there was compared with it. */
  private unchecked: { height: number; hash: Uint8Array } | undefined;
  /** The next block that the thread gets; undefined until it has begun, and after the end. */
  private next: number | undefined;
  private readonly ahead: { height: number; bytes: number }[] = [];
  private aheadBytes = 0;
  private poked = false;
  private feeding = false;

  /** `post` hands a block to the thread. */
  constructor(
    private readonly blocks: BlockSource,
    private readonly logger: Logger,
    private readonly post: (request: CassandraRequest) => void,
  ) {}

  /** Where it stands, as the status and the metrics show. */
  get status(): PaymentIndexStatus {
    const { state, height, epoch, problem } = this;
    return { store: "cassandra", state, height, epoch, ...(problem === undefined ? {} : { problem }) };
  }

  /** The block up to which nothing needs the log any more; none of this chain's before the checkpoint was compared. */
  get writtenHeight(): number {
    return this.unchecked === undefined ? this.height : 0;
  }

  onAnswer(answer: CassandraAnswer): void {
    switch (answer.type) {
      case "began": {
        const { height, hash, epoch } = answer;
        this.logger.info({ height, epoch }, "payments are written to Cassandra");
        this.epoch = epoch;
        this.height = height;
        this.unchecked = height === 0 ? undefined : { height, hash };
        this.next = Math.max(1, height + 1 - REPLAYED_BLOCKS);
        this.follow();
        break;
      }
      case "written":
        this.height = Math.max(this.height, answer.height);
        while (this.ahead.length > 0 && this.ahead[0].height <= answer.height) {
          this.aheadBytes -= this.ahead[0].bytes;
          this.ahead.shift();
        }
        this.follow();
        break;
      case "failing":
        this.fail(answer.message);
        break;
      case "ended":
        this.end(answer.code, answer.message);
        break;
    }
  }

  private follow(): void {
    if (this.state !== "ended") {
      this.state = "following";
      this.problem = undefined;
      this.poke();
    }
  }

  private fail(problem: string): void {
    if (this.state === "ended") {
      return;
    }
    if (this.state !== "failing") {
      this.logger.warn({ problem }, "Cassandra does not take payments; the history follows later");
    }
    this.state = "failing";
    this.problem = problem;
  }

  /** Nothing is handed over any more. */
  end(code: string, problem: string): void {
    if (this.state !== "ended") {
      this.logger.error({ code, problem }, "payments are not written to Cassandra any more");
      this.state = "ended";
      this.problem = problem;
      this.next = undefined;
    }
  }

  /** Hands nothing over any more, and says nothing of it. */
  close(): void {
    this.state = "ended";
    this.next = undefined;
  }

  /** Tells of a new block, or of room: hands the thread what it lacks. */
  poke(): void {
    this.poked = true;
    if (!this.feeding) {
      this.feeding = true;
      void this.feedWhilePoked();
    }
  }

  private async feedWhilePoked(): Promise<void> {
    try {
      while (this.poked) {
        this.poked = false;
        await this.feed();
      }
    } catch (error) {
      const code = error instanceof CodedError ? error.code : "INTERNAL";
      this.end(code, error instanceof Error ? error.message : String(error));
    } finally {
      this.feeding = false;
    }
  }

  private async feed(): Promise<void> {
    if (!(await this.isChecked())) {
      return;
    }
    while (this.next !== undefined && this.next <= this.blocks.lastHeight && this.aheadBytes < AHEAD_BYTES_MAX) {
      const height = this.keptFrom(this.next);
      const block = await this.blocks.read(height);
      if (block === undefined || this.next === undefined) {
        return;
      }
      const { payload } = recordOf(block);
      this.ahead.push({ height, bytes: payload.length });
      this.aheadBytes += payload.length;
      this.next = height + 1;
      this.post({ payload });
    }
  }

  /** Whether the chain is the one that was written; false while it has not come as far. Throws HISTORY_FOREIGN. */
  private async isChecked(): Promise<boolean> {
    if (this.unchecked === undefined) {
      return true;
    }
    const { height, hash } = this.unchecked;
    if (this.blocks.lastHeight < height) {
      return false;
    }
    // Of a log that begins right above the checkpoint, the first block names the one before it.
    const isAbove = this.keptFrom(height) > height;
    const block = await this.blocks.read(isAbove ? height + 1 : height);
    if (block === undefined) {
      return false;
    }
    const found = isAbove ? block.block.header.parentHash : block.hash;
    if (!equalBytes(found, hash)) {
      throw new CodedError(
        "HISTORY_FOREIGN",
        `expected block ${height} to be ${toHex(hash)}, got ${toHex(found)}: rebuild the history`,
      );
    }
    this.unchecked = undefined;
    return true;
  }

  /**
   * The first block at or above `next` that is kept. A history that begins on a pruned chain begins there; one that has blocks already may
   * miss none. Throws HEIGHT_NOT_KEPT.
   */
  private keptFrom(next: number): number {
    const first = this.blocks.firstHeight ?? 1;
    if (first <= next) {
      return next;
    }
    if (this.height > 0 && first > this.height + 1) {
      throw new CodedError(
        "HEIGHT_NOT_KEPT",
        `block ${this.height + 1} is not kept any more: rebuild the history from a node that has it`,
      );
    }
    return first;
  }
}
