// What a developer's tool sees of calls while they run: every step with its line and gas, and what happens to the chain. Watching
// changes nothing: the same call has the same result, gas included. (A recursion deep enough to grow Lua's stack may pay for that a
// few instructions earlier.)

import type { FrameOutcome, FrameRequest } from "./frame.js";
import type { JournalObserver } from "./journal.js";

/** All methods are called in the order in which things happen. A failed call's effects are undone after they were reported. */
export interface LvmObserver extends JournalObserver {
  /** A contract's call begins. */
  enter(request: FrameRequest): void;
  /** One instruction is about to run. `line`: in the contract's source, from 1; `gas`: left before it. */
  step(contract: string, line: number, gas: number): void;
  /** The call that began last and is still open ends. */
  leave(request: FrameRequest, outcome: FrameOutcome): void;
}
