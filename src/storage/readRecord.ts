// Reads one record whose place is known, and checks it: bytes that are not those written are never served.
import { crc32 } from "node:zlib";
import type { DiskFile } from "../base/disk.js";
import { parseRecordHeader, RECORD_HEADER_BYTES, type RecordHeader } from "./logRecord.js";
import { CorruptLogError } from "./storageErrors.js";

/** Where one record lies, header included. */
export interface RecordPlace {
  file: DiskFile;
  path: string;
  offset: number;
  length: number;
}

export interface CheckedRecord {
  header: RecordHeader;
  /** The caller's own bytes. */
  payload: Uint8Array;
}

/** Throws CorruptLogError where the record at `place` is not a sound one of `height`. */
export async function readRecord(place: RecordPlace, height: number, seed: number): Promise<CheckedRecord> {
  const bytes = await place.file.readAt(place.offset, place.length);
  const header = parseRecordHeader(bytes, seed);
  const payload = bytes.subarray(RECORD_HEADER_BYTES);
  if (header === undefined) {
    throw corrupt(place, height, "the record's header does not match its checksum");
  }
  if (header.height !== height) {
    throw corrupt(place, height, `expected the record of height ${height}, got that of ${header.height}`);
  }
  if (header.payloadBytes !== payload.length || header.payloadChecksum !== crc32(payload)) {
    throw corrupt(place, height, "the record's payload does not match its checksum");
  }
  return { header, payload };
}

function corrupt(place: RecordPlace, height: number, finding: string): CorruptLogError {
  return new CorruptLogError(place.path, place.offset, height, finding);
}
