// Blocks: header, result record, transactions. The header's transactions root covers the result record as entry 0 and every
// transaction's bytes, signatures included, so that a certificate over the block's hash proves the result too.

import { concatBytes } from "../base/bytes.js";
import { hashLeaf, merkleLeafHashes, merkleRootOfHashes } from "../wasm/sha256.js";
import { CodedError } from "./errors.js";
import { signedMessage, TAGS, taggedHash } from "./hashing.js";
import { PACKAGE_TRANSACTION_BYTES_MAX, PROTOCOL_VERSION } from "./limits.js";
import { VRF_PROOF_BYTES } from "./vrf.js";
import { longBytes, Reader, Writer } from "./wire.js";

export interface BlockHeader {
  height: number;
  /** Milliseconds since 1970 UTC, above the parent's. */
  timeMs: number;
  /** The proposing delegate's public key. */
  proposer: Uint8Array;
  /** Hash of the block before; the genesis hash at height 1. */
  parentHash: Uint8Array;
  /** RFC 6962 root over the result record and the transactions. */
  transactionsRoot: Uint8Array;
}

/** What a delegate did in the blocks of its round so far, from the round's first to the one before the block that says so. */
export interface DelegateTally {
  /** Blocks whose certificate, as the next proposer knew it, has its signature. */
  signed: number;
  proposed: number;
  /** Turns that came to it in which somebody later in the rotation proposed. */
  missed: number;
}

/** What executing the block's transactions gives, signed by the proposer. */
export interface ResultRecord {
  height: number;
  parentHash: Uint8Array;
  /** RFC 6962 root over the block's transactions without this record. */
  payloadRoot: Uint8Array;
  stateRoot: Uint8Array;
  receiptsRoot: Uint8Array;
  writeSetHash: Uint8Array;
  /** The set of delegates that signs this block. */
  delegateSetHash: Uint8Array;
  /** One for each delegate of the set, in its order; none in records made without a round. */
  tally: DelegateTally[];
  /** The proposer's proof for the chain's seed: 80 bytes in blocks that owe one, else none (seed.ts). */
  seedProof: Uint8Array;
  proposer: Uint8Array;
  signature: Uint8Array;
}

export interface Block {
  header: BlockHeader;
  /** The encoded result record: entry 0 of the transactions root. */
  result: Uint8Array;
  transactions: Uint8Array[];
}

const HEADER_BYTES = 113;

export function encodeHeader(header: BlockHeader): Uint8Array {
  const writer = new Writer(HEADER_BYTES);
  writer.u8(PROTOCOL_VERSION).u64(BigInt(header.height)).u64(BigInt(header.timeMs));
  return writer.raw(header.proposer).raw(header.parentHash).raw(header.transactionsRoot).finish();
}

function readVersion(reader: Reader): void {
  const version = reader.u8();
  if (version !== PROTOCOL_VERSION) {
    throw new CodedError("UNKNOWN_VERSION", `expected version ${PROTOCOL_VERSION}, got ${version}`);
  }
}

function readHeader(reader: Reader): BlockHeader {
  readVersion(reader);
  return {
    height: reader.safe(),
    timeMs: reader.safe(),
    proposer: reader.raw(32),
    parentHash: reader.raw(32),
    transactionsRoot: reader.raw(32),
  };
}

export function decodeHeader(bytes: Uint8Array): BlockHeader {
  const reader = new Reader(bytes);
  const header = readHeader(reader);
  reader.end();
  return header;
}

/** The block's name: a hash over chain and header. */
export function blockHash(genesisHash: Uint8Array, header: BlockHeader): Uint8Array {
  return taggedHash(TAGS.block, genesisHash, encodeHeader(header));
}

/** Count, then the three numbers of each delegate. */
export function encodeTally(tally: readonly DelegateTally[]): Uint8Array {
  const writer = new Writer(2 + 6 * tally.length).u16(tally.length);
  for (const { signed, proposed, missed } of tally) {
    writer.u16(signed).u16(proposed).u16(missed);
  }
  return writer.finish();
}

/** The record without its signature: what the proposer signs, after tag and genesis hash. */
function encodeResultContent(record: Omit<ResultRecord, "signature">): Uint8Array {
  const writer = new Writer(233);
  writer.u8(PROTOCOL_VERSION).u64(BigInt(record.height)).raw(record.parentHash).raw(record.payloadRoot);
  writer.raw(record.stateRoot).raw(record.receiptsRoot).raw(record.writeSetHash).raw(record.delegateSetHash);
  return writer.raw(record.proposer).raw(encodeTally(record.tally)).short(record.seedProof).finish();
}

export function resultMessage(genesisHash: Uint8Array, record: Omit<ResultRecord, "signature">): Uint8Array {
  return signedMessage(TAGS.result, genesisHash, encodeResultContent(record));
}

export function encodeResult(record: ResultRecord): Uint8Array {
  return concatBytes(encodeResultContent(record), record.signature);
}

export function decodeResult(bytes: Uint8Array): ResultRecord {
  const reader = new Reader(bytes);
  readVersion(reader);
  const record: Omit<ResultRecord, "tally" | "seedProof" | "signature"> = {
    height: reader.safe(),
    parentHash: reader.raw(32),
    payloadRoot: reader.raw(32),
    stateRoot: reader.raw(32),
    receiptsRoot: reader.raw(32),
    writeSetHash: reader.raw(32),
    delegateSetHash: reader.raw(32),
    proposer: reader.raw(32),
  };
  const tally: DelegateTally[] = [];
  for (let count = reader.u16(); count > 0; count--) {
    tally.push({ signed: reader.u16(), proposed: reader.u16(), missed: reader.u16() });
  }
  const seedProof = reader.short();
  if (seedProof.length !== 0 && seedProof.length !== VRF_PROOF_BYTES) {
    throw new CodedError("MALFORMED", `expected a proof of ${VRF_PROOF_BYTES} bytes or none, got ${seedProof.length}`);
  }
  const signature = reader.raw(64);
  reader.end();
  return { ...record, tally, seedProof, signature };
}

/** The header's root: the result record is entry 0. */
export function transactionsRoot(result: Uint8Array, transactions: Uint8Array[]): Uint8Array {
  return transactionsRootOf(result, merkleLeafHashes(transactions));
}

/** The same over transactions whose leaf hashes are known. */
export function transactionsRootOf(result: Uint8Array, leafHashes: Uint8Array): Uint8Array {
  return merkleRootOfHashes(concatBytes(hashLeaf(result), leafHashes));
}

/** How long a block is as `writeBlock` writes it. */
export function encodedBlockBytes({ result, transactions }: Block): number {
  return transactions.reduce((sum, transaction) => sum + longBytes(transaction), HEADER_BYTES + result.length + 4);
}

export function writeBlock(writer: Writer, { header, result, transactions }: Block): Writer {
  writer.raw(encodeHeader(header)).raw(result).u32(transactions.length);
  for (const transaction of transactions) {
    writer.long(transaction);
  }
  return writer;
}

export function encodeBlock(block: Block): Uint8Array {
  return writeBlock(new Writer(encodedBlockBytes(block)), block).finish();
}

/** Length of a result record without its tally and its proof, and of one delegate's part; where its number of delegates stands. */
const RESULT_BYTES = 300;
const TALLY_BYTES = 6;
const TALLY_COUNT_OFFSET = 233;

function readResult(reader: Reader): Uint8Array {
  const count = new Reader(reader.bytes, reader.offset + TALLY_COUNT_OFFSET).u16();
  const tallyEnd = TALLY_COUNT_OFFSET + 2 + TALLY_BYTES * count;
  const proofBytes = new Reader(reader.bytes, reader.offset + tallyEnd).u8();
  return reader.raw(RESULT_BYTES + TALLY_BYTES * count + proofBytes);
}

/** Takes a block's header and result record off a reader; its transactions follow: u32 count, then each with its length. */
export function readBlockHead(reader: Reader): Pick<Block, "header" | "result"> {
  return { header: readHeader(reader), result: readResult(reader) };
}

function readBody(reader: Reader, header: BlockHeader): Block {
  const result = readResult(reader);
  const transactions: Uint8Array[] = [];
  for (let count = reader.u32(); count > 0; count--) {
    transactions.push(reader.longView(PACKAGE_TRANSACTION_BYTES_MAX, "transaction"));
  }
  reader.end();
  return { header, result, transactions };
}

/** The inverse of `encodeBlock`. The transactions are views of `bytes`: a copy of each would cost more than all else. */
export function decodeBlock(bytes: Uint8Array): Block {
  const reader = new Reader(bytes);
  return readBody(reader, readHeader(reader));
}

/** The same for a header and what follows it in a block's bytes. */
export function decodeBlockBody(header: BlockHeader, body: Uint8Array): Block {
  return readBody(new Reader(body), header);
}
