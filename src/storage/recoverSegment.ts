// Reads a segment through and judges what it finds at its end. A record that was never acknowledged may be torn by a crash
// and is cut off; an acknowledged one that no longer matches its checksum is damage, and is named, never dropped.
//
// How the two are told apart, where the last segment has a record that doesn't check:
// - A later record of a later batch proves that the damaged one had been synced: its batch followed that sync.
// - A torn write leaves the file short, or whole sectors (512 bytes) as zeros where it never arrived. A record says how many
//   sectors of it are zeros by right: more than that means torn. Other differences, such as a flipped bit, are damage.
import { crc32 } from "node:zlib";
import type { DiskFile } from "../base/disk.js";
import {
  countZeroSectors,
  parseRecordHeader,
  RECORD_HEADER_BYTES,
  RECORD_MAGIC,
  type RecordHeader,
} from "./logRecord.js";
import { SEGMENT_HEADER_BYTES, type SegmentHeader } from "./logSegment.js";
import { CorruptLogError } from "./storageErrors.js";

const WINDOW_BYTES = 4 * 1024 * 1024;

export interface SegmentScan {
  /** Where each record starts, from the first height on. */
  offsets: number[];
  /** Where the last sound record ends. */
  endOffset: number;
  /** The last sound record's checksum; the header's `previousChecksum` where there is no record. */
  lastChecksum: number;
  /** What follows `endOffset` and is no sound record; undefined where the file ends there. */
  damage: Damage | undefined;
}

interface Damage {
  /** `order`: a sound record that doesn't belong here. */
  kind: "short" | "header" | "payload" | "order";
  offset: number;
  height: number;
  finding: string;
}

/** Reads all records of `file` and checks them, up to the first one that isn't sound. */
export async function scanSegment(file: DiskFile, segment: SegmentHeader, seed: number): Promise<SegmentScan> {
  const window = new FileWindow(file);
  const offsets: number[] = [];
  let offset = SEGMENT_HEADER_BYTES;
  let checksum = segment.previousChecksum;
  while (offset < file.size) {
    const height = segment.firstHeight + offsets.length;
    const found = await checkRecord(window, offset, { height, previousChecksum: checksum }, seed);
    if ("kind" in found) {
      return { offsets, endOffset: offset, lastChecksum: checksum, damage: found };
    }
    offsets.push(offset);
    offset += RECORD_HEADER_BYTES + found.payloadBytes;
    checksum = found.checksum;
  }
  return { offsets, endOffset: offset, lastChecksum: checksum, damage: undefined };
}

/** Throws CORRUPT_LOG unless what a scan of the last segment stopped at can only be a write that a crash tore. */
export async function expectTornTail(file: DiskFile, path: string, damage: Damage, seed: number): Promise<void> {
  const corrupt = (finding: string) => new CorruptLogError(path, damage.offset, damage.height, finding);
  if (damage.kind === "order") {
    throw corrupt(damage.finding);
  }
  const header = parseRecordHeader(await file.readAt(damage.offset, RECORD_HEADER_BYTES), seed);
  const searchFrom = header === undefined ? damage.offset + 1 : damage.offset + recordBytes(header);
  const proof = await findLaterBatch(file, searchFrom, damage.height, seed);
  if (proof !== undefined) {
    throw corrupt(`${damage.finding}; the record of height ${proof} behind it proves that it was whole before`);
  }
  if (damage.kind === "short") {
    return;
  }
  const bytes = await file.readAt(damage.offset, header === undefined ? RECORD_HEADER_BYTES : recordBytes(header));
  if (countZeroSectors(bytes, damage.offset) <= (header === undefined ? 0 : header.zeroSectors)) {
    throw corrupt(`${damage.finding}, and not as a torn write would leave it`);
  }
}

function recordBytes(header: RecordHeader): number {
  return RECORD_HEADER_BYTES + header.payloadBytes;
}

async function checkRecord(
  window: FileWindow,
  offset: number,
  expected: { height: number; previousChecksum: number },
  seed: number,
): Promise<RecordHeader | Damage> {
  const damage = (kind: Damage["kind"], finding: string) => ({ kind, offset, height: expected.height, finding });
  const headerBytes = await window.read(offset, RECORD_HEADER_BYTES);
  if (headerBytes.length < RECORD_HEADER_BYTES) {
    return damage("short", "the file ends within a record's header");
  }
  const header = parseRecordHeader(headerBytes, seed);
  if (header === undefined) {
    return damage("header", "the record's header does not match its checksum");
  }
  if (header.height !== expected.height) {
    return damage("order", `expected the record of height ${expected.height}, got that of ${header.height}`);
  }
  if (header.previousChecksum !== expected.previousChecksum) {
    return damage("order", "the record does not follow the one before it");
  }
  const payload = await window.read(offset + RECORD_HEADER_BYTES, header.payloadBytes);
  if (payload.length < header.payloadBytes) {
    return damage("short", "the file ends within the record");
  }
  if (crc32(payload) !== header.payloadChecksum) {
    return damage("payload", "the record's payload does not match its checksum");
  }
  return header;
}

/** The height of a sound record from `offset` on whose batch was begun above `height`: that one's batch had been synced. */
async function findLaterBatch(
  file: DiskFile,
  offset: number,
  height: number,
  seed: number,
): Promise<number | undefined> {
  // Pieces overlap by a header less one byte, so that no header is missed between two of them.
  for (let start = offset; start < file.size; start += WINDOW_BYTES - RECORD_HEADER_BYTES + 1) {
    const piece = await file.readAt(start, WINDOW_BYTES);
    const search = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    for (let at = search.indexOf(RECORD_MAGIC); at >= 0; at = search.indexOf(RECORD_MAGIC, at + 1)) {
      const header = parseRecordHeader(piece.subarray(at), seed);
      if (header === undefined || header.height - header.batchIndex <= height) {
        continue;
      }
      const payload = await file.readAt(start + at + RECORD_HEADER_BYTES, header.payloadBytes);
      if (payload.length === header.payloadBytes && crc32(payload) === header.payloadChecksum) {
        return header.height;
      }
    }
  }
  return undefined;
}

/** Reads a file forward in large pieces, however small the pieces asked for. */
class FileWindow {
  readonly #file: DiskFile;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(file: DiskFile) {
    this.#file = file;
  }

  /** Bytes from `offset`, fewer where the file ends; valid until the next call. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const from = offset - this.#start;
    if (from < 0 || from + length > this.#bytes.length) {
      this.#bytes = await this.#file.readAt(offset, Math.max(length, WINDOW_BYTES));
      this.#start = offset;
      return this.#bytes.subarray(0, length);
    }
    return this.#bytes.subarray(from, from + length);
  }
}
