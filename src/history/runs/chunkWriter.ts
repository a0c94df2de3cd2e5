// Packs an account part's rows, given in order, into chunks of a few kilobytes under the key of their first row.

import { ROW_KEY_BYTES } from "../entryRow.js";
import { RowArena } from "./rowArena.js";
import type { RowSink } from "./rowSink.js";
import { PART_ACCOUNTS, RUNS_TABLE, runKey } from "./run.js";

/** A look-up reads one chunk; larger ones cost more to read, smaller ones more to keep. */
const CHUNK_BYTES = 8_192;

export class ChunkWriter {
  private readonly arena = new RowArena(2 * CHUNK_BYTES);

  constructor(
    private readonly runNumber: number,
    private readonly sink: RowSink,
  ) {}

  /** Appends the row at `start` to below `end`; true where it is time for the sink to pause. */
  add(rows: Uint8Array, start: number, end: number): boolean {
    let full = false;
    if (this.arena.length + end - start > CHUNK_BYTES && this.arena.length > 0) {
      full = this.close();
    }
    this.arena.copyFrom(rows, start, end);
    return full;
  }

  /** Writes the chunk under way. */
  close(): boolean {
    if (this.arena.length === 0) {
      return false;
    }
    const value = this.arena.take();
    const key = runKey(PART_ACCOUNTS, this.runNumber, value.subarray(0, ROW_KEY_BYTES));
    return this.sink.add({ table: RUNS_TABLE, key, value });
  }
}
