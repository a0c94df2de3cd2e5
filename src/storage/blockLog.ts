// The block log: one durable record a height, without gaps, in segment files. "Committed" is said only after `append` has
// resolved (one write and one fdatasync; appends that come in meanwhile share the next). What a crash tore off before that
// is cut away at the next opening; anything else that doesn't match its checksum is named by file, offset and height.
// After a write or sync has failed nothing more is appended: what the disk then holds is known only by reading it again.
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { assert } from "../base/assert.js";
import type { Disk } from "../base/disk.js";
import { ActiveSegment } from "./activeSegment.js";
import { blankRecord, checksumSeed, RECORD_HEADER_BYTES, RECORD_PAYLOAD_BYTES_MAX } from "./logRecord.js";
import { segmentName, segmentNameHeight } from "./logSegment.js";
import { type CheckedRecord, type RecordPlace, readRecord } from "./readRecord.js";
import { SealedSegments, type SegmentsContext } from "./sealedSegments.js";
import { CorruptLogError, describeFailure, StorageError } from "./storageErrors.js";

export const SEGMENT_BYTES_DEFAULT = 64 * 1024 * 1024;
const SEGMENT_BYTES_MAX = 1024 * 1024 * 1024;
/** Appends that wait for a sync are written together up to this size. */
const BATCH_BYTES_MAX = 16 * 1024 * 1024;

export interface BlockLogOptions {
  /** 32 bytes that name the chain. */
  genesisHash: Uint8Array;
  /** A segment that has reached this size is followed by a new one. A larger record gets a segment of its own. */
  segmentBytes?: number;
}

export interface LogRecord {
  height: number;
  payload: Uint8Array;
}

interface QueuedAppend {
  height: number;
  record: Uint8Array;
  payloadChecksum: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

export class BlockLog {
  /** Bytes of a torn write that opening cut off; 0 where the log ended cleanly. */
  readonly tornBytes: number;

  readonly #context: SegmentsContext;
  readonly #segmentBytes: number;
  readonly #sealed: SealedSegments;
  #active: ActiveSegment | undefined;
  #queue: QueuedAppend[] = [];
  #lastQueuedHeight: number | undefined;
  #flushing: Promise<void> | undefined;
  #pruning: Promise<void> = Promise.resolve();
  #failure: StorageError | undefined;
  #closed = false;

  private constructor(
    context: SegmentsContext,
    segmentBytes: number,
    sealed: SealedSegments,
    active: ActiveSegment | undefined,
    tornBytes: number,
  ) {
    this.#context = context;
    this.#segmentBytes = segmentBytes;
    this.#sealed = sealed;
    this.#active = active;
    this.#lastQueuedHeight = active?.lastHeight;
    this.tornBytes = tornBytes;
  }

  /**
   * Opens the log in `directory`, which is made where it doesn't exist. The last segment is read through; of the others
   * the headers and indexes are. The caller holds the directory's lock (lockDirectory).
   * Throws CorruptLogError where acknowledged records are damaged, FOREIGN_LOG where the log is another chain's.
   */
  static async open(disk: Disk, directory: string, options: BlockLogOptions): Promise<BlockLog> {
    const { genesisHash, segmentBytes = SEGMENT_BYTES_DEFAULT } = options;
    assert(genesisHash.length === 32, `a genesis hash has 32 bytes, got ${genesisHash.length}`);
    assert(segmentBytes > 0 && segmentBytes <= SEGMENT_BYTES_MAX, `segments have up to ${SEGMENT_BYTES_MAX} bytes`);
    const context = { disk, directory, genesisHash, seed: checksumSeed(genesisHash) };
    await disk.makeDirectory(directory);
    const firstHeights = await listSegments(disk, directory);
    // A process killed between a segment's renaming and the directory's sync left a name that a power failure would still take.
    await disk.syncDirectory(directory);
    const sealed = new SealedSegments(context);
    const last = firstHeights.pop();
    if (last === undefined) {
      return new BlockLog(context, segmentBytes, sealed, undefined, 0);
    }
    const { active, tornBytes } = await ActiveSegment.recover(context, last);
    try {
      let next = active.header;
      for (const firstHeight of firstHeights.toReversed()) {
        next = await sealed.recover(firstHeight, next);
      }
    } catch (error) {
      await active.close();
      throw error;
    }
    if (firstHeights.length === 0 && active.recordCount === 0) {
      // A crash came between the first segment and its first record: any height may come first again.
      await active.close();
      await disk.remove(join(directory, segmentName(last)));
      await disk.syncDirectory(directory);
      return new BlockLog(context, segmentBytes, sealed, undefined, tornBytes);
    }
    return new BlockLog(context, segmentBytes, sealed, active, tornBytes);
  }

  /** The lowest height that is kept; undefined in an empty log. */
  get firstHeight(): number | undefined {
    return this.#sealed.first?.firstHeight ?? (this.lastHeight === undefined ? undefined : this.#active?.firstHeight);
  }

  /** The highest durable height; undefined in an empty log. */
  get lastHeight(): number | undefined {
    const last = this.#active?.lastHeight;
    return last === undefined || (this.#sealed.first === undefined && last < this.#active!.firstHeight)
      ? undefined
      : last;
  }

  /** Why the log refuses appends; undefined while it takes them. */
  get failure(): StorageError | undefined {
    return this.#failure;
  }

  /**
   * Adds the record of `height`, whose payload is `parts` in order, and resolves when it is durable. Heights follow one
   * another; the first of an empty log may be any. The parts are copied before this returns.
   * Rejects with LOG_FAILED where this or an earlier write or sync failed: then the node must stop.
   */
  append(height: number, parts: readonly Uint8Array[]): Promise<void> {
    if (this.#failure !== undefined || this.#closed) {
      return Promise.reject(this.#failure ?? new StorageError("LOG_CLOSED", "the block log is closed"));
    }
    const expected = this.#lastQueuedHeight === undefined ? height : this.#lastQueuedHeight + 1;
    assert(height === expected, `heights follow one another: expected ${expected}, got ${height}`);
    const record = blankRecord(parts);
    const payload = record.subarray(RECORD_HEADER_BYTES);
    if (payload.length > RECORD_PAYLOAD_BYTES_MAX) {
      const finding = `expected at most ${RECORD_PAYLOAD_BYTES_MAX} bytes in a record, got ${payload.length}`;
      return Promise.reject(new StorageError("RECORD_TOO_LARGE", finding));
    }
    this.#lastQueuedHeight = height;
    return new Promise((resolve, reject) => {
      this.#queue.push({ height, record, payloadChecksum: crc32(payload), resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /**
   * The payload of the record of `height`, checked; undefined where the log doesn't hold that height.
   * Throws CorruptLogError where its bytes are not those that were written.
   */
  async read(height: number): Promise<Uint8Array | undefined> {
    return (await this.#readRecord(height))?.payload;
  }

  /**
   * The records from `height` on, in order, up to the last one durable when it gets there. Each is checked, and that it
   * follows the one before. Throws CorruptLogError, or HEIGHT_PRUNED where the next record was removed.
   */
  async *recordsFrom(height: number): AsyncGenerator<LogRecord> {
    let previousChecksum: number | undefined;
    for (let next = height; this.lastHeight !== undefined && next <= this.lastHeight; next++) {
      const found = await this.#readRecord(next);
      if (found === undefined) {
        throw new StorageError("HEIGHT_PRUNED", `the record of height ${next} was removed: the log begins above it`);
      }
      if (previousChecksum !== undefined && found.header.previousChecksum !== previousChecksum) {
        const { path, offset } = found.place;
        throw new CorruptLogError(path, offset, next, "the record does not follow the one before it");
      }
      previousChecksum = found.header.checksum;
      yield { height: next, payload: found.payload };
    }
  }

  /** Removes whole segments that hold no height from `height` on; the one that holds the last record always stays. */
  dropBelow(height: number): Promise<void> {
    const dropped = this.#pruning.then(() => this.#sealed.dropBelow(Math.min(height, this.lastHeight ?? 0)));
    this.#pruning = dropped.catch(() => undefined);
    return dropped;
  }

  /** Waits for the appends and removals under way and releases the files. */
  async close(): Promise<void> {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    await this.#flushing;
    await this.#pruning;
    await this.#active?.close();
    await this.#sealed.close();
  }

  async #readRecord(height: number): Promise<(CheckedRecord & { place: RecordPlace }) | undefined> {
    const { seed } = this.#context;
    const read = async (place: RecordPlace) => ({ ...(await readRecord(place, height, seed)), place });
    const place = this.#active?.place(height);
    if (place === undefined) {
      return this.#sealed.withRecord(height, read);
    }
    return read(place);
  }

  /** Writes what is queued, batch after batch, until nothing is left or something fails. */
  async #flush(): Promise<void> {
    while (this.#queue.length > 0) {
      let batch: QueuedAppend[] = [];
      try {
        const segment = await this.#segmentFor(this.#queue[0]);
        batch = this.#takeBatch(segment);
        await segment.write(batch);
      } catch (error) {
        const finding = `the block log can't be written any more: ${describeFailure(error)}`;
        this.#failure = new StorageError("LOG_FAILED", finding, error);
        batch = batch.concat(this.#queue);
        this.#queue = [];
      }
      for (const { resolve, reject } of batch) {
        this.#failure === undefined ? resolve() : reject(this.#failure);
      }
    }
    this.#flushing = undefined;
  }

  /** The segment that takes `first`: the active one, or a new one where that is full. */
  async #segmentFor(first: QueuedAppend): Promise<ActiveSegment> {
    const full = this.#active;
    if (full !== undefined && (full.recordCount === 0 || full.size + first.record.length <= this.#segmentBytes)) {
      return full;
    }
    const previousChecksum = full?.lastChecksum ?? this.#context.seed;
    const next = await ActiveSegment.create(this.#context, { firstHeight: first.height, previousChecksum });
    try {
      if (full !== undefined) {
        await this.#sealed.add(full.file, full.index());
      }
    } catch (error) {
      await next.close();
      throw error;
    }
    this.#active = next;
    return next;
  }

  /** As many queued appends as fit into `segment` and into one batch; one at least. */
  #takeBatch(segment: ActiveSegment): QueuedAppend[] {
    const room = Math.min(this.#segmentBytes - segment.size, BATCH_BYTES_MAX);
    let bytes = this.#queue[0].record.length;
    let count = 1;
    while (count < this.#queue.length && bytes + this.#queue[count].record.length <= room) {
      bytes += this.#queue[count].record.length;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }
}

/** First heights of the segments in `directory`, ascending; removes what a crash left half made. */
async function listSegments(disk: Disk, directory: string): Promise<number[]> {
  const names = await disk.list(directory);
  const heights = names.map(segmentNameHeight).filter((height) => height !== undefined);
  const wanted = new Set(heights.map(segmentName));
  for (const name of names) {
    const segment = name.replace(/\.index$/, ".log");
    if (/\.(log|index)\.tmp$/.test(name) || (segment !== name && !wanted.has(segment))) {
      await disk.remove(join(directory, name));
    }
  }
  return heights.sort((a, b) => a - b);
}
