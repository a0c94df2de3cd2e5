// A committed block as the node keeps and passes it on: block, certificate, receipts and write set. One log record holds all
// of it, so that recovery needs nothing else.
// What is kept for longer than a moment is kept as that record's bytes, and its parts are views made when somebody asks: thousands
// of arrays a block would otherwise live for seconds, and the garbage collector would carry them along.

import { type Block, encodedBlockBytes, readBlockHead, writeBlock } from "../protocol/block.js";
import { type Certificate, decodeCertificate, encodeCertificate } from "../protocol/certificate.js";
import { CodedError } from "../protocol/errors.js";
import { PACKAGE_TRANSACTION_BYTES_MAX } from "../protocol/limits.js";
import { putId } from "../protocol/readTransaction.js";
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

/** A committed block whose parts are views of its record. */
export interface RecordedBlock extends CommittedBlock {
  /** The log record's payload. */
  readonly payload: Uint8Array;
  /** The ids of its transactions, 32 bytes each. */
  ids: Uint8Array;
  /** How many transactions it has. */
  readonly transactionCount: number;
}

const ID_BYTES = 32;

/** The log record's payload: hash, then length and bytes of block, certificate, receipts and write set. */
export function encodeCommittedBlock({ block, certificate, hash, receipts, writeSet }: CommittedBlock): Uint8Array {
  const blockBytes = encodedBlockBytes(block);
  const certificateBytes = encodeCertificate(certificate);
  const receiptsBytes = receipts.reduce((sum, receipt) => sum + receipt.length, 4 * receipts.length);
  const bytes = ID_BYTES + blockBytes + certificateBytes.length + receiptsBytes + writeSet.length + 4 * 4;
  const writer = writeBlock(new Writer(bytes).raw(hash).u32(blockBytes), block);
  writer.u32(certificateBytes.length).raw(certificateBytes).u32(receipts.length);
  for (const receipt of receipts) {
    writer.u32(receipt.length).raw(receipt);
  }
  return writer.u32(writeSet.length).raw(writeSet).finish();
}

/** The ids of transactions, one behind the other. */
function packIds(transactions: readonly Transaction[]): Uint8Array {
  const ids = new Uint8Array(ID_BYTES * transactions.length);
  for (let index = 0; index < transactions.length; index++) {
    putId(transactions[index], ids, ID_BYTES * index);
  }
  return ids;
}

/** Where each of a list's entries begins, and how long it is: two numbers an entry. */
type Places = Uint32Array;

function viewsOf(bytes: Uint8Array, places: Places): Uint8Array[] {
  const views: Uint8Array[] = new Array(places.length >>> 1);
  for (let i = 0; i < places.length; i += 2) {
    views[i >>> 1] = bytes.subarray(places[i], places[i] + places[i + 1]);
  }
  return views;
}

/** Reads a count, and that many entries whose lengths `next` reads; notes their places. */
function skipEntries(reader: Reader, next: () => number): Places {
  const count = reader.u32();
  if (count > reader.remaining) {
    throw new CodedError(
      "MALFORMED",
      `expected ${count} entries at offset ${reader.offset}, got fewer bytes than that`,
    );
  }
  const places = new Uint32Array(2 * count);
  for (let i = 0; i < places.length; i += 2) {
    places[i + 1] = next();
    places[i] = reader.skip(places[i + 1]);
  }
  return places;
}

function expectEnd(reader: Reader, end: number, what: string): void {
  if (reader.offset !== end) {
    throw new CodedError("MALFORMED", `expected ${what} to end at offset ${end}, got ${reader.offset}`);
  }
}

/** The block that a log record's payload holds, which stays as it is; throws a coded error for other bytes. */
export function decodeCommittedBlock(payload: Uint8Array): RecordedBlock {
  const reader = new Reader(payload);
  const hash = reader.raw(ID_BYTES);
  const blockBytes = reader.u32();
  const blockEnd = reader.offset + blockBytes;
  const { header, result } = readBlockHead(reader);
  const entries = skipEntries(reader, () => reader.longLength(PACKAGE_TRANSACTION_BYTES_MAX, "transaction"));
  expectEnd(reader, blockEnd, "the block");
  const certificate = decodeCertificate(reader.raw(reader.u32()));
  const receipts = skipEntries(reader, () => reader.u32());
  const writeSetBytes = reader.u32();
  const writeSetAt = reader.skip(writeSetBytes);
  reader.end();
  return recordedBlock(payload, { hash, header, result, certificate }, { entries, receipts, writeSetAt });
}

function recordedBlock(
  payload: Uint8Array,
  head: Pick<RecordedBlock, "hash" | "certificate"> & Pick<Block, "header" | "result">,
  { entries, receipts, writeSetAt }: { entries: Places; receipts: Places; writeSetAt: number },
): RecordedBlock {
  const { hash, header, result, certificate } = head;
  const read: Partial<RecordedBlock> = {};
  let encoded: Uint8Array[] | undefined;
  const block: Block = {
    header,
    result,
    get transactions() {
      encoded ??= viewsOf(payload, entries);
      return encoded;
    },
  };
  return {
    height: header.height,
    hash,
    block,
    certificate,
    payload,
    transactionCount: entries.length >>> 1,
    get receipts() {
      read.receipts ??= viewsOf(payload, receipts);
      return read.receipts;
    },
    get writeSet() {
      return payload.subarray(writeSetAt);
    },
    get transactions() {
      // Decoding them takes far the longest, and most readers want one of them, the header or the write set.
      read.transactions ??= block.transactions.map(decodeTransaction);
      return read.transactions;
    },
    get ids() {
      read.ids ??= packIds(this.transactions);
      return read.ids;
    },
    set ids(ids) {
      read.ids = ids;
    },
  };
}

/** One of the block's transactions; of a record it alone is decoded. */
export function transactionAt(block: CommittedBlock | RecordedBlock, index: number): Transaction {
  return "payload" in block ? decodeTransaction(block.block.transactions[index]) : block.transactions[index];
}

/** The block as its record; one that is none yet is encoded. */
export function recordOf(block: CommittedBlock | RecordedBlock): RecordedBlock {
  if ("payload" in block) {
    return block;
  }
  const recorded = decodeCommittedBlock(encodeCommittedBlock(block));
  // They are known here, and else all transactions would have to be decoded for them.
  recorded.ids = packIds(block.transactions);
  return recorded;
}
