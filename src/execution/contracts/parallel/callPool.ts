// The workers that run calls ahead of their turn. Each runs one task of the pool for as long as it lives and is talked to through a
// port, because a block is made without giving the event loop back.

import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { Piscina } from "piscina";
import { assert } from "../../../base/assert.js";
import { workerUrl } from "../../../pool/workerUrl.js";
import type { GasSchedule } from "../../../protocol/gasSchedule.js";
import type { Answer, FromWorker, Question, SpeculativeCall, SpeculativeResult, ToWorker } from "./callMessages.js";

/** Longer than any call takes: a worker that says nothing for this long is a fault of the node. */
const SILENCE_MS_MAX = 60_000;

interface Worker {
  port: MessagePort;
  toWorker: Int32Array;
}

function sharedCell(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

export class CallPool {
  private readonly workers: Worker[] = [];
  private readonly fromWorkers = sharedCell();
  private readonly turn = sharedCell();
  private readonly ends: Promise<unknown>[] = [];

  private constructor(private readonly pool: Piscina) {}

  static start(workers: number): CallPool {
    const pool = new Piscina({
      filename: fileURLToPath(workerUrl("./callWorker.js", import.meta.url)),
      name: "serveCalls",
      minThreads: workers,
      maxThreads: workers,
      recordTiming: false,
    });
    const calls = new CallPool(pool);
    for (let i = 0; i < workers; i++) {
      calls.addWorker();
    }
    return calls;
  }

  private addWorker(): void {
    const { port1, port2 } = new MessageChannel();
    const toWorker = sharedCell();
    // Only read without waiting: it must not keep the process alive.
    port1.unref();
    const start = { port: port2, toWorker, fromWorkers: this.fromWorkers, turn: this.turn };
    this.ends.push(this.pool.run(start, { transferList: [port2] }).catch(() => undefined));
    this.workers.push({ port: port1, toWorker });
  }

  get size(): number {
    return this.workers.length;
  }

  private send({ port, toWorker }: Worker, message: ToWorker): void {
    port.postMessage(message);
    Atomics.add(toWorker, 0, 1);
    Atomics.notify(toWorker, 0);
  }

  /** Gives the calls to the workers by turns; `prices`: those of their block. */
  begin(calls: readonly SpeculativeCall[], prices: GasSchedule): void {
    this.passTo(0);
    for (const [place, worker] of this.workers.entries()) {
      const share = calls.filter((_, i) => i % this.workers.length === place);
      if (share.length > 0) {
        this.send(worker, { calls: share, prices });
      }
    }
  }

  /** Tells the workers that calls before number `index` are not waited for any more: those that have not begun are left out. */
  passTo(index: number): void {
    Atomics.store(this.turn, 0, index);
  }

  /** Takes what the workers have said: questions are answered at once, ends handed on. Tells whether there was anything. */
  poll(answer: (question: Question) => Answer, done: (result: SpeculativeResult) => void): boolean {
    let heard = false;
    for (const worker of this.workers) {
      for (
        let message = receiveMessageOnPort(worker.port) as { message: FromWorker } | undefined;
        message !== undefined;
        message = receiveMessageOnPort(worker.port) as { message: FromWorker } | undefined
      ) {
        heard = true;
        if ("question" in message.message) {
          this.send(worker, { answer: answer(message.message.question) });
        } else {
          done(message.message.done);
        }
      }
    }
    return heard;
  }

  /** As `poll`, but waits until a worker says something. */
  wait(answer: (question: Question) => Answer, done: (result: SpeculativeResult) => void): void {
    const seen = Atomics.load(this.fromWorkers, 0);
    if (!this.poll(answer, done)) {
      const outcome = Atomics.wait(this.fromWorkers, 0, seen, SILENCE_MS_MAX);
      assert(outcome !== "timed-out", "a worker that runs contracts says nothing any more");
    }
  }

  async close(): Promise<void> {
    for (const worker of this.workers) {
      this.send(worker, { end: true });
    }
    await Promise.all(this.ends);
    for (const { port } of this.workers) {
      port.close();
    }
    await this.pool.destroy();
  }
}
