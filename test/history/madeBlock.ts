// Blocks as the history sees them, made from operations and receipts without signing or executing anything.

import { bytesKey, utf8Bytes } from "../../src/base/bytes.js";
import { addressOfKey } from "../../src/protocol/address.js";
import { encodeResult } from "../../src/protocol/block.js";
import { CERTIFICATE_SOLO } from "../../src/protocol/certificate.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { encodeReceipt, NO_OPERATION, type ReceiptEvent } from "../../src/protocol/receipt.js";
import { decodeTransaction, encodeBody, encodeTransaction, type Transaction } from "../../src/protocol/transaction.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { sha256 } from "../../src/wasm/sha256.js";

const ZERO = new Uint8Array(32);

/** Keys of named accounts, by their addresses. */
const keys = new Map<string, Uint8Array>();

/** An address of a test: the same for the same name. */
export function named(name: string): Uint8Array {
  const key = sha256(utf8Bytes(name));
  const address = addressOfKey(key);
  keys.set(bytesKey(address), key);
  return address;
}

export interface MadeTransaction {
  signers: Uint8Array[];
  operations: Operation[];
  feePayer?: number;
  code?: number;
  fee?: bigint;
  events?: ReceiptEvent[];
  memo?: Uint8Array;
  lane?: number;
}

function makeTransaction(height: number, index: number, made: MadeTransaction): Transaction {
  const body = encodeBody({
    chainTag: ZERO.slice(0, 4),
    signers: made.signers.map((address) => ({ address, publicKey: keys.get(bytesKey(address)) ?? ZERO })),
    feePayer: made.feePayer ?? 0,
    lane: made.lane ?? 0,
    sequence: index,
    validUntil: height,
    feeToken: "TTC",
    feeLimit: 0n,
    operations: made.operations,
    memo: made.memo,
  });
  return decodeTransaction(
    encodeTransaction(
      body,
      made.signers.map(() => new Uint8Array(64)),
    ),
  );
}

function makeResult(height: number): Uint8Array {
  const hashes = { payloadRoot: ZERO, receiptsRoot: ZERO, writeSetHash: ZERO, delegateSetHash: ZERO, proposer: ZERO };
  const stateRoot = named(`state ${height}`);
  return encodeResult({
    height,
    parentHash: ZERO,
    stateRoot,
    signature: new Uint8Array(64),
    tally: [],
    seedProof: new Uint8Array(0),
    ...hashes,
  });
}

export function makeBlock(height: number, made: MadeTransaction[], timeMs = height * 1_000): CommittedBlock {
  const transactions = made.map((transaction, index) => makeTransaction(height, index, transaction));
  const header = { height, timeMs, proposer: ZERO, parentHash: ZERO, transactionsRoot: ZERO };
  return {
    height,
    hash: named(`block ${height}`),
    block: { header, result: makeResult(height), transactions: transactions.map(({ bytes }) => bytes) },
    certificate: { kind: CERTIFICATE_SOLO, signatures: [] },
    receipts: made.map(({ code = 0, fee = 1n, events = [] }) =>
      encodeReceipt({ code, operationIndex: code === 0 ? NO_OPERATION : 0, fee, events }),
    ),
    writeSet: ZERO,
    transactions,
  };
}
