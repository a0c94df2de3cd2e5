// Coins that were taken back and wait for the unbonding time. They stand on the chain's account of votes until they are withdrawn.

import { UNBONDING_PARTS_MAX } from "../../protocol/delegateLeaves.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import { unbondingEntry } from "./delegateEntries.js";

const MS_PER_SECOND = 1_000;

/** Lets coins wait for the unbonding time. Throws UNBONDING_FULL. */
export function startUnbonding(context: LedgerContext, owner: Uint8Array, amount: bigint): void {
  const { state, timeMs, parameters } = context;
  const withdrawableMs = timeMs + parameters.rdpos.unbondingSeconds * MS_PER_SECOND;
  const entry = unbondingEntry(state, owner);
  const parts = [...(entry.leaf?.parts ?? [])];
  const same = parts.findIndex((part) => part.withdrawableMs === withdrawableMs);
  if (same >= 0) {
    parts[same] = { withdrawableMs, amount: parts[same].amount + amount };
  } else if (parts.length < UNBONDING_PARTS_MAX) {
    parts.push({ withdrawableMs, amount });
  } else {
    fail("UNBONDING_FULL");
  }
  state.set(entry, { parts });
}
