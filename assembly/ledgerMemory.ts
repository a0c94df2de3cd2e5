// The ledger kernel's memory: one row of regions behind the static data, whose sizes follow from capacities that the host gives
// once. Nothing is allocated later, and fresh memory is zero. What the host may put into a batch is bounded so that every
// list made from it fits: each entry of a list takes a number of input bytes of its own.

/** No such entry. */
export const NONE: u32 = 0xffffffff;
export const AMOUNT_MAX: u64 = 0x7fffffffffffffff;

/** Of one batch. */
export const TRANSACTIONS_MAX: u32 = 1024;
export const INPUT_SIZE: u32 = 256 * 1024;
/** A signer takes 33 bytes, and a signature of 64, which those of a transaction that is refused may lack. */
export const SIGNERS_MAX: u32 = INPUT_SIZE / 97 + 9;
/** A transfer takes 44 bytes; 76 with a reference. */
export const OPERATIONS_MAX: u32 = INPUT_SIZE / 44 + 1;
export const REFERENCES_MAX: u32 = INPUT_SIZE / 76 + 1;
/** Accounts that one batch can name: signers by key, signers by address, payees. */
const NAMED_MAX: u32 = SIGNERS_MAX + OPERATIONS_MAX;

export const RECORD_SIZE: usize = 80;
export const SIGNER_SIZE: usize = 24;
export const OPERATION_SIZE: usize = 48;
export const ACCOUNT_SIZE: usize = 128;
export const LANE_SIZE: usize = 64;
export const REFERENCE_SIZE: usize = 96;
export const HASH_SIZE: usize = 32;
/** The longest message hashed here: a reference's key is the hash of 105 bytes. */
export const MESSAGE_SIZE: usize = 105;
/** Room for a value on its way in or out: its length (u32; 0: no leaf) and up to 84 bytes. */
export const VALUE_SIZE: usize = 88;
/** A changed leaf on its way out: key, length, value. */
export const CHANGE_SIZE: usize = HASH_SIZE + VALUE_SIZE;
export const CHANGES_MAX: u32 = 2048;
export const ACCOUNT_COPY_SIZE: usize = 80;
export const LANE_COPY_SIZE: usize = 24;
export const UNDO_SIZE: usize = 48;
/** A transaction changes an account up to four times for each of 64 operations, and once for its fee. */
export const UNDO_MAX: u32 = 4 * 64 + 1;
const RECEIPT_SIZE: usize = 12;
const EVENT_SIZE: usize = 43;
/** Hashing reads up to 128 bytes behind a message. */
const MARGIN: usize = 128;

export let accountsMax: u32 = 0;
export let lanesMax: u32 = 0;
export let blockAccountsMax: u32 = 0;
export let blockLanesMax: u32 = 0;
export let blockReferencesMax: u32 = 0;

/** The batch's transactions one behind the other, and where each begins (and the last ends). */
export let input: usize = 0;
export let inputOffsets: usize = 0;
export let records: usize = 0;
export let signers: usize = 0;
export let operations: usize = 0;
/** Ids of the transactions that pay references, from the host. */
export let ids: usize = 0;
export let idWants: usize = 0;
export let messages: usize = 0;
export let messageOffsets: usize = 0;
/** Which signer or operation each message is of. */
export let messageOwners: usize = 0;
export let digests: usize = 0;
/** Values of leaves that the host loads. */
export let values: usize = 0;
export let receipts: usize = 0;
export let receiptOffsets: usize = 0;
export let undoLog: usize = 0;
export let undoReferences: usize = 0;
export let changes: usize = 0;
/** An address, a key and a value that host and kernel hand each other one at a time. */
export let oneAddress: usize = 0;
export let oneKey: usize = 0;
export let oneValue: usize = 0;

export let accounts: usize = 0;
export let accountKeys: usize = 0;
export let lanes: usize = 0;
export let references: usize = 0;
/** What accounts and lanes were before the block, for those that it touched. */
export let accountCopies: usize = 0;
export let laneCopies: usize = 0;

export let addressIndex: usize = 0;
export let signerIndex: usize = 0;
export let laneIndex: usize = 0;
export let leafIndex: usize = 0;
export let referenceIndex: usize = 0;
export let accountMask: u32 = 0;
export let laneMask: u32 = 0;
export let leafMask: u32 = 0;
export let referenceMask: u32 = 0;

/** u64, so that regions beyond what 32 bits address are found out. */
let end: u64 = 0;

function cut(size: u64): usize {
  const start = end;
  end = (end + size + 63) & ~63;
  return <usize>start;
}

/** Slots of an index of up to `count` entries, less one: a power of two, so that at most half of them are taken. */
function maskFor(count: u32): u32 {
  let slots: u32 = 2;
  while (slots < 2 * count) slots *= 2;
  return slots - 1;
}

function layOutBatch(): void {
  input = cut(INPUT_SIZE);
  inputOffsets = cut(4 * (TRANSACTIONS_MAX + 1));
  records = cut(RECORD_SIZE * TRANSACTIONS_MAX);
  signers = cut(SIGNER_SIZE * SIGNERS_MAX);
  operations = cut(OPERATION_SIZE * OPERATIONS_MAX);
  ids = cut(HASH_SIZE * TRANSACTIONS_MAX);
  idWants = cut(4 * TRANSACTIONS_MAX);
  messages = cut(MESSAGE_SIZE * NAMED_MAX + MARGIN);
  messageOffsets = cut(4 * (NAMED_MAX + 1));
  messageOwners = cut(4 * NAMED_MAX);
  digests = cut(HASH_SIZE * NAMED_MAX);
  values = cut(VALUE_SIZE * NAMED_MAX);
  receipts = cut(RECEIPT_SIZE * TRANSACTIONS_MAX + EVENT_SIZE * OPERATIONS_MAX);
  receiptOffsets = cut(4 * (TRANSACTIONS_MAX + 1));
  undoLog = cut(UNDO_SIZE * UNDO_MAX);
  undoReferences = cut(4 * 64);
  changes = cut(CHANGE_SIZE * CHANGES_MAX);
  oneAddress = cut(HASH_SIZE);
  oneKey = cut(HASH_SIZE);
  oneValue = cut(VALUE_SIZE);
}

/**
 * Cuts the regions for tables of so many accounts and lanes, and blocks that touch so many accounts, lanes and references. Returns where
 * the last one ends, up to where the host must grow the memory; 0: more than 32 bits can address.
 */
export function layOut(
  accountCapacity: u32,
  laneCapacity: u32,
  blockAccounts: u32,
  blockLanes: u32,
  blockReferences: u32,
): usize {
  accountsMax = accountCapacity;
  lanesMax = laneCapacity;
  blockAccountsMax = blockAccounts;
  blockLanesMax = blockLanes;
  blockReferencesMax = blockReferences;
  end = (__heap_base + 63) & ~63;
  layOutBatch();
  accounts = cut(<u64>ACCOUNT_SIZE * accountsMax);
  accountKeys = cut(<u64>HASH_SIZE * accountsMax);
  lanes = cut(<u64>LANE_SIZE * lanesMax);
  references = cut(<u64>REFERENCE_SIZE * blockReferences);
  accountCopies = cut(<u64>ACCOUNT_COPY_SIZE * blockAccounts);
  laneCopies = cut(<u64>LANE_COPY_SIZE * blockLanes);
  accountMask = maskFor(accountsMax);
  laneMask = maskFor(lanesMax);
  leafMask = maskFor(accountsMax + lanesMax);
  referenceMask = maskFor(blockReferences);
  addressIndex = cut(8 * (<u64>accountMask + 1));
  signerIndex = cut(8 * (<u64>accountMask + 1));
  laneIndex = cut(8 * (<u64>laneMask + 1));
  leafIndex = cut(8 * (<u64>leafMask + 1));
  referenceIndex = cut(8 * (<u64>referenceMask + 1));
  return end + MARGIN > 0xffffffff ? 0 : <usize>end + MARGIN;
}
