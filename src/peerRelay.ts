// Hands what the clients of a node sent that makes no blocks to a peer, in their order, again and again until one takes it or refuses
// it for good. What overflows was not accepted by anybody else: its sender finds it expired.

import type { Clock, Timer } from "./base/clock.js";
import type { Logger } from "./base/logging.js";
import { encodeBatchFrame, splitBatches } from "./client/batchFrame.js";
import { NodeUnreachableError, requestBytes } from "./client/requestJson.js";
import type { PeerList } from "./peerList.js";
import type { SubmissionsJson } from "./protocol/apiTypes.js";
import { CodedError } from "./protocol/errors.js";

const WAITING_BYTES_MAX = 32 * 1024 * 1024;
const ANSWER_WAIT_MS = 20_000;
const TRY_AGAIN_MS = 500;
/** What a peer refuses only because it is busy. */
const PASSING = new Set(["BUSY", "SENDER_LIMIT", "RATE_LIMITED"]);

export class PeerRelay {
  private waiting: Uint8Array[] = [];
  private waitingBytes = 0;
  private isSending = false;
  private timer: Timer | undefined;
  private isStopped = false;

  constructor(
    private readonly peers: PeerList,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Puts an admitted transaction in; false where there is no room. */
  add(transaction: Uint8Array): boolean {
    if (this.waitingBytes + transaction.length > WAITING_BYTES_MAX) {
      return false;
    }
    this.waiting.push(transaction);
    this.waitingBytes += transaction.length;
    this.sendSoon(0);
    return true;
  }

  /** Nothing is sent any more. */
  stop(): void {
    this.isStopped = true;
    this.timer?.cancel();
  }

  /** Whatever comes in one turn goes out together. */
  private sendSoon(delayMs: number): void {
    if (!this.isSending && !this.isStopped) {
      this.isSending = true;
      this.timer = this.clock.setTimer(delayMs, () => void this.sendAll());
    }
  }

  private async sendAll(): Promise<void> {
    const batches = splitBatches(this.waiting);
    this.waiting = [];
    this.waitingBytes = 0;
    const left: Uint8Array[] = [];
    for (const batch of batches) {
      left.push(...(await this.send(batch)));
    }
    this.isSending = false;
    const later = this.waiting;
    this.waiting = [...left, ...later];
    this.waitingBytes = this.waiting.reduce((sum, { length }) => sum + length, 0);
    if (this.waiting.length > 0) {
      this.sendSoon(left.length > 0 ? TRY_AGAIN_MS : 0);
    }
  }

  /** The transactions of a batch that are to be sent again. Never rejects. */
  private async send(batch: Uint8Array[]): Promise<Uint8Array[]> {
    const url = this.peers.current;
    const headers = { "content-type": "application/octet-stream" };
    const request = { method: "POST" as const, headers, body: encodeBatchFrame(1, batch, false) };
    try {
      const answer = await requestBytes(url, "/v1/transactions", request, ANSWER_WAIT_MS);
      const { results } = JSON.parse(new TextDecoder().decode(answer)) as SubmissionsJson;
      return batch.filter((_, index) => PASSING.has(results[index]?.code ?? "BUSY"));
    } catch (error) {
      const isRefusal = error instanceof CodedError && !PASSING.has(error.code);
      const reason =
        error instanceof NodeUnreachableError || error instanceof CodedError ? error.message : String(error);
      this.logger.warn({ peer: url, count: batch.length }, `a peer did not take transactions: ${reason}`);
      this.peers.passOver(url);
      return isRefusal ? [] : batch;
    }
  }
}
