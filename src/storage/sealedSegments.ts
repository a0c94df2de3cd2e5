// The segments of a block log that no record is added to any more: which heights each holds, and a bounded number of them
// held open with their index. Memory grows with the number of segments (a few words each), not with that of blocks.
import { join } from "node:path";
import type { Disk, DiskFile } from "../base/disk.js";
import { readSegmentHeader, type SegmentHeader, segmentName } from "./logSegment.js";
import type { RecordPlace } from "./readRecord.js";
import { scanSegment } from "./recoverSegment.js";
import { indexPath, loadSegmentIndex, type SegmentIndex, saveSegmentIndex } from "./segmentIndex.js";
import { CorruptLogError } from "./storageErrors.js";

/** How many sealed segments are held open; each costs a file and four bytes a record. */
const OPEN_SEGMENTS_MAX = 8;

export interface SealedSegment {
  firstHeight: number;
  lastHeight: number;
}

export interface SegmentsContext {
  disk: Disk;
  directory: string;
  genesisHash: Uint8Array;
  seed: number;
}

interface OpenSegment {
  content: Promise<{ file: DiskFile; index: SegmentIndex }>;
  /** Reads under way: counted before `content` is awaited, so that nothing is closed under them. */
  users: number;
  evicted: boolean;
}

export class SealedSegments {
  readonly #context: SegmentsContext;
  /** Without gaps, oldest first. */
  readonly #segments: SealedSegment[] = [];
  /** By first height, the one used longest ago first. */
  readonly #open = new Map<number, OpenSegment>();

  constructor(context: SegmentsContext) {
    this.#context = context;
  }

  get first(): SealedSegment | undefined {
    return this.#segments[0];
  }

  /**
   * Takes in the segment before those known so far, and returns its header; `next` is the header of the one behind it.
   * Throws CorruptLogError where it is damaged or does not end where the next one begins.
   */
  async recover(firstHeight: number, next: SegmentHeader): Promise<SegmentHeader> {
    const { disk, genesisHash } = this.#context;
    const path = this.#path(firstHeight);
    const file = await disk.open(path, "read");
    try {
      const header = await readSegmentHeader(file, path, firstHeight, genesisHash);
      const fits = (index: SegmentIndex | undefined) =>
        index !== undefined &&
        firstHeight + index.offsets.length === next.firstHeight &&
        index.lastChecksum === next.previousChecksum;
      if (!fits(await loadSegmentIndex(disk, path, { firstHeight, segmentSize: file.size }))) {
        const index = await this.#rebuildIndex(file, path, header);
        if (!fits(index)) {
          const height = firstHeight + index.offsets.length;
          const finding = `the segment of height ${next.firstHeight} does not follow its last record`;
          throw new CorruptLogError(path, index.segmentSize, height, finding);
        }
      }
      this.#segments.unshift({ firstHeight, lastHeight: next.firstHeight - 1 });
      return header;
    } finally {
      await file.close();
    }
  }

  /** Takes over the segment that was just filled, with its open file, and saves its index. */
  async add(file: DiskFile, index: SegmentIndex): Promise<void> {
    await saveSegmentIndex(this.#context.disk, this.#path(index.firstHeight), index);
    this.#segments.push({ firstHeight: index.firstHeight, lastHeight: index.firstHeight + index.offsets.length - 1 });
    this.#keepOpen(index.firstHeight, Promise.resolve({ file, index }));
  }

  /** Calls `read` with the place of the record of `height`; returns undefined where no sealed segment holds it. */
  async withRecord<T>(height: number, read: (place: RecordPlace) => Promise<T>): Promise<T | undefined> {
    const segment = this.#find(height);
    if (segment === undefined) {
      return undefined;
    }
    const opened = this.#openSegment(segment);
    opened.users += 1;
    try {
      const { file, index } = await opened.content;
      const at = height - segment.firstHeight;
      const offset = index.offsets[at];
      const end = at + 1 < index.offsets.length ? index.offsets[at + 1] : index.segmentSize;
      return await read({ file, path: this.#path(segment.firstHeight), offset, length: end - offset });
    } finally {
      opened.users -= 1;
      await closeUnused(opened);
    }
  }

  /** Removes the segments that hold no height from `height` on, oldest first, so that a crash leaves no gap. */
  async dropBelow(height: number): Promise<void> {
    const { disk, directory } = this.#context;
    while (this.#segments.length > 0 && this.#segments[0].lastHeight < height) {
      const { firstHeight } = this.#segments.shift()!;
      await this.#evict(firstHeight);
      await disk.remove(this.#path(firstHeight));
      await disk.syncDirectory(directory);
      await disk.remove(indexPath(this.#path(firstHeight)));
    }
  }

  async close(): Promise<void> {
    for (const firstHeight of [...this.#open.keys()]) {
      await this.#evict(firstHeight);
    }
  }

  #path(firstHeight: number): string {
    return join(this.#context.directory, segmentName(firstHeight));
  }

  #find(height: number): SealedSegment | undefined {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#segments[middle].lastHeight < height) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const segment = this.#segments[low];
    return segment !== undefined && segment.firstHeight <= height ? segment : undefined;
  }

  #openSegment({ firstHeight }: SealedSegment): OpenSegment {
    const known = this.#open.get(firstHeight);
    if (known !== undefined) {
      this.#open.delete(firstHeight);
      this.#open.set(firstHeight, known);
      return known;
    }
    const opened = this.#keepOpen(firstHeight, this.#load(firstHeight));
    // A failure belongs to the reads that wait for it; the next one tries again.
    opened.content.catch(() => this.#open.delete(firstHeight));
    return opened;
  }

  async #load(firstHeight: number): Promise<{ file: DiskFile; index: SegmentIndex }> {
    const { disk, genesisHash } = this.#context;
    const path = this.#path(firstHeight);
    const file = await disk.open(path, "read");
    try {
      const expected = { firstHeight, segmentSize: file.size };
      const index =
        (await loadSegmentIndex(disk, path, expected)) ??
        (await this.#rebuildIndex(file, path, await readSegmentHeader(file, path, firstHeight, genesisHash)));
      return { file, index };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #rebuildIndex(file: DiskFile, path: string, header: SegmentHeader): Promise<SegmentIndex> {
    const scan = await scanSegment(file, header, this.#context.seed);
    if (scan.damage !== undefined) {
      throw new CorruptLogError(path, scan.damage.offset, scan.damage.height, scan.damage.finding);
    }
    const index = {
      firstHeight: header.firstHeight,
      segmentSize: scan.endOffset,
      lastChecksum: scan.lastChecksum,
      offsets: Uint32Array.from(scan.offsets),
    };
    await saveSegmentIndex(this.#context.disk, path, index);
    return index;
  }

  #keepOpen(firstHeight: number, content: OpenSegment["content"]): OpenSegment {
    const opened = { content, users: 0, evicted: false };
    this.#open.set(firstHeight, opened);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= OPEN_SEGMENTS_MAX) {
        break;
      }
      void this.#evict(oldest);
    }
    return opened;
  }

  async #evict(firstHeight: number): Promise<void> {
    const opened = this.#open.get(firstHeight);
    this.#open.delete(firstHeight);
    if (opened !== undefined) {
      opened.evicted = true;
      await closeUnused(opened);
    }
  }
}

/** Closes a segment that fell out of the open ones as soon as nobody reads in it; the reads report a failure to open it. */
async function closeUnused(opened: OpenSegment): Promise<void> {
  if (opened.evicted && opened.users === 0) {
    opened.evicted = false;
    const content = await opened.content.catch(() => undefined);
    await content?.file.close();
  }
}
