// Reads transactions out of the batch. Those that only transfer the chain's own tokens and pay their fee in the token in which it is
// counted become records; every other one, and whatever is not canonical, is left to the host. What is accepted here is
// exactly what src/protocol/transaction.ts accepts, but for the signers' addresses, which are checked when they are known.

import {
  FEE_RATE,
  LEFT_TO_HOST,
  MINIMUM_FEES,
  PARAMETERS,
  PRICED,
  UNASKED,
  UNPRICED,
} from "./ledgerBlock";
import {
  AMOUNT_MAX,
  NONE,
  OPERATION_SIZE,
  operations,
  RECORD_SIZE,
  records,
  SIGNER_SIZE,
  signers,
} from "./ledgerMemory";

export const RECORD_FROM: usize = 0;
/** 1: the kernel executes it. */
export const RECORD_FAST: usize = 4;
export const RECORD_SIGNER: usize = 8;
export const RECORD_SIGNER_COUNT: usize = 12;
/** The number of the fee payer among all signers of the batch. */
export const RECORD_PAYER: usize = 16;
export const RECORD_LANE: usize = 20;
export const RECORD_SEQUENCE: usize = 24;
export const RECORD_TOKEN: usize = 28;
export const RECORD_OPERATION: usize = 32;
export const RECORD_OPERATION_COUNT: usize = 36;
export const RECORD_VALID_UNTIL: usize = 40;
export const RECORD_LIMIT: usize = 48;
export const RECORD_FEE: usize = 56;
/** 1: a reference is paid, so that the id is wanted. */
export const RECORD_MARKS: usize = 64;
/** The number of the lane's entry. */
export const RECORD_LANE_ENTRY: usize = 68;

export const SIGNER_KEY: usize = 0;
/** Where the address is written; 0: it is the key's own. */
export const SIGNER_NAMED: usize = 4;
/** The number of the account's entry. */
export const SIGNER_ACCOUNT: usize = 8;
export const SIGNER_HASH: usize = 16;

export const OPERATION_TO: usize = 0;
/** Among all signers of the batch. */
export const OPERATION_SIGNER: usize = 4;
export const OPERATION_TOKEN: usize = 8;
/** Where the reference is written; 0: none. */
export const OPERATION_REFERENCE: usize = 12;
export const OPERATION_AMOUNT: usize = 16;
/** The number of the payee's entry, and of the reference's. */
export const OPERATION_PAYEE: usize = 24;
export const OPERATION_MARK: usize = 28;
export const OPERATION_HASH: usize = 32;

const TRANSACTION_BYTES_MAX: usize = 16_384;
const VERSION: u32 = 1;
const HAS_PARTNER: u32 = 1;
const HAS_MEMO: u32 = 2;
const SIGNERS_PER_TRANSACTION_MAX: u32 = 8;
const OPERATIONS_PER_TRANSACTION_MAX: u32 = 64;
const MEMO_BYTES_MAX: u32 = 256;
const HEIGHT_MAX: u64 = 0x1fffffffffffff;
const TRANSFER: u32 = 1;
const TRANSFER_BYTES: usize = 44;
const SIGNATURE_BYTES: usize = 64;
const BASIS_POINTS: u64 = 10_000;

export let signerCount: u32 = 0;
export let operationCount: u32 = 0;

let at: usize = 0;
let end: usize = 0;

@inline
export function recordAt(index: u32): usize {
  return records + RECORD_SIZE * index;
}

@inline
export function signerAt(index: u32): usize {
  return signers + SIGNER_SIZE * index;
}

@inline
export function operationAt(index: u32): usize {
  return operations + OPERATION_SIZE * index;
}

@inline
function has(count: usize): bool {
  return end - at >= count;
}

export function beginDecoding(): void {
  signerCount = 0;
  operationCount = 0;
}

function decodeSigners(record: usize, count: u32): bool {
  store<u32>(record, signerCount, RECORD_SIGNER);
  store<u32>(record, count, RECORD_SIGNER_COUNT);
  for (let index: u32 = 0; index < count; index++) {
    if (!has(33)) return false;
    const form = <u32>load<u8>(at);
    if (form > 1 || (form == 1 && !has(65))) return false;
    const signer = signerAt(signerCount + index);
    store<u32>(signer, form == 1 ? at + 33 : at + 1, SIGNER_KEY);
    store<u32>(signer, form == 1 ? at + 1 : 0, SIGNER_NAMED);
    store<u32>(signer, NONE, SIGNER_ACCOUNT);
    at += form == 1 ? 65 : 33;
  }
  return true;
}

/** Everything between signers and operations. */
function decodeTerms(record: usize, flags: u32, count: u32): bool {
  if (!has(1 + 4 + 4 + 8 + 1 + 8)) return false;
  const payer = <u32>load<u8>(at);
  const sequence = load<u32>(at, 5);
  const validUntil = load<u64>(at, 9);
  const token = <u32>load<u8>(at, 17) - 1;
  const limit = load<u64>(at, 18);
  if (payer >= count || sequence == u32.MAX_VALUE || validUntil > HEIGHT_MAX || token > 2 || limit > AMOUNT_MAX) {
    return false;
  }
  store<u32>(record, signerCount + payer, RECORD_PAYER);
  store<u32>(record, load<u32>(at, 1), RECORD_LANE);
  store<u32>(record, sequence, RECORD_SEQUENCE);
  store<u32>(record, token, RECORD_TOKEN);
  store<u64>(record, validUntil, RECORD_VALID_UNTIL);
  store<u64>(record, limit, RECORD_LIMIT);
  at += 26;
  if ((flags & HAS_PARTNER) != 0) {
    if (!has(32)) return false;
    at += 32;
  }
  if ((flags & HAS_MEMO) != 0) {
    if (!has(2)) return false;
    const length = <u32>load<u16>(at);
    if (length == 0 || length > MEMO_BYTES_MAX || !has(2 + length)) return false;
    at += 2 + length;
  }
  return true;
}

/** A transfer's share, rounded up; the amount lies below 2^63 and the rate is at most the whole, so that it fits. */
@inline
function shareOf(amount: u64): u64 {
  const rate = load<u64>(PARAMETERS, FEE_RATE);
  return (amount / BASIS_POINTS) * rate + ((amount % BASIS_POINTS) * rate + BASIS_POINTS - 1) / BASIS_POINTS;
}

/** A transfer's fee in units of `feeToken`; 0 where the fee is not counted in that token. Else at least 1 more than the fee. */
function feePlusOne(token: u32, amount: u64, feeToken: u32): u64 {
  const priced = load<u64>(PARAMETERS + 8 * <usize>token, PRICED);
  if (priced == UNASKED) return 1;
  if (priced == LEFT_TO_HOST || feeToken != (priced == UNPRICED ? 0 : token)) return 0;
  const least = load<u64>(PARAMETERS + 8 * <usize>feeToken, MINIMUM_FEES);
  return (priced == UNPRICED ? least : max(shareOf(amount), least)) + 1;
}

function decodeOperations(record: usize, count: u32): bool {
  if (!has(1)) return false;
  const operations = <u32>load<u8>(at++);
  if (operations == 0 || operations > OPERATIONS_PER_TRANSACTION_MAX) return false;
  const feeToken = load<u32>(record, RECORD_TOKEN);
  let fee: u64 = 0;
  let marks: u32 = 0;
  for (let index: u32 = 0; index < operations; index++) {
    if (!has(TRANSFER_BYTES) || <u32>load<u8>(at) != TRANSFER) return false;
    const signer = <u32>load<u8>(at, 1);
    const token = <u32>load<u8>(at, 34) - 1;
    const amount = load<u64>(at, 35);
    const marked = <u32>load<u8>(at, 43);
    if (signer >= count || token > 2 || amount == 0 || amount > AMOUNT_MAX || marked > 1) return false;
    const ownFee = feePlusOne(token, amount, feeToken);
    fee += ownFee - 1;
    if (ownFee == 0 || fee > AMOUNT_MAX) return false;
    const operation = operationAt(operationCount + index);
    store<u32>(operation, at + 2, OPERATION_TO);
    store<u32>(operation, signerCount + signer, OPERATION_SIGNER);
    store<u32>(operation, token, OPERATION_TOKEN);
    store<u32>(operation, marked == 0 ? 0 : <u32>(at + TRANSFER_BYTES), OPERATION_REFERENCE);
    store<u64>(operation, amount, OPERATION_AMOUNT);
    at += TRANSFER_BYTES;
    if (marked == 1) {
      if (!has(32)) return false;
      at += 32;
      marks = 1;
    }
  }
  store<u32>(record, operationCount, RECORD_OPERATION);
  store<u32>(record, operations, RECORD_OPERATION_COUNT);
  store<u64>(record, fee, RECORD_FEE);
  store<u32>(record, marks, RECORD_MARKS);
  return true;
}

/** Whether the transaction from `from` to `to` is one that the kernel executes; its record says the rest. */
export function decodeTransaction(index: u32, from: usize, to: usize): bool {
  const record = recordAt(index);
  store<u32>(record, from, RECORD_FROM);
  store<u32>(record, 0, RECORD_FAST);
  at = from;
  end = to;
  if (to - from > TRANSACTION_BYTES_MAX || !has(7) || <u32>load<u8>(at) != VERSION) return false;
  const flags = <u32>load<u8>(at, 5);
  const count = <u32>load<u8>(at, 6);
  if (flags > (HAS_PARTNER | HAS_MEMO) || count == 0 || count > SIGNERS_PER_TRANSACTION_MAX) return false;
  at += 7;
  if (!decodeSigners(record, count) || !decodeTerms(record, flags, count) || !decodeOperations(record, count)) {
    return false;
  }
  if (end - at != SIGNATURE_BYTES * <usize>count) return false;
  store<u32>(record, 1, RECORD_FAST);
  signerCount += count;
  operationCount += load<u32>(record, RECORD_OPERATION_COUNT);
  return true;
}
