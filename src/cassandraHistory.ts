// Payments in Cassandra beside a node: a thread writes them behind the committed blocks, which it gets from the block log. The chain never
// waits for it; how far it is behind can be seen.

import { Worker } from "node:worker_threads";
import type { Logger } from "./base/logging.js";
import { type BlockSource, CassandraFollower } from "./cassandraFollower.js";
import type { CassandraAnswer, CassandraWorkerData } from "./cassandraWorker.js";
import { RemotePayments } from "./history/cassandra/remotePayments.js";
import type { PaymentIndex } from "./history/payments/paymentIndex.js";
import { workerUrl } from "./pool/workerUrl.js";
import type { CassandraAddress } from "./storage/cassandraAddress.js";

export interface CassandraHistoryOptions {
  address: CassandraAddress;
  genesisHash: Uint8Array;
  blocks: BlockSource;
  logger: Logger;
}

export class CassandraHistory {
  readonly payments: RemotePayments;
  private readonly worker: Worker;
  private readonly follower: CassandraFollower;

  private constructor({ address, genesisHash, blocks, logger }: CassandraHistoryOptions) {
    this.payments = new RemotePayments(address, genesisHash);
    const workerData: CassandraWorkerData = { address, genesisHash };
    this.worker = new Worker(workerUrl("./cassandraWorker.js", import.meta.url), { workerData });
    this.follower = new CassandraFollower(blocks, logger, (request) => this.worker.postMessage(request));
    this.worker.on("message", (answer: CassandraAnswer) => this.follower.onAnswer(answer));
    this.worker.on("error", (error) => this.follower.end("INTERNAL", error.message));
  }

  static start(options: CassandraHistoryOptions): CassandraHistory {
    return new CassandraHistory(options);
  }

  get index(): PaymentIndex {
    return { history: this.payments, status: () => this.follower.status };
  }

  /** The block up to which nothing needs the log any more. */
  get writtenHeight(): number {
    return this.follower.writtenHeight;
  }

  /** Tells of a new block. */
  poke(): void {
    this.follower.poke();
  }

  /** Ends the thread at once: what it had not written is written after the next start. */
  async close(): Promise<void> {
    this.follower.close();
    await this.worker.terminate();
    await this.payments.close();
  }
}
