// Checks what a node says against the delegates' signatures: a leaf's value or absence (ICS-23 proof up to the state root), the
// state root (result record of a certified block), a transaction and its receipt (RFC 6962 paths). Whoever holds the
// genesis hash and the delegate set needs to trust no node.

import { equalBytes, fromHex } from "../base/bytes.js";
import { decodeHeader, decodeResult } from "../protocol/block.js";
import { decodeCertificate, type ResultProof, verifyResultProof } from "../protocol/certificate.js";
import { type Delegate, decodeDelegates } from "../protocol/delegates.js";
import { CodedError } from "../protocol/errors.js";
import { decodeReceipt, type Receipt } from "../protocol/receipt.js";
import { decodeSystemLeaf, systemKey } from "../protocol/stateLeaves.js";
import { provenValue } from "../protocol/stateProof.js";
import { decodeTransaction, type Transaction } from "../protocol/transaction.js";
import { decodeWriteSet, writeSetHash } from "../protocol/writeSet.js";
import { verifyMerkleProof } from "../wasm/sha256.js";
import { asArray, asNumber, asObject } from "./answers.js";

const DELEGATES_KEY = systemKey("delegates");

/** What a light client holds beforehand. */
export interface TrustedDelegates {
  /** 32 bytes. */
  genesisHash: Uint8Array;
  /** The set that signs the block in question. */
  delegates: Delegate[];
}

/** A leaf's value at a height, or its absence, as a node gives it. */
export interface StateProof {
  height: number;
  /** 32 bytes. */
  key: Uint8Array;
  value: Uint8Array | undefined;
  /** An encoded ICS-23 CommitmentProof. */
  proof: Uint8Array;
  resultProof: ResultProof;
}

/** A transaction in its block and its receipt in the receipts root, as a node gives it. */
export interface TransactionProof {
  height: number;
  /** Place among the block's transactions, from 0. */
  index: number;
  bytes: Uint8Array;
  path: Uint8Array[];
  receipt: Uint8Array;
  receiptPath: Uint8Array[];
  resultProof: ResultProof;
}

function hexField(value: unknown, field: string): Uint8Array {
  const bytes = typeof value === "string" ? fromHex(value) : undefined;
  if (bytes === undefined) {
    throw new CodedError("BAD_PROOF", `expected hex as ${field} of the proof`);
  }
  return bytes;
}

function hexList(value: unknown, field: string): Uint8Array[] {
  return asArray(value, field).map((item) => hexField(item, field));
}

function parseResultProof(value: unknown): ResultProof {
  const source = asObject(value, "resultProof");
  return {
    header: decodeHeader(hexField(source.header, "header")),
    certificate: decodeCertificate(hexField(source.certificate, "certificate")),
    result: hexField(source.result, "result"),
    entryCount: asNumber(source.entryCount, "entryCount"),
    path: hexList(source.path, "path"),
  };
}

/** The proof in the JSON of `/v1/proofs/{key}`; nothing is checked yet. */
export function parseStateProof(value: unknown): StateProof {
  const source = asObject(value);
  return {
    height: asNumber(source.height, "height"),
    key: hexField(source.key, "key"),
    value: source.value === null ? undefined : hexField(source.value, "value"),
    proof: hexField(source.proof, "proof"),
    resultProof: parseResultProof(source.resultProof),
  };
}

/** The proof in the JSON of `/v1/transactions/{id}/proof`; nothing is checked yet. */
export function parseTransactionProof(value: unknown): TransactionProof {
  const source = asObject(value);
  return {
    height: asNumber(source.height, "height"),
    index: asNumber(source.index, "index"),
    bytes: hexField(source.bytes, "bytes"),
    path: hexList(source.path, "path"),
    receipt: hexField(source.receipt, "receipt"),
    receiptPath: hexList(source.receiptPath, "receiptPath"),
    resultProof: parseResultProof(source.resultProof),
  };
}

/** The last block that a set of delegates signs, as a node gives it, and the write set that names the next set. */
export interface DelegateChange {
  height: number;
  resultProof: ResultProof;
  /** Undefined where the set is still the present one. */
  writeSet: Uint8Array | undefined;
}

/** The change in the JSON of `/v1/delegate-changes/{height}`; nothing is checked yet. */
export function parseDelegateChange(value: unknown): DelegateChange {
  const source = asObject(value);
  return {
    height: asNumber(source.height, "height"),
    resultProof: parseResultProof(source.resultProof),
    writeSet: source.writeSet === undefined ? undefined : hexField(source.writeSet, "writeSet"),
  };
}

/**
 * What a change proves to somebody who trusts `trusted`: the set that signs the blocks after `change.height`, which is the same where
 * no write set is given. Throws BAD_PROOF or BAD_CERTIFICATE.
 */
export function verifyDelegateChange(change: DelegateChange, trusted: TrustedDelegates): Delegate[] {
  expectHeight(change);
  verifyResultProof(change.resultProof, trusted.genesisHash, trusted.delegates);
  if (change.writeSet === undefined) {
    return trusted.delegates;
  }
  const { writeSetHash: expected } = decodeResult(change.resultProof.result);
  if (!equalBytes(expected, writeSetHash(change.writeSet))) {
    throw new CodedError("BAD_PROOF", "the write set is not the one that the delegates agreed on");
  }
  const value = decodeWriteSet(change.writeSet).find(({ key }) => equalBytes(key, DELEGATES_KEY))?.value;
  return value === undefined ? trusted.delegates : decodeDelegates(decodeSystemLeaf(value));
}

function expectHeight(proof: { height: number; resultProof: ResultProof }): void {
  if (proof.resultProof.header.height !== proof.height) {
    throw new CodedError(
      "BAD_PROOF",
      `expected a block of height ${proof.height}, got ${proof.resultProof.header.height}`,
    );
  }
}

/**
 * The proven value of leaf `key` (undefined: proven absent) at `proof.height`. Throws BAD_PROOF or BAD_CERTIFICATE. How recent
 * the height is, the caller judges by it and by the header's time.
 */
export function verifyStateProof(
  proof: StateProof,
  key: Uint8Array,
  trusted: TrustedDelegates,
): Uint8Array | undefined {
  expectHeight(proof);
  if (!equalBytes(proof.key, key)) {
    throw new CodedError("BAD_PROOF", "the proof is about another key");
  }
  const stateRoot = verifyResultProof(proof.resultProof, trusted.genesisHash, trusted.delegates);
  const proven = provenValue(stateRoot, key, proof.proof);
  if (proven === undefined) {
    throw new CodedError("BAD_PROOF", "the proof does not lead from this key to the state root");
  }
  const isSaid =
    proven === null ? proof.value === undefined : proof.value !== undefined && equalBytes(proven, proof.value);
  if (!isSaid) {
    throw new CodedError("BAD_PROOF", "the proof shows another value than the one that was said");
  }
  return proof.value;
}

/** The proven transaction and its receipt. Throws BAD_PROOF or BAD_CERTIFICATE, or MALFORMED for bytes that are neither. */
export function verifyTransactionProof(
  proof: TransactionProof,
  id: Uint8Array,
  trusted: TrustedDelegates,
): { transaction: Transaction; receipt: Receipt } {
  expectHeight(proof);
  verifyResultProof(proof.resultProof, trusted.genesisHash, trusted.delegates);
  const { header, entryCount, result } = proof.resultProof;
  // The result record is entry 0, so that transaction i is entry i + 1; receipts count from 0.
  if (!verifyMerkleProof(proof.bytes, proof.index + 1, entryCount, proof.path, header.transactionsRoot)) {
    throw new CodedError("BAD_PROOF", "the transaction is not in the block");
  }
  const { receiptsRoot } = decodeResult(result);
  if (!verifyMerkleProof(proof.receipt, proof.index, entryCount - 1, proof.receiptPath, receiptsRoot)) {
    throw new CodedError("BAD_PROOF", "the receipt is not in the block's result");
  }
  const transaction = decodeTransaction(proof.bytes);
  if (!equalBytes(transaction.id, id)) {
    throw new CodedError("BAD_PROOF", "the proof is about another transaction");
  }
  return { transaction, receipt: decodeReceipt(proof.receipt) };
}
