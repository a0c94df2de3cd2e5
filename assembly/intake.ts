// The intake kernel: reads arriving transactions for admission, a batch at a time. Plain payments become records, with their ids and the
// addresses of their signers hashed four at a time; everything else is left to the host. It shares the ledger kernel's
// decoder, so that both take the same bytes for payments. In turn: `layOut` once; the host writes the parameters, then for
// each batch the transactions, `read`, and takes what it needs from the regions.

import { parameters, parametersSize } from "./ledgerBlock";
import {
  beginDecoding,
  decodeTransaction,
  OPERATION_AMOUNT,
  OPERATION_SIGNER,
  OPERATION_TO,
  OPERATION_TOKEN,
  operationAt,
  RECORD_FAST,
  RECORD_FEE,
  RECORD_LANE,
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
  SIGNER_KEY,
  SIGNER_NAMED,
  signerAt,
  signerCount,
} from "./ledgerDecode";
import { copy32, equal32 } from "./ledgerEntries";
import {
  digests,
  HASH_SIZE,
  ids,
  input,
  inputOffsets,
  layOut as layOutLedger,
  messageOffsets,
  messageOwners,
  messages,
} from "./ledgerMemory";
import { hashMessages, NO_PREFIX } from "./sha256Messages";

export { INPUT_SIZE, TRANSACTIONS_MAX } from "./ledgerMemory";
export { ids, input, inputOffsets, parameters, parametersSize };

/** "TTC key address", padded to 16 bytes. */
const KEY_ADDRESS_TAG: usize = memory.data<u8>([
  0x54, 0x54, 0x43, 0x20, 0x6b, 0x65, 0x79, 0x20, 0x61, 0x64, 0x64, 0x72, 0x65, 0x73, 0x73, 0,
]);
const SIGNATURE_BYTES: u32 = 64;

/**
 * What the host reads of a payment, u32 each: 1 where it is one, the body's length, signers, the fee payer among them, lane,
 * sequence, fee token, the transfer's signer, its token, and where the payee's address lies; then u64: valid-until, fee limit,
 * fee and amount.
 */
export const SUMMARY_SIZE: usize = 72;
const SUMMARY_WIDE: usize = 40;
const SUMMARIES: usize = memory.data(72 * 1024, 16);

/** Signers' addresses lie here, those of a transaction's signers one behind the other. */
const ADDRESSES_MAX: u32 = 2712;
const ADDRESSES: usize = memory.data(32 * 2712, 16);

/** Lays out the regions of a batch; returns where the last one ends. */
export function layOut(): usize {
  return layOutLedger(2, 2, 2, 2, 2);
}

export function summaries(): usize {
  return SUMMARIES;
}

export function addresses(): usize {
  return ADDRESSES;
}

/** Whether the host has no more to ask: one transfer, and every signer named by a key of its own alone. */
function isPlain(record: usize): bool {
  if (load<u32>(record, RECORD_FAST) == 0 || load<u32>(record, RECORD_OPERATION_COUNT) != 1) return false;
  const first = load<u32>(record, RECORD_SIGNER);
  const last = first + load<u32>(record, RECORD_SIGNER_COUNT);
  if (last > ADDRESSES_MAX) return false;
  for (let index = first; index < last; index++) {
    const signer = signerAt(index);
    if (load<u32>(signer, SIGNER_NAMED) != 0) return false;
    for (let other = first; other < index; other++) {
      if (equal32(load<u32>(signerAt(other), SIGNER_KEY), load<u32>(signer, SIGNER_KEY))) return false;
    }
  }
  return true;
}

function summarize(index: u32, record: usize, bodyBytes: u32): void {
  const summary = SUMMARIES + SUMMARY_SIZE * <usize>index;
  const first = load<u32>(record, RECORD_SIGNER);
  const operation = operationAt(load<u32>(record, RECORD_OPERATION));
  store<u32>(summary, 1);
  store<u32>(summary, bodyBytes, 4);
  store<u32>(summary, first | (load<u32>(record, RECORD_SIGNER_COUNT) << 24), 8);
  store<u32>(summary, load<u32>(record, RECORD_PAYER) - first, 12);
  store<u32>(summary, load<u32>(record, RECORD_LANE), 16);
  store<u32>(summary, load<u32>(record, RECORD_SEQUENCE), 20);
  store<u32>(summary, load<u32>(record, RECORD_TOKEN), 24);
  store<u32>(summary, load<u32>(operation, OPERATION_SIGNER) - first, 28);
  store<u32>(summary, load<u32>(operation, OPERATION_TOKEN), 32);
  store<u32>(summary, load<u32>(operation, OPERATION_TO), 36);
  store<u64>(summary, load<u64>(record, RECORD_VALID_UNTIL), SUMMARY_WIDE);
  store<u64>(summary, load<u64>(record, RECORD_LIMIT), SUMMARY_WIDE + 8);
  store<u64>(summary, load<u64>(record, RECORD_FEE), SUMMARY_WIDE + 16);
  store<u64>(summary, load<u64>(operation, OPERATION_AMOUNT), SUMMARY_WIDE + 24);
}

/** Hashes the bodies of the batch's payments to their places in `ids`. */
function hashIds(count: u32): void {
  let end = messages;
  let bodies: u32 = 0;
  for (let index: u32 = 0; index < count; index++) {
    const summary = SUMMARIES + SUMMARY_SIZE * <usize>index;
    if (load<u32>(summary) == 0) continue;
    const length = load<u32>(summary, 4);
    store<u32>(messageOffsets + 4 * <usize>bodies, <u32>(end - messages));
    store<u32>(messageOwners + 4 * <usize>bodies, index);
    memory.copy(end, input + load<u32>(inputOffsets + 4 * <usize>index), length);
    end += length;
    bodies++;
  }
  store<u32>(messageOffsets + 4 * <usize>bodies, <u32>(end - messages));
  hashMessages(messages, messageOffsets, bodies, NO_PREFIX, digests, HASH_SIZE);
  for (let body: u32 = 0; body < bodies; body++) {
    const owner = load<u32>(messageOwners + 4 * <usize>body);
    copy32(ids + HASH_SIZE * <usize>owner, digests + HASH_SIZE * <usize>body);
  }
}

/** Hashes the addresses of all signers' keys. */
function hashAddresses(): void {
  const count = min(signerCount, ADDRESSES_MAX);
  for (let index: u32 = 0; index < count; index++) {
    const message = messages + 48 * <usize>index;
    store<u32>(messageOffsets + 4 * <usize>index, 48 * index);
    v128.store(message, v128.load(KEY_ADDRESS_TAG));
    copy32(message + 16, load<u32>(signerAt(index), SIGNER_KEY));
  }
  store<u32>(messageOffsets + 4 * <usize>count, 48 * count);
  hashMessages(messages, messageOffsets, count, NO_PREFIX, ADDRESSES, HASH_SIZE);
}

/** Reads the batch's `count` transactions. */
export function read(count: u32): void {
  beginDecoding();
  for (let index: u32 = 0; index < count; index++) {
    const offset = inputOffsets + 4 * <usize>index;
    const from = load<u32>(offset);
    const to = load<u32>(offset, 4);
    const record = recordAt(index);
    decodeTransaction(index, input + from, input + to);
    if (isPlain(record)) {
      summarize(index, record, to - from - SIGNATURE_BYTES * load<u32>(record, RECORD_SIGNER_COUNT));
    } else {
      store<u32>(SUMMARIES + SUMMARY_SIZE * <usize>index, 0);
    }
  }
  hashIds(count);
  hashAddresses();
}
