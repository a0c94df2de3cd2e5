// A segment: one file of the block log, named after its first height. It opens with a 64-byte header, little-endian:
//
//    0  magic "TTBLKLOG"    12  reserved, zero      24  checksum of the record before    60  checksum of bytes 0 to 59
//    8  version             16  first height        28  genesis hash (32 bytes)
//
// A segment appears under its name only when its header is durable: it is made under another name and renamed.
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { equalBytes } from "../base/bytes.js";
import type { Disk, DiskFile } from "../base/disk.js";
import { CorruptLogError, StorageError } from "./storageErrors.js";

export const SEGMENT_HEADER_BYTES = 64;
const MAGIC = new Uint8Array([0x54, 0x54, 0x42, 0x4c, 0x4b, 0x4c, 0x4f, 0x47]);
const VERSION = 1;
const SEGMENT_NAME = /^(\d{16})\.log$/;

export interface SegmentHeader {
  firstHeight: number;
  /** The checksum of the last record of the segment before; where there is none, the chain's checksum seed. */
  previousChecksum: number;
}

export function segmentName(firstHeight: number): string {
  return `${String(firstHeight).padStart(16, "0")}.log`;
}

/** The first height of a segment's file name; undefined for other files. */
export function segmentNameHeight(name: string): number | undefined {
  const match = SEGMENT_NAME.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** Makes a segment without records, durably, and returns its open file. */
export async function createSegment(
  disk: Disk,
  directory: string,
  header: SegmentHeader,
  genesisHash: Uint8Array,
): Promise<DiskFile> {
  const path = join(directory, segmentName(header.firstHeight));
  await disk.remove(`${path}.tmp`);
  const file = await disk.open(`${path}.tmp`, "create");
  try {
    await file.append([encodeSegmentHeader(header, genesisHash)]);
    await file.sync();
    await disk.rename(`${path}.tmp`, path);
    await disk.syncDirectory(directory);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * The header of an open segment.
 * Throws CORRUPT_LOG where it is damaged, FOREIGN_LOG where it belongs to a chain with another genesis hash.
 */
export async function readSegmentHeader(
  file: DiskFile,
  path: string,
  firstHeight: number,
  genesisHash: Uint8Array,
): Promise<SegmentHeader> {
  const bytes = await file.readAt(0, SEGMENT_HEADER_BYTES);
  const corrupt = (finding: string) => new CorruptLogError(path, 0, firstHeight, finding);
  if (bytes.length < SEGMENT_HEADER_BYTES) {
    throw corrupt(`expected a segment header of ${SEGMENT_HEADER_BYTES} bytes, got ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!equalBytes(bytes.subarray(0, 8), MAGIC) || crc32(bytes.subarray(0, 60)) !== view.getUint32(60, true)) {
    throw corrupt("the segment header does not match its checksum");
  }
  const version = view.getUint32(8, true);
  if (version !== VERSION) {
    throw new StorageError("FOREIGN_LOG", `${path}: expected log version ${VERSION}, got ${version}`);
  }
  if (!equalBytes(bytes.subarray(28, 60), genesisHash)) {
    throw new StorageError("FOREIGN_LOG", `${path} belongs to a chain with another genesis hash`);
  }
  const height = view.getBigUint64(16, true);
  if (height !== BigInt(firstHeight)) {
    throw corrupt(`the file's name and its header, ${height}, disagree about its first height`);
  }
  return { firstHeight, previousChecksum: view.getUint32(24, true) };
}

function encodeSegmentHeader(header: SegmentHeader, genesisHash: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC, 0);
  view.setUint32(8, VERSION, true);
  view.setBigUint64(16, BigInt(header.firstHeight), true);
  view.setUint32(24, header.previousChecksum, true);
  bytes.set(genesisHash, 28);
  view.setUint32(60, crc32(bytes.subarray(0, 60)), true);
  return bytes;
}
