// One record of the block log: a 40-byte header and an opaque payload. Integers are little-endian.
//
//    0  magic "TTRB"              16  checksum of the record before    32  checksum of bytes 0 to 31
//    4  payload length            20  index in its batch               36  end magic "brtt"
//    8  height (8 bytes)          24  all-zero sectors   28  checksum of the payload
//
// Checksums are CRC-32; the header's starts from the chain's genesis hash and covers the payload's and the record's before,
// so that a swapped, missing or foreign record is noticed. Index and zero sectors tell a torn write from later damage:
// see recoverSegment.ts.
import { crc32 } from "node:zlib";
import { assert } from "../base/assert.js";

export const RECORD_HEADER_BYTES = 40;
export const RECORD_PAYLOAD_BYTES_MAX = 256 * 1024 * 1024;

/** What a disk writes whole or not at all. */
export const SECTOR_BYTES = 512;

/** The first four bytes of every record. Neither magic holds a zero byte, so no piece of a header is all zeros. */
export const RECORD_MAGIC = new Uint8Array([0x54, 0x54, 0x52, 0x42]);
const MAGIC_WORD = 0x42525454;
const END_MAGIC_WORD = 0x74747262;

export interface RecordHeader {
  payloadBytes: number;
  height: number;
  previousChecksum: number;
  batchIndex: number;
  zeroSectors: number;
  payloadChecksum: number;
  /** The record's own checksum: the next record holds it as `previousChecksum`. */
  checksum: number;
}

/** Where the checksums of a chain's records start from. */
export function checksumSeed(genesisHash: Uint8Array): number {
  return crc32(genesisHash);
}

/** A record whose payload is `parts` in order and whose header is still blank. */
export function blankRecord(parts: readonly Uint8Array[]): Uint8Array {
  let length = RECORD_HEADER_BYTES;
  for (const part of parts) {
    length += part.length;
  }
  // Every byte is written below or by sealRecord: zeros first would cost as much as the copy.
  const record = Buffer.allocUnsafeSlow(length);
  let offset = RECORD_HEADER_BYTES;
  for (const part of parts) {
    record.set(part, offset);
    offset += part.length;
  }
  return record;
}

/**
 * Fills in the header of `record`, which will lie at `fileOffset` of its file; returns the record's checksum.
 */
export function sealRecord(
  record: Uint8Array,
  fields: { height: number; previousChecksum: number; batchIndex: number; fileOffset: number; payloadChecksum: number },
  seed: number,
): number {
  const view = new DataView(record.buffer, record.byteOffset, RECORD_HEADER_BYTES);
  view.setUint32(0, MAGIC_WORD, true);
  view.setUint32(4, record.length - RECORD_HEADER_BYTES, true);
  view.setBigUint64(8, BigInt(fields.height), true);
  view.setUint32(16, fields.previousChecksum, true);
  view.setUint32(20, fields.batchIndex, true);
  view.setUint32(28, fields.payloadChecksum, true);
  view.setUint32(36, END_MAGIC_WORD, true);
  view.setUint32(24, countZeroSectors(record, fields.fileOffset), true);
  const checksum = crc32(record.subarray(0, 32), seed);
  view.setUint32(32, checksum, true);
  return checksum;
}

/** The header at the start of `bytes`; undefined where there is no whole and undamaged one. */
export function parseRecordHeader(bytes: Uint8Array, seed: number): RecordHeader | undefined {
  if (bytes.length < RECORD_HEADER_BYTES) {
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, RECORD_HEADER_BYTES);
  const checksum = view.getUint32(32, true);
  if (
    view.getUint32(0, true) !== MAGIC_WORD ||
    view.getUint32(36, true) !== END_MAGIC_WORD ||
    crc32(bytes.subarray(0, 32), seed) !== checksum
  ) {
    return undefined;
  }
  const height = view.getBigUint64(8, true);
  assert(height <= Number.MAX_SAFE_INTEGER, "a record with a right checksum has a height below 2^53");
  return {
    payloadBytes: view.getUint32(4, true),
    height: Number(height),
    previousChecksum: view.getUint32(16, true),
    batchIndex: view.getUint32(20, true),
    zeroSectors: view.getUint32(24, true),
    payloadChecksum: view.getUint32(28, true),
    checksum,
  };
}

/** How many sectors of the file, as far as `bytes` at `fileOffset` covers them, are all zeros there. */
export function countZeroSectors(bytes: Uint8Array, fileOffset: number): number {
  let count = 0;
  let start = 0;
  let end = SECTOR_BYTES - (fileOffset % SECTOR_BYTES);
  while (start < bytes.length) {
    if (isZero(bytes, start, Math.min(end, bytes.length))) {
      count += 1;
    }
    start = end;
    end += SECTOR_BYTES;
  }
  return count;
}

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (bytes[i] !== 0) {
      return false;
    }
  }
  return true;
}
