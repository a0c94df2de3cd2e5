// What the thread that makes a block and a worker that runs its calls say to each other. Both sides read their port without waiting for
// an event loop: a block is made in one go.

import type { MessagePort } from "node:worker_threads";
import type { GasSchedule } from "../../../protocol/gasSchedule.js";
import type { LvmReads } from "../../lvm/lvmHost.js";
import type { LvmCall, LvmResult } from "../../lvm/lvmMachine.js";

/** A call to be run ahead of its turn. */
export interface SpeculativeCall {
  index: number;
  call: Omit<LvmCall, "host">;
  /** Leaves that it will probably read, as they are now. */
  prefetched: LvmReads;
}

/** A leaf that a worker lacks. */
export type Question =
  | { kind: "contract"; address: string }
  | { kind: "source"; address: string }
  | { kind: "storage"; address: string; key: string }
  | { kind: "balance"; address: string; token: string }
  | { kind: "seedHeights" }
  | { kind: "seed"; height: number };

export type Answer = Uint8Array | string | bigint | number | undefined;

export type ToWorker = { calls: SpeculativeCall[]; prices: GasSchedule } | { answer: Answer } | { end: true };

/** How a call ended; `result` is undefined where its turn had passed before it began, or the worker itself failed. */
export interface SpeculativeResult {
  index: number;
  result: Omit<LvmResult, "reads"> | undefined;
  reads: LvmReads;
}

export type FromWorker = { question: Question } | { done: SpeculativeResult };

/** What a worker is started with. Both cells count messages: a sender adds one and wakes whoever waits. */
export interface WorkerStart {
  port: MessagePort;
  /** Messages to this worker. */
  toWorker: Int32Array;
  /** Messages to the thread that makes the block, of all workers. */
  fromWorkers: Int32Array;
  /** Index of the call whose turn it is: none before it is waited for any more. */
  turn: Int32Array;
}
