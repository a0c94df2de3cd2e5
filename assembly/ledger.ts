// The ledger kernel: what the host may call. It holds accounts and lanes of the state in tables, as a cache that may be dropped between
// blocks, and executes the payments among a block's transactions on them, in their order. In turn: `layOut` and `setHashKey` once;
// for each block `beginBlock`; for each batch of it the host writes transactions, `prepare`, loads what is new, `execute` until
// all are done; then `collect` until nothing is left; `endBlock` when it is known whether the block counts.
// Between batches, with a block in hand or not, the host may ask for single accounts and leaves, and add accounts.
// Broken limits end in a trap: the host must throw the instance away.

import { beginReceipts, execute } from "./ledgerExecute";
import {
  beginBlock,
  endBlock,
  fees,
  parameters,
  parametersSize,
  resetMarks,
  touchedAccounts,
  touchedLanes,
} from "./ledgerBlock";
import { RECORD_FAST, recordAt } from "./ledgerDecode";
import {
  accountCount,
  dropEntries,
  LANE_KEY,
  laneAt,
  laneCount,
  referenceAt,
  referenceCount,
} from "./ledgerEntries";
import {
  accountKeys,
  changes,
  HASH_SIZE,
  ids,
  idWants,
  input,
  inputOffsets,
  oneAddress,
  oneKey,
  oneValue,
  receiptOffsets,
  receipts,
  values,
} from "./ledgerMemory";
import { firstAccount, firstLane, firstReference, prepare } from "./ledgerPrepare";

export { setHashKey, sipHash } from "./ledgerHash";
export {
  ACCOUNT_SIZE,
  CHANGE_SIZE,
  CHANGES_MAX,
  INPUT_SIZE,
  LANE_SIZE,
  layOut,
  OPERATIONS_MAX,
  REFERENCE_SIZE,
  TRANSACTIONS_MAX,
  VALUE_SIZE,
} from "./ledgerMemory";
export {
  addAccount,
  beginCollecting,
  collect,
  findAccount,
  findLeaf,
  loadAccounts,
  loadLanes,
  loadReferences,
  writeLeaf,
} from "./ledgerLeaves";
export { idWantCount } from "./ledgerPrepare";
export { beginBlock, endBlock, execute, fees, parameters, parametersSize, touchedAccounts, touchedLanes };
export {
  accountCount,
  changes,
  firstAccount,
  firstLane,
  firstReference,
  ids,
  idWants,
  input,
  inputOffsets,
  laneCount,
  oneAddress,
  oneKey,
  oneValue,
  receiptOffsets,
  receipts,
  referenceCount,
  values,
};

/** Reads the batch's `count` transactions; see ledgerPrepare.ts for what the host loads then. */
export function prepareBatch(count: u32): void {
  prepare(count);
  beginReceipts();
}

/** Forgets all entries; no block is in hand. */
export function dropAll(): void {
  dropEntries();
  resetMarks();
}

/** Whether the kernel executes transaction `index` of the batch where the state allows it. */
export function isFast(index: u32): bool {
  return load<u32>(recordAt(index), RECORD_FAST) != 0;
}

/** Where the keys of the batch's new leaves lie: the first account's (32 bytes apart) ... */
export function newAccountKeys(): usize {
  return accountKeys + HASH_SIZE * firstAccount;
}

/** ... the first lane's (LANE_SIZE apart) ... */
export function newLaneKeys(): usize {
  return laneAt(firstLane) + LANE_KEY;
}

/** ... and the first reference's (REFERENCE_SIZE apart). */
export function newReferenceKeys(): usize {
  return referenceAt(firstReference);
}

