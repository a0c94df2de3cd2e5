// Memory that a run's rows are collected in. It goes from one run to the next: fresh memory of tens of megabytes a second is zeroed page
// by page by the kernel, and counts as garbage to be collected.

import { RowArena } from "./rowArena.js";

const FIRST_BYTES = 65_536;
/** What a usual flush takes; memory that a larger one took is let go with it. */
const KEPT_BYTES_MAX = 33_554_432;

export interface RunMemory {
  entries: RowArena;
  payments: RowArena;
  subjects: RowArena;
}

export function newRunMemory(): RunMemory {
  return {
    entries: new RowArena(FIRST_BYTES),
    payments: new RowArena(FIRST_BYTES),
    subjects: new RowArena(FIRST_BYTES),
  };
}

let spare: RunMemory | undefined;

/** Empty memory that nobody else has. */
export function takeRunMemory(): RunMemory {
  const memory = spare ?? newRunMemory();
  spare = undefined;
  return memory;
}

/** Gives back what `takeRunMemory` gave, when nobody reads it any more. */
export function giveRunMemory(memory: RunMemory): void {
  const arenas = [memory.entries, memory.payments, memory.subjects];
  for (const arena of arenas) {
    arena.shorten(0);
  }
  if (arenas.every((arena) => arena.bytes.length <= KEPT_BYTES_MAX)) {
    spare = memory;
  }
}
