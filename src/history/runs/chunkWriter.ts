// Packs the rows of a part, given in order, into chunks of a few kilobytes under the key of their first row.

import { RowArena } from "./rowArena.js";
import type { RowSink } from "./rowSink.js";
import { RUNS_TABLE, runKey } from "./run.js";

/**
 * A look-up reads one chunk; larger ones cost more to read, smaller ones more to keep. With its checksum and LMDB's header it fills two of
 * LMDB's pages: a few bytes more would take a third.
 */
export const CHUNK_BYTES = 8_172;

export class ChunkWriter {
  private readonly arena = new RowArena(2 * CHUNK_BYTES);

  constructor(
    private readonly part: number,
    private readonly runNumber: number,
    /** How many bytes of a row order it. */
    private readonly keyBytes: number,
    private readonly sink: RowSink,
  ) {}

  /** Appends the row at `start` to below `end`; true where it is time for the sink to pause. */
  add(rows: DataView, start: number, end: number): boolean {
    let full = false;
    if (this.arena.length + end - start > CHUNK_BYTES && this.arena.length > 0) {
      full = this.close();
    }
    this.arena.copyRow(rows, start, end);
    return full;
  }

  /** Writes the chunk under way. */
  close(): boolean {
    if (this.arena.length === 0) {
      return false;
    }
    const value = this.arena.take();
    const key = runKey(this.part, this.runNumber, value.subarray(0, this.keyBytes));
    return this.sink.add({ table: RUNS_TABLE, key, value });
  }
}
