// What each worker of the verify pool runs: one packed batch in, one byte a signature out, moved instead of copied.
import { move } from "piscina";
import type { PackedSignatures } from "./packedSignatures.js";
import { verifyPacked } from "./verifyPacked.js";

/** The task that the pool calls by name. */
export function verifyTask(packed: PackedSignatures): unknown {
  return move(verifyPacked(packed));
}
