// How a node that only follows checks results: by executing each block; by its certificate and write set; or as it can: it
// executes while it keeps up and takes agreed results while it lags, of which it executes a sample that nobody can foresee.

import type { Clock } from "../../base/clock.js";
import type { Random } from "../../base/random.js";

export const VERIFY_MODES = ["execute", "result", "auto"] as const;
export type VerifyMode = (typeof VERIFY_MODES)[number];

/** A node lags from here on, by the agreed time of the block that it is at ... */
const LAGS_FROM_MS = 10_000;
/** ... until it has come as near as this. */
const CAUGHT_UP_MS = 3_000;
/** Of the blocks that it passes while it lags, one in this many is executed: a power of two, at most 256. */
export const AUDIT_PART = 32;
const BYTE_VALUES = 256;

export class VerifyPolicy {
  private lags = false;

  constructor(
    private readonly mode: VerifyMode,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** Whether the next block, which carries this time, is to be executed; else its agreed result is taken. */
  executes(timeMs: number): boolean {
    if (this.mode !== "auto") {
      return this.mode === "execute";
    }
    const behindMs = this.clock.nowMs() - timeMs;
    this.lags = behindMs > (this.lags ? CAUGHT_UP_MS : LAGS_FROM_MS);
    return !this.lags || this.random.bytes(1)[0] < BYTE_VALUES / AUDIT_PART;
  }
}
