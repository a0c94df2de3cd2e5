// Executes a batch's records in their order, as src/execution does: admission, the lane's sequence, then everything or, where that fails, the
// minimum fee alone. The order of checks is part of the protocol. A transaction that may not stand in the block is left to
// the host like one that the kernel can't execute: the host finds the reason.

import {
  ACCOUNT_BALANCES,
  ACCOUNT_DEPOSIT,
  ACCOUNT_FLAGS,
  ACCOUNT_KEY,
  ACCOUNT_TOKENS,
  accountAt,
  copy32,
  equal32,
  LANE_EXPIRES,
  LANE_FLAGS,
  LANE_SEQUENCE,
  laneAt,
  PRESENT,
  REFERENCE_EXPIRES,
  REFERENCE_FLAGS,
  REFERENCE_ID,
  REFERENCE_PAID,
  REPLACED,
  referenceAt,
} from "./ledgerEntries";
import {
  CHAIN_TAG,
  charge,
  copyBalances,
  DEPOSIT,
  HEIGHT,
  MINIMUM_FEES,
  PARAMETERS,
  REFERENCE_HEIGHTS,
  REFERENCE_KEEP_HEIGHTS,
  touchAccount,
  touchLane,
  VALID_UNTIL_HEIGHTS,
} from "./ledgerBlock";
import {
  OPERATION_AMOUNT,
  OPERATION_MARK,
  OPERATION_PAYEE,
  OPERATION_REFERENCE,
  OPERATION_SIGNER,
  OPERATION_TOKEN,
  operationAt,
  RECORD_FAST,
  RECORD_FEE,
  RECORD_FROM,
  RECORD_LANE_ENTRY,
  RECORD_LIMIT,
  RECORD_OPERATION,
  RECORD_OPERATION_COUNT,
  RECORD_PAYER,
  RECORD_SEQUENCE,
  RECORD_SIGNER,
  RECORD_SIGNER_COUNT,
  RECORD_TOKEN,
  RECORD_VALID_UNTIL,
  recordAt,
  SIGNER_ACCOUNT,
  SIGNER_KEY,
  SIGNER_NAMED,
  signerAt,
} from "./ledgerDecode";
import {
  AMOUNT_MAX,
  HASH_SIZE,
  ids,
  receiptOffsets,
  receipts,
  UNDO_MAX,
  UNDO_SIZE,
  undoLog,
  undoReferences,
} from "./ledgerMemory";

// Numbers of src/protocol/errors.ts.
const OK: u32 = 0;
const INSUFFICIENT_BALANCE: u32 = 300;
const REFERENCE_PAID_BEFORE: u32 = 302;
const REFERENCE_EXPIRED: u32 = 303;
const REFERENCE_TOO_FAR: u32 = 304;
const DEPOSIT_UNPAID: u32 = 305;
const AMOUNT_OVERFLOW: u32 = 306;
const FEE_ABOVE_LIMIT: u32 = 316;
const NO_OPERATION: u32 = 255;

const TTC: u32 = 0;
const DEPOSIT_TAKEN: u8 = 1;
const DEPOSIT_EVENT_BYTES: u16 = 40;
const RECEIPT_BYTES: usize = 12;
const RECEIPT_OPERATION: usize = 2;
const RECEIPT_FEE: usize = 3;
const RECEIPT_EVENTS: usize = 11;

let receiptAt: usize = 0;
let eventAt: usize = 0;
let eventCount: u32 = 0;
let undoCount: u32 = 0;
let undoReferenceCount: u32 = 0;
let failedOperation: u32 = NO_OPERATION;

@inline
function parameter(offset: usize): u64 {
  return load<u64>(PARAMETERS + offset);
}

@inline
function balanceAt(account: usize, token: u32): usize {
  return account + ACCOUNT_BALANCES + 8 * <usize>token;
}

@inline
function minimumFee(token: u32): u64 {
  return load<u64>(PARAMETERS + 8 * <usize>token, MINIMUM_FEES);
}

/** To be called before a transaction changes an account. */
function change(number: u32): void {
  touchAccount(number);
  if (undoCount == UNDO_MAX) unreachable();
  const account = accountAt(number);
  const undo = undoLog + UNDO_SIZE * undoCount++;
  store<u32>(undo, number);
  store<u32>(undo, load<u32>(account, ACCOUNT_FLAGS), 4);
  copyBalances(undo + 8, account + ACCOUNT_BALANCES);
}

function undoAll(): void {
  while (undoCount > 0) {
    const undo = undoLog + UNDO_SIZE * --undoCount;
    const account = accountAt(load<u32>(undo));
    store<u32>(account, load<u32>(undo, 4), ACCOUNT_FLAGS);
    copyBalances(account + ACCOUNT_BALANCES, undo + 8);
  }
  while (undoReferenceCount > 0) {
    const reference = referenceAt(load<u32>(undoReferences + 4 * <usize>--undoReferenceCount));
    store<u32>(reference, 0, REFERENCE_FLAGS);
  }
}

/** The new units of an account's balance; `change` comes before it. */
@inline
function setBalance(number: u32, token: u32, units: u64): void {
  change(number);
  store<u64>(balanceAt(accountAt(number), token), units);
}

function signersRule(record: usize): bool {
  const first = load<u32>(record, RECORD_SIGNER);
  const last = first + load<u32>(record, RECORD_SIGNER_COUNT);
  for (let index = first; index < last; index++) {
    const signer = signerAt(index);
    const account = accountAt(load<u32>(signer, SIGNER_ACCOUNT));
    const rules =
      (load<u32>(account, ACCOUNT_FLAGS) & REPLACED) == 0
        ? load<u32>(signer, SIGNER_NAMED) == 0
        : equal32(account + ACCOUNT_KEY, load<u32>(signer, SIGNER_KEY));
    if (!rules) return false;
  }
  return true;
}

@inline
function nextSequence(lane: usize): u32 {
  const counts = load<u32>(lane, LANE_FLAGS) != 0 && load<u64>(lane, LANE_EXPIRES) >= parameter(HEIGHT);
  return counts ? load<u32>(lane, LANE_SEQUENCE) : 0;
}

@inline
function payerOf(record: usize): u32 {
  return load<u32>(signerAt(load<u32>(record, RECORD_PAYER)), SIGNER_ACCOUNT);
}

/** Whether the transaction may stand in the block. */
function isAdmissible(record: usize): bool {
  const height = parameter(HEIGHT);
  const validUntil = load<u64>(record, RECORD_VALID_UNTIL);
  const token = load<u32>(record, RECORD_TOKEN);
  if (load<u32>(load<u32>(record, RECORD_FROM) + 1) != <u32>parameter(CHAIN_TAG)) return false;
  if (validUntil < height || validUntil - height > parameter(VALID_UNTIL_HEIGHTS)) return false;
  if (load<u64>(record, RECORD_LIMIT) < minimumFee(token) || !signersRule(record)) return false;
  if (load<u32>(record, RECORD_SEQUENCE) != nextSequence(laneAt(load<u32>(record, RECORD_LANE_ENTRY)))) return false;
  return load<u64>(balanceAt(accountAt(payerOf(record)), token)) >= minimumFee(token);
}

/** Never undone. */
function takeSequence(record: usize): void {
  const number = load<u32>(record, RECORD_LANE_ENTRY);
  const lane = laneAt(number);
  touchLane(number);
  const expires = max(load<u64>(lane, LANE_EXPIRES), parameter(HEIGHT) + parameter(VALID_UNTIL_HEIGHTS));
  store<u32>(lane, load<u32>(record, RECORD_SEQUENCE) + 1, LANE_SEQUENCE);
  store<u32>(lane, PRESENT, LANE_FLAGS);
  store<u64>(lane, expires, LANE_EXPIRES);
}

/** An account without a leaf has balances of 0, and nothing is taken out of it. */
function debit(number: u32, token: u32, units: u64): u32 {
  const balance = load<u64>(balanceAt(accountAt(number), token));
  if (balance < units) return INSUFFICIENT_BALANCE;
  if (units > 0) setBalance(number, token, balance - units);
  return OK;
}

function tellDeposit(account: usize, units: u64): void {
  store<u8>(eventAt, DEPOSIT_TAKEN);
  store<u16>(eventAt, DEPOSIT_EVENT_BYTES, 1);
  copy32(eventAt + 3, account);
  store<u64>(eventAt, units, 35);
  eventAt += 3 + DEPOSIT_EVENT_BYTES;
  eventCount++;
}

/** Makes the account's leaf against a deposit of the fee payer. */
function openAccount(number: u32, feePayer: u32): u32 {
  const units = parameter(DEPOSIT);
  if (units > 0) {
    if (debit(feePayer, TTC, units) != OK) return DEPOSIT_UNPAID;
    tellDeposit(accountAt(number), units);
  }
  change(number);
  const account = accountAt(number);
  store<u64>(account, units, ACCOUNT_DEPOSIT);
  store<u32>(account, 0, ACCOUNT_TOKENS);
  store<u32>(account, load<u32>(account, ACCOUNT_FLAGS) | PRESENT, ACCOUNT_FLAGS);
  return OK;
}

function credit(number: u32, token: u32, units: u64, feePayer: u32): u32 {
  const account = accountAt(number);
  if ((load<u32>(account, ACCOUNT_FLAGS) & PRESENT) == 0) {
    const code = openAccount(number, feePayer);
    if (code != OK) return code;
  }
  const sum = load<u64>(balanceAt(account, token)) + units;
  if (sum > AMOUNT_MAX) return AMOUNT_OVERFLOW;
  setBalance(number, token, sum);
  return OK;
}

function markPaid(operation: usize, transaction: u32): u32 {
  const height = parameter(HEIGHT);
  const expiry = load<u64>(load<u32>(operation, OPERATION_REFERENCE));
  if (expiry < height) return REFERENCE_EXPIRED;
  if (expiry - height > parameter(REFERENCE_HEIGHTS)) return REFERENCE_TOO_FAR;
  const number = load<u32>(operation, OPERATION_MARK);
  const reference = referenceAt(number);
  if (load<u32>(reference, REFERENCE_FLAGS) != 0) return REFERENCE_PAID_BEFORE;
  store<u32>(undoReferences + 4 * <usize>(undoReferenceCount++), number);
  store<u32>(reference, PRESENT, REFERENCE_FLAGS);
  store<u64>(reference, expiry + parameter(REFERENCE_KEEP_HEIGHTS), REFERENCE_EXPIRES);
  store<u64>(reference, height, REFERENCE_PAID);
  copy32(reference + REFERENCE_ID, ids + HASH_SIZE * transaction);
  return OK;
}

function transfer(operation: usize, transaction: u32, feePayer: u32): u32 {
  const payer = load<u32>(signerAt(load<u32>(operation, OPERATION_SIGNER)), SIGNER_ACCOUNT);
  const payee = load<u32>(operation, OPERATION_PAYEE);
  const token = load<u32>(operation, OPERATION_TOKEN);
  const amount = load<u64>(operation, OPERATION_AMOUNT);
  if (load<u32>(operation, OPERATION_REFERENCE) != 0) {
    const code = markPaid(operation, transaction);
    if (code != OK) return code;
  }
  if (payee == payer) return load<u64>(balanceAt(accountAt(payer), token)) < amount ? INSUFFICIENT_BALANCE : OK;
  const code = debit(payer, token, amount);
  return code == OK ? credit(payee, token, amount, feePayer) : code;
}

/** Fee and operations; the failure that ended them leaves what they did until then. */
function runWhole(record: usize, index: u32, feePayer: u32): u32 {
  const fee = load<u64>(record, RECORD_FEE);
  failedOperation = NO_OPERATION;
  if (fee > load<u64>(record, RECORD_LIMIT)) return FEE_ABOVE_LIMIT;
  const unpaid = debit(feePayer, load<u32>(record, RECORD_TOKEN), fee);
  if (unpaid != OK) return unpaid;
  const first = load<u32>(record, RECORD_OPERATION);
  const count = load<u32>(record, RECORD_OPERATION_COUNT);
  for (let at: u32 = 0; at < count; at++) {
    const code = transfer(operationAt(first + at), index, feePayer);
    if (code != OK) {
      failedOperation = at;
      return code;
    }
  }
  return OK;
}

function writeReceipt(code: u32, operation: u32, fee: u64, events: u32): void {
  store<u16>(receiptAt, <u16>code);
  store<u8>(receiptAt, <u8>operation, RECEIPT_OPERATION);
  store<u64>(receiptAt, fee, RECEIPT_FEE);
  store<u8>(receiptAt, <u8>events, RECEIPT_EVENTS);
}

function executeOne(index: u32): void {
  const record = recordAt(index);
  const token = load<u32>(record, RECORD_TOKEN);
  const feePayer = payerOf(record);
  takeSequence(record);
  undoCount = 0;
  undoReferenceCount = 0;
  eventCount = 0;
  eventAt = receiptAt + RECEIPT_BYTES;
  const code = runWhole(record, index, feePayer);
  if (code == OK) {
    const fee = load<u64>(record, RECORD_FEE);
    writeReceipt(OK, NO_OPERATION, fee, eventCount);
    receiptAt = eventAt;
    charge(token, fee);
    return;
  }
  undoAll();
  const fee = minimumFee(token);
  // Admission found the minimum fee payable.
  debit(feePayer, token, fee);
  writeReceipt(code, failedOperation, fee, 0);
  receiptAt += RECEIPT_BYTES;
  charge(token, fee);
}

/** Before a batch's first `execute`. */
export function beginReceipts(): void {
  receiptAt = receipts;
  store<u32>(receiptOffsets, 0);
}

/**
 * Executes the batch's transactions from number `first` on, up to `count` or to one that is left to the host, whose number it
 * returns; goes on behind that one when called again. Receipt i ends where `receiptOffsets` says that i + 1 begins.
 */
export function execute(first: u32, count: u32): u32 {
  store<u32>(receiptOffsets + 4 * <usize>first, <u32>(receiptAt - receipts));
  for (let index = first; index < count; index++) {
    const record = recordAt(index);
    if (load<u32>(record, RECORD_FAST) == 0 || !isAdmissible(record)) return index;
    executeOne(index);
    store<u32>(receiptOffsets + 4 * <usize>index, <u32>(receiptAt - receipts), 4);
  }
  return count;
}
