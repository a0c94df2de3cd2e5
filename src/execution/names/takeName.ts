// How a name is taken: a commitment that tells nothing, and some heights later the name itself. Whoever sees the revelation comes too
// late to commit: by the time that commitment may be revealed, the name has been taken.

import { nameCommitment } from "../../protocol/names.js";
import type { CommitName, RevealName } from "../../protocol/operations/nameOperations.js";
import { FEE_POOL_ADDRESS } from "../feePool.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import { addToSystem, DEPOSITS_ADDRESS, payIn, payOut, takeFromSystem } from "../rdpos/systemFunds.js";
import { commitmentEntry, nameEntry } from "./nameEntries.js";

const MS_PER_SECOND = 1_000;
const TTC_INDEX = 0;

export function executeCommitName(context: LedgerContext, operation: CommitName): void {
  const { state, height, parameters } = context;
  const entry = commitmentEntry(state, operation.commitment);
  if (entry.leaf !== undefined) {
    fail("NAME_COMMITTED");
  }
  state.set(entry, { height, heightExpires: height + parameters.names.nameCommitHeightsMax });
}

/** Gives a deposit back to an account that is there; one that was closed has given it up. */
function giveBack(context: LedgerContext, address: Uint8Array, deposit: bigint): void {
  const owner = context.state.account(address);
  if (owner.leaf !== undefined) {
    payOut(context, DEPOSITS_ADDRESS, owner, deposit);
  } else {
    takeFromSystem(context.state, DEPOSITS_ADDRESS, TTC_INDEX, deposit);
    addToSystem(context.state, FEE_POOL_ADDRESS, TTC_INDEX, deposit);
  }
}

export function executeRevealName(context: LedgerContext, operation: RevealName): void {
  const { state, height, timeMs, parameters } = context;
  const { depositNameTtcUnits, nameCommitHeightsMin, nameGraceSeconds, nameLeaseSeconds } = parameters.names;
  const { name, salt, target } = operation;
  const account = context.signers[operation.account];
  const committed = commitmentEntry(state, nameCommitment(account.address, name, salt));
  if (committed.leaf === undefined || height > committed.leaf.heightExpires) {
    fail("NO_NAME_COMMITMENT");
  }
  if (height < committed.leaf.height + nameCommitHeightsMin) {
    fail("NAME_COMMITMENT_YOUNG");
  }
  const entry = nameEntry(state, name);
  const { leaf } = entry;
  if (leaf !== undefined && timeMs < leaf.timeMsExpires + nameGraceSeconds * MS_PER_SECOND) {
    fail("NAME_TAKEN");
  }
  state.set(committed, undefined);
  if (leaf !== undefined) {
    giveBack(context, leaf.owner, leaf.deposit);
  }
  payIn(context, account, DEPOSITS_ADDRESS, depositNameTtcUnits);
  const timeMsExpires = timeMs + nameLeaseSeconds * MS_PER_SECOND;
  const { address: owner } = account;
  state.set(entry, { owner, target, timeMsExpires, deposit: depositNameTtcUnits, heightRegistered: height, name });
}
