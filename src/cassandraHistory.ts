// Payments in Cassandra beside a node: a thread writes them behind the committed blocks, which it gets from the block log, no more ahead
// than fits in memory. The chain never waits for it; how far it is behind can be seen.

import { Worker } from "node:worker_threads";
import { equalBytes, toHex } from "./base/bytes.js";
import type { Logger } from "./base/logging.js";
import type { CassandraAnswer, CassandraRequest, CassandraWorkerData } from "./cassandraWorker.js";
import { RemotePayments } from "./history/cassandra/remotePayments.js";
import type { PaymentIndex, PaymentIndexStatus } from "./history/payments/paymentIndex.js";
import { workerUrl } from "./pool/workerUrl.js";
import type { CassandraAddress } from "./storage/cassandraAddress.js";
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

export interface CassandraHistoryOptions {
  address: CassandraAddress;
  genesisHash: Uint8Array;
  blocks: BlockSource;
  logger: Logger;
}

export class CassandraHistory {
  readonly payments: RemotePayments;
  private readonly worker: Worker;
  private state: PaymentIndexStatus["state"] = "connecting";
  private problem: string | undefined;
  private height = 0;
  private epoch = 0;
  private checkpoint: { height: number; hash: Uint8Array } | undefined;
  /** The next block that the thread gets; undefined until it has begun. */
  private next: number | undefined;
  private readonly ahead: { height: number; bytes: number }[] = [];
  private feeding = false;
  private closed = false;

  private constructor(private readonly options: CassandraHistoryOptions) {
    const { address, genesisHash } = options;
    this.payments = new RemotePayments(address, genesisHash);
    const workerData: CassandraWorkerData = { address, genesisHash };
    this.worker = new Worker(workerUrl("./cassandraWorker.js", import.meta.url), { workerData });
    this.worker.on("message", (answer: CassandraAnswer) => this.onAnswer(answer));
    this.worker.on("error", (error) => this.end("INTERNAL", error.message));
  }

  static start(options: CassandraHistoryOptions): CassandraHistory {
    return new CassandraHistory(options);
  }

  /** Where it stands, as the status and the metrics show. */
  get status(): PaymentIndexStatus {
    const { state, height, epoch, problem } = this;
    return { store: "cassandra", state, height, epoch, ...(problem === undefined ? {} : { problem }) };
  }

  get index(): PaymentIndex {
    return { history: this.payments, status: () => this.status };
  }

  /** The block up to which nothing needs the log any more. */
  get writtenHeight(): number {
    return this.height;
  }

  private onAnswer(answer: CassandraAnswer): void {
    switch (answer.type) {
      case "began": {
        const { height, hash, epoch } = answer;
        this.options.logger.info({ height, epoch }, "payments are written to Cassandra");
        this.epoch = epoch;
        this.height = height;
        this.checkpoint = { height, hash };
        this.next = Math.max(1, height + 1 - REPLAYED_BLOCKS);
        this.follow();
        break;
      }
      case "written":
        this.height = Math.max(this.height, answer.height);
        while (this.ahead.length > 0 && this.ahead[0].height <= answer.height) {
          this.ahead.shift();
        }
        this.follow();
        break;
      case "failing":
        if (this.state !== "failing") {
          this.options.logger.warn(
            { problem: answer.message },
            "Cassandra does not take payments; the history follows later",
          );
        }
        this.state = "failing";
        this.problem = answer.message;
        break;
      case "ended":
        this.end(answer.code, answer.message);
        break;
    }
  }

  private follow(): void {
    this.state = "following";
    this.problem = undefined;
    this.poke();
  }

  private end(code: string, message: string): void {
    if (!this.closed) {
      this.options.logger.error({ code, problem: message }, "payments are not written to Cassandra any more");
      this.state = "ended";
      this.problem = message;
      this.next = undefined;
    }
  }

  /** Tells of a new block, or of room: hands the thread what it lacks. */
  poke(): void {
    if (!this.feeding) {
      this.feeding = true;
      this.feed()
        .catch((error: unknown) => this.end("INTERNAL", error instanceof Error ? error.message : String(error)))
        .finally(() => {
          this.feeding = false;
        });
    }
  }

  private async feed(): Promise<void> {
    const { blocks } = this.options;
    while (
      !this.closed &&
      this.next !== undefined &&
      this.next <= blocks.lastHeight &&
      this.aheadBytes < AHEAD_BYTES_MAX
    ) {
      // What is not kept any more can't be written; a history that begins on a pruned chain begins with its first block.
      const height = Math.max(this.next, blocks.firstHeight ?? 1);
      if (this.height > 0 && height > this.height + 1) {
        this.end(
          "HEIGHT_NOT_KEPT",
          `block ${this.height + 1} is not kept any more: rebuild the history from a node that has it`,
        );
        return;
      }
      const block = await blocks.read(height);
      if (block === undefined || this.closed) {
        return;
      }
      if (height === this.checkpoint?.height && !equalBytes(block.hash, this.checkpoint.hash)) {
        const { hash } = this.checkpoint;
        this.end(
          "HISTORY_FOREIGN",
          `expected block ${height} to be ${toHex(hash)}, got ${toHex(block.hash)}: rebuild the history`,
        );
        return;
      }
      const { payload } = recordOf(block);
      this.ahead.push({ height, bytes: payload.length });
      this.next = height + 1;
      const request: CassandraRequest = { payload };
      this.worker.postMessage(request);
    }
  }

  private get aheadBytes(): number {
    return this.ahead.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Ends the thread at once: what it had not written is written after the next start. */
  async close(): Promise<void> {
    this.closed = true;
    await this.worker.terminate();
    await this.payments.close();
  }
}
