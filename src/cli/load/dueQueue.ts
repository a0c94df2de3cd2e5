// Items that are to be sent again, by the time at which they are due and then by their place in the plan, so that a lane's
// numbers leave in order. A binary heap.

interface Entry {
  dueMs: number;
  index: number;
}

function before(a: Entry, b: Entry): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.index < b.index);
}

export class DueQueue {
  readonly #heap: Entry[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(dueMs: number, index: number): void {
    const heap = this.#heap;
    const entry = { dueMs, index };
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, heap[parent])) {
        break;
      }
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = entry;
  }

  /** The first item that is due at `nowMs`, taken out; undefined where none is. */
  take(nowMs: number): number | undefined {
    const heap = this.#heap;
    if (heap.length === 0 || heap[0].dueMs > nowMs) {
      return undefined;
    }
    const { index } = heap[0];
    const last = heap.pop()!;
    if (heap.length > 0) {
      this.#sink(last);
    }
    return index;
  }

  /** Puts `entry` at the root's place and restores the order. */
  #sink(entry: Entry): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) {
        break;
      }
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) {
        child++;
      }
      if (!before(heap[child], entry)) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = entry;
  }
}
