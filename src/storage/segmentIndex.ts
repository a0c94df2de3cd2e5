// Where the records of a sealed segment start, in a file beside it: a 40-byte header, then one 32-bit offset a record, all
// little-endian. An index is only a shortcut: one that is missing, damaged or out of step is made again from its segment.
//
//    0  magic "TTBLKIDX"    12  count             20  length of the segment     28  checksum of the last record
//    8  version             16  reserved, zero    24  checksum of the offsets   32  first height
import { crc32 } from "node:zlib";
import { equalBytes } from "../base/bytes.js";
import type { Disk } from "../base/disk.js";

export interface SegmentIndex {
  firstHeight: number;
  /** The segment file's length in bytes. */
  segmentSize: number;
  lastChecksum: number;
  offsets: Uint32Array;
}

const HEADER_BYTES = 40;
const MAGIC = new Uint8Array([0x54, 0x54, 0x42, 0x4c, 0x4b, 0x49, 0x44, 0x58]);
const VERSION = 1;

/** The path of the index of the segment at `segmentPath`. */
export function indexPath(segmentPath: string): string {
  return segmentPath.replace(/\.log$/, ".index");
}

/** Writes the index beside its segment. Not synced: a torn index fails its checksum and is made again. */
export async function saveSegmentIndex(disk: Disk, segmentPath: string, index: SegmentIndex): Promise<void> {
  const bytes = new Uint8Array(HEADER_BYTES + 4 * index.offsets.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < index.offsets.length; i++) {
    view.setUint32(HEADER_BYTES + 4 * i, index.offsets[i], true);
  }
  bytes.set(MAGIC, 0);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, index.offsets.length, true);
  view.setUint32(20, index.segmentSize, true);
  view.setUint32(28, index.lastChecksum, true);
  view.setBigUint64(32, BigInt(index.firstHeight), true);
  view.setUint32(24, indexChecksum(bytes), true);
  const path = indexPath(segmentPath);
  await disk.remove(`${path}.tmp`);
  const file = await disk.open(`${path}.tmp`, "create");
  try {
    await file.append([bytes]);
  } finally {
    await file.close();
  }
  await disk.rename(`${path}.tmp`, path);
}

/** The index of a segment whose first height and length are known; undefined where there is none that fits. */
export async function loadSegmentIndex(
  disk: Disk,
  segmentPath: string,
  expected: { firstHeight: number; segmentSize: number },
): Promise<SegmentIndex | undefined> {
  const bytes = await readWhole(disk, indexPath(segmentPath));
  if (bytes === undefined || bytes.length < HEADER_BYTES || !equalBytes(bytes.subarray(0, 8), MAGIC)) {
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = view.getUint32(12, true);
  if (
    view.getUint32(8, true) !== VERSION ||
    bytes.length !== HEADER_BYTES + 4 * count ||
    view.getUint32(24, true) !== indexChecksum(bytes) ||
    view.getUint32(20, true) !== expected.segmentSize ||
    view.getBigUint64(32, true) !== BigInt(expected.firstHeight)
  ) {
    return undefined;
  }
  const offsets = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    offsets[i] = view.getUint32(HEADER_BYTES + 4 * i, true);
  }
  return { ...expected, lastChecksum: view.getUint32(28, true), offsets };
}

/** Over everything but the checksum's own four bytes. */
function indexChecksum(bytes: Uint8Array): number {
  return crc32(bytes.subarray(28), crc32(bytes.subarray(0, 24)));
}

async function readWhole(disk: Disk, path: string): Promise<Uint8Array | undefined> {
  try {
    const file = await disk.open(path, "read");
    try {
      return await file.readAt(0, file.size);
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}
