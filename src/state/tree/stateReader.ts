// Reads over the pages of one state, the latest or an old one: values, the way to a key, neighbours, all leaves in order.

import { assert } from "../../base/assert.js";
import { LEAF, type Page, SUBTREE } from "./page.js";
import { slotPrefix } from "./pageBytes.js";
import { compareKeyAt, hasSlot, KEY_BYTES, SLOTS, slotOf } from "./slots.js";

/** The pages of one state. */
export interface StatePages {
  root(): Page;
  /** The page below the subtree in `slot` of `page`; `key` is any key whose bits lead there. */
  child(page: Page, slot: number, key: Uint8Array): Page;
}

/** A slot of a page, and the slots of the pages above that lead to it, root first. */
export interface Way {
  pages: Page[];
  slots: number[];
}

/** The way to `key`, down to the first slot that isn't a subtree. */
export function wayTo(state: StatePages, key: Uint8Array): Way {
  let page = state.root();
  let slot = slotOf(key, 0, 0);
  const pages = [page];
  const slots = [slot];
  while (page.kindAt(slot) === SUBTREE) {
    page = state.child(page, slot, key);
    slot = slotOf(key, 0, page.depth);
    pages.push(page);
    slots.push(slot);
  }
  return { pages, slots };
}

/** Whether the way ends at the leaf of `key`. */
export function endsAtLeaf({ pages, slots }: Way, key: Uint8Array): boolean {
  const page = pages[pages.length - 1];
  const slot = slots[slots.length - 1];
  return page.kindAt(slot) === LEAF && compareKeyAt(key, page.bytes, page.itemOffset(page.itemIndex(slot))) === 0;
}

/** The value under `key`, as a copy; undefined where there is none. */
export function readValue(state: StatePages, key: Uint8Array): Uint8Array | undefined {
  assert(key.length === KEY_BYTES, "a state key is 32 bytes");
  let page = state.root();
  let slot = slotOf(key, 0, 0);
  while (page.kindAt(slot) === SUBTREE) {
    page = state.child(page, slot, key);
    slot = slotOf(key, 0, page.depth);
  }
  const found =
    page.kindAt(slot) === LEAF && compareKeyAt(key, page.bytes, page.itemOffset(page.itemIndex(slot))) === 0;
  return found ? page.valueAt(slot) : undefined;
}

/** The next occupied slot after `slot` (step 1) or before it (step -1); -1: none. */
function nextSlot(page: Page, slot: number, step: 1 | -1): number {
  for (let next = slot + step; next >= 0 && next < SLOTS; next += step) {
    if (hasSlot(page.occupiedLow, page.occupiedHigh, next)) {
      return next;
    }
  }
  return -1;
}

/**
 * The way to the leaf nearest to `way` on its right (step 1) or left (step -1); undefined where there is none. `key` is the
 * key that `way` leads to, whether there is such a leaf or not. With `inclusive` the way's own leaf counts too.
 */
export function neighbourOf(
  state: StatePages,
  way: Way,
  key: Uint8Array,
  step: 1 | -1,
  inclusive: boolean,
): Way | undefined {
  if (inclusive && way.pages[way.pages.length - 1].kindAt(way.slots[way.slots.length - 1]) === LEAF) {
    return way;
  }
  for (let level = way.pages.length - 1; level >= 0; level--) {
    const slot = nextSlot(way.pages[level], way.slots[level], step);
    if (slot >= 0) {
      const found: Way = { pages: way.pages.slice(0, level + 1), slots: [...way.slots.slice(0, level), slot] };
      descend(state, found, slotPrefix(key, way.pages[level].depth, slot), step);
      return found;
    }
  }
  return undefined;
}

/** Extends a way that ends at an occupied slot to the first (step 1) or last (step -1) leaf below it. */
function descend(state: StatePages, way: Way, prefix: Uint8Array, step: 1 | -1): void {
  let page = way.pages[way.pages.length - 1];
  let slot = way.slots[way.slots.length - 1];
  let key = prefix;
  while (page.kindAt(slot) === SUBTREE) {
    page = state.child(page, slot, key);
    slot = nextSlot(page, step === 1 ? -1 : SLOTS, step);
    key = slotPrefix(key, page.depth, slot);
    way.pages.push(page);
    way.slots.push(slot);
  }
}

/** A leaf of the state. The arrays are the receiver's own. */
export interface StateLeaf {
  key: Uint8Array;
  value: Uint8Array;
}

/** The leaf at the end of a way that ends at one. */
export function leafAt({ pages, slots }: Way): StateLeaf {
  const page = pages[pages.length - 1];
  const slot = slots[slots.length - 1];
  return { key: page.keyAt(page.itemIndex(slot)), value: page.valueAt(slot) };
}

/** All leaves in the order of their keys. */
export function* leavesOf(state: StatePages): Generator<StateLeaf> {
  yield* leavesBelow(state, state.root(), new Uint8Array(KEY_BYTES));
}

function* leavesBelow(state: StatePages, page: Page, prefix: Uint8Array): Generator<StateLeaf> {
  for (let slot = nextSlot(page, -1, 1); slot >= 0; slot = nextSlot(page, slot, 1)) {
    if (page.kindAt(slot) === LEAF) {
      yield { key: page.keyAt(page.itemIndex(slot)), value: page.valueAt(slot) };
    } else {
      const key = slotPrefix(prefix, page.depth, slot);
      yield* leavesBelow(state, state.child(page, slot, key), key);
    }
  }
}
