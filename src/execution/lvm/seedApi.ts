// `chain.askSeed` and `chain.seed`: randomness of the chain that neither caller nor proposer can choose. A contract asks for the seed of
// a height that lies ahead, and reads it once that height has passed.

import { LvmError } from "../../protocol/lvmError.js";
import { runningFrame, writingFrame } from "./frame.js";
import { SEED_ASKS_MAX } from "./limits.js";
import type { ApiFunction } from "./sandbox.js";

/** The height whose seed will be the answer. */
export const askSeed: ApiFunction = (sandbox) => {
  const { journal, transaction } = writingFrame(sandbox.frame).request;
  if (journal.seedAsks.length >= SEED_ASKS_MAX) {
    throw new LvmError(
      "LVM_EVENT_LIMIT",
      `expected at most ${SEED_ASKS_MAX} questions for a seed of a transaction's call`,
    );
  }
  sandbox.lua.charge(sandbox.prices.seedAsk);
  const height = transaction.block.height + journal.seedHeights();
  journal.askSeed(height);
  return sandbox.stack.pushInteger(height);
};

/** The seed of a height that was asked for; nil before that height has passed and long after. */
export const seed: ApiFunction = (sandbox) => {
  const { journal, transaction } = runningFrame(sandbox.frame).request;
  const height = sandbox.stack.integerAt(1);
  sandbox.lua.charge(sandbox.prices.storageRead);
  const found = journal.seedAt(height, transaction.block.height);
  return found === undefined ? sandbox.stack.pushNil() : sandbox.stack.pushBytes(found);
};
