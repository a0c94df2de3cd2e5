// The segment that records are added to: the log's last. It knows where each of its records starts; `write` is the one
// place where records reach the disk.
import { join } from "node:path";
import type { DiskFile } from "../base/disk.js";
import { sealRecord } from "./logRecord.js";
import { createSegment, readSegmentHeader, type SegmentHeader, segmentName } from "./logSegment.js";
import type { RecordPlace } from "./readRecord.js";
import { expectTornTail, scanSegment } from "./recoverSegment.js";
import type { SegmentsContext } from "./sealedSegments.js";
import type { SegmentIndex } from "./segmentIndex.js";

/** A record whose header is still blank, and the checksum of its payload. */
export interface UnsealedRecord {
  record: Uint8Array;
  payloadChecksum: number;
}

export class ActiveSegment {
  readonly header: SegmentHeader;
  readonly file: DiskFile;
  readonly #context: SegmentsContext;
  readonly #path: string;
  readonly #offsets: number[];
  #endOffset: number;
  #lastChecksum: number;

  private constructor(
    context: SegmentsContext,
    header: SegmentHeader,
    file: DiskFile,
    end: { offsets: number[]; endOffset: number; lastChecksum: number },
  ) {
    this.#context = context;
    this.header = header;
    this.file = file;
    this.#path = join(context.directory, segmentName(header.firstHeight));
    this.#offsets = end.offsets;
    this.#endOffset = end.endOffset;
    this.#lastChecksum = end.lastChecksum;
  }

  /** Makes the segment's file, durably. */
  static async create(context: SegmentsContext, header: SegmentHeader): Promise<ActiveSegment> {
    const file = await createSegment(context.disk, context.directory, header, context.genesisHash);
    const end = { offsets: [], endOffset: file.size, lastChecksum: header.previousChecksum };
    return new ActiveSegment(context, header, file, end);
  }

  /** Reads an existing segment through and cuts a torn tail off; throws CorruptLogError where it is damaged otherwise. */
  static async recover(
    context: SegmentsContext,
    firstHeight: number,
  ): Promise<{ active: ActiveSegment; tornBytes: number }> {
    const path = join(context.directory, segmentName(firstHeight));
    const file = await context.disk.open(path, "readWrite");
    try {
      const header = await readSegmentHeader(file, path, firstHeight, context.genesisHash);
      const scan = await scanSegment(file, header, context.seed);
      const tornBytes = file.size - scan.endOffset;
      if (scan.damage !== undefined) {
        await expectTornTail(file, path, scan.damage, context.seed);
        await file.truncate(scan.endOffset);
      }
      // A killed process may have left whole records that were never synced: from here on they count as durable.
      await file.sync();
      return { active: new ActiveSegment(context, header, file, scan), tornBytes };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get firstHeight(): number {
    return this.header.firstHeight;
  }

  /** One below the first height where there is no record yet. */
  get lastHeight(): number {
    return this.header.firstHeight + this.#offsets.length - 1;
  }

  get recordCount(): number {
    return this.#offsets.length;
  }

  get size(): number {
    return this.#endOffset;
  }

  /** What the segment after this one names as the record before its first. */
  get lastChecksum(): number {
    return this.#lastChecksum;
  }

  /** Fills in the records' headers, writes them in one piece and syncs; only then does the segment hold them. */
  async write(batch: readonly UnsealedRecord[]): Promise<void> {
    const offsets: number[] = [];
    let offset = this.#endOffset;
    let checksum = this.#lastChecksum;
    for (const [batchIndex, { record, payloadChecksum }] of batch.entries()) {
      const height = this.lastHeight + 1 + batchIndex;
      const fields = { height, previousChecksum: checksum, batchIndex, fileOffset: offset, payloadChecksum };
      checksum = sealRecord(record, fields, this.#context.seed);
      offsets.push(offset);
      offset += record.length;
    }
    await this.file.append(batch.map(({ record }) => record));
    await this.file.sync();
    for (const start of offsets) {
      this.#offsets.push(start);
    }
    this.#endOffset = offset;
    this.#lastChecksum = checksum;
  }

  /** Where the record of `height` lies; undefined where this segment doesn't hold it. */
  place(height: number): RecordPlace | undefined {
    const at = height - this.header.firstHeight;
    if (at < 0 || at >= this.#offsets.length) {
      return undefined;
    }
    const offset = this.#offsets[at];
    const end = at + 1 < this.#offsets.length ? this.#offsets[at + 1] : this.#endOffset;
    return { file: this.file, path: this.#path, offset, length: end - offset };
  }

  /** The index of the segment as it stands. */
  index(): SegmentIndex {
    return {
      firstHeight: this.header.firstHeight,
      segmentSize: this.#endOffset,
      lastChecksum: this.#lastChecksum,
      offsets: Uint32Array.from(this.#offsets),
    };
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
