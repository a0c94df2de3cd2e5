// Blocks as the history sees them, made from operations and receipts without signing or executing anything.

import { utf8Bytes } from "../../src/base/bytes.js";
import { encodeResult } from "../../src/protocol/block.js";
import { CERTIFICATE_SOLO } from "../../src/protocol/certificate.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { encodeReceipt, NO_OPERATION, type ReceiptEvent } from "../../src/protocol/receipt.js";
import type { Transaction } from "../../src/protocol/transaction.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { sha256 } from "../../src/wasm/sha256.js";

const ZERO = new Uint8Array(32);

/** An address of a test: the same for the same name. */
export function named(name: string): Uint8Array {
  return sha256(utf8Bytes(name));
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
  return {
    chainTag: ZERO.slice(0, 4),
    signers: made.signers.map((address) => ({ address, publicKey: ZERO })),
    feePayer: made.feePayer ?? 0,
    lane: made.lane ?? 0,
    sequence: 0,
    validUntil: height,
    feeToken: "TTC",
    feeLimit: 0n,
    operations: made.operations,
    ...(made.memo === undefined ? {} : { memo: made.memo }),
    bytes: ZERO,
    bodyBytes: 0,
    id: named(`transaction ${height} ${index}`),
    signatures: [],
  };
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
  const header = { height, timeMs, proposer: ZERO, parentHash: ZERO, transactionsRoot: ZERO };
  return {
    height,
    hash: named(`block ${height}`),
    block: { header, result: makeResult(height), transactions: made.map(() => ZERO) },
    certificate: { kind: CERTIFICATE_SOLO, signatures: [] },
    receipts: made.map(({ code = 0, fee = 1n, events = [] }) =>
      encodeReceipt({ code, operationIndex: code === 0 ? NO_OPERATION : 0, fee, events }),
    ),
    writeSet: ZERO,
    transactions: made.map((transaction, index) => makeTransaction(height, index, transaction)),
  };
}
