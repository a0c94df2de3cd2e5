// What each worker of the verify pool runs: one packed batch in, one byte a signature out, moved instead of copied. All
// workers share one memory, in which each has a part of its own and all use the same tables of keys.
import { workerData } from "node:worker_threads";
import { move } from "piscina";
import { Ed25519Kernel } from "../wasm/ed25519Kernel.js";
import type { Ed25519Memory } from "../wasm/ed25519Memory.js";
import { type PackedSignatures, unpackSignatures } from "./packedSignatures.js";

/** What the pool gives its workers. */
export interface VerifyWorkerData {
  plan: Ed25519Memory;
  /** One counter: how many parts of the memory workers have taken. A part is never taken twice. */
  instancesTaken: Int32Array;
}

const { plan, instancesTaken } = workerData as VerifyWorkerData;
const kernel = new Ed25519Kernel(plan, Atomics.add(instancesTaken, 0, 1));

/** The verdicts on a batch; the pool calls it by name. */
export function verifyTask(packed: PackedSignatures): unknown {
  return move(kernel.verifyPacked(unpackSignatures(packed)));
}

/** Builds the table of a key, for all workers; the pool calls it by name. */
export function earnTableTask(publicKey: Uint8Array): boolean {
  return kernel.earnTable(publicKey);
}
