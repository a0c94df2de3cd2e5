// Whether a list of steps can be undone from wherever it may be refused. A mistake here is the program's, so it asserts.

import { assert } from "../../base/assert.js";
import type { Step } from "./order.js";

export function canUndo(step: Step): boolean {
  return (
    step.kind === "await" || step.kind === "take" || (step.kind === "pay" && step.toPurse !== undefined && !step.mint)
  );
}

/** Asserts: known names, units above 0, and after a step that can't be undone only burns, which are tried until they are done. */
export function verifySteps(
  steps: readonly Step[],
  ledgers: { has(name: string): boolean },
  purses: { has(name: string): boolean },
): void {
  assert(steps.length > 0, "an order has steps");
  let isFinal = false;
  for (const step of steps) {
    assert(!isFinal || step.kind === "burn", `a ${step.kind} may be refused after a step that can't be undone`);
    isFinal ||= !canUndo(step);
    const units = step.kind === "pay" ? step.shares.map((share) => share.units) : [step.units];
    assert(units.length > 0 && units.every((text) => BigInt(text) > 0n), "every step moves at least one unit");
    if (step.kind === "take" || step.kind === "give") {
      assert(ledgers.has(step.ledger), `the desk has the ledger ${step.ledger}`);
    } else {
      assert(purses.has(step.purse), `the desk has the purse ${step.purse}`);
    }
  }
}
