// A committed block as the node keeps and passes it on: block, certificate, receipts and write set. One log record holds all
// of it, so that recovery needs nothing else.

import { type Block, decodeBlock, encodeBlock } from "../protocol/block.js";
import { type Certificate, decodeCertificate, encodeCertificate } from "../protocol/certificate.js";
import { decodeTransaction, type Transaction } from "../protocol/transaction.js";
import { Reader, Writer } from "../protocol/wire.js";

export interface CommittedBlock {
  height: number;
  hash: Uint8Array;
  block: Block;
  certificate: Certificate;
  /** Encoded receipts, one per transaction. */
  receipts: Uint8Array[];
  /** The encoded write set. */
  writeSet: Uint8Array;
  /** The block's transactions, decoded. */
  transactions: Transaction[];
}

/** The log record's payload: hash, then length and bytes of block, certificate, receipts and write set. */
export function encodeCommittedBlock(committed: CommittedBlock): Uint8Array {
  const block = encodeBlock(committed.block);
  const certificate = encodeCertificate(committed.certificate);
  const writer = new Writer(block.length + committed.writeSet.length + committed.receipts.length * 40 + 4096);
  writer.raw(committed.hash).u32(block.length).raw(block).u32(certificate.length).raw(certificate);
  writer.u32(committed.receipts.length);
  for (const receipt of committed.receipts) {
    writer.u32(receipt.length).raw(receipt);
  }
  return writer.u32(committed.writeSet.length).raw(committed.writeSet).finish();
}

/** The inverse of `encodeCommittedBlock`; throws a coded error for other bytes. */
export function decodeCommittedBlock(bytes: Uint8Array): CommittedBlock {
  const reader = new Reader(bytes);
  const hash = reader.raw(32);
  const block = decodeBlock(reader.raw(reader.u32()));
  const certificate = decodeCertificate(reader.raw(reader.u32()));
  const receipts: Uint8Array[] = [];
  for (let count = reader.u32(); count > 0; count--) {
    receipts.push(reader.raw(reader.u32()));
  }
  const writeSet = reader.raw(reader.u32());
  reader.end();
  let transactions: Transaction[] | undefined;
  return {
    height: block.header.height,
    hash,
    block,
    certificate,
    receipts,
    writeSet,
    // Decoding them takes far the longest, and most readers want one of them, the header or the write set.
    get transactions() {
      transactions ??= block.transactions.map(decodeTransaction);
      return transactions;
    },
  };
}
