// Makes proofs that a state holds a value under a key or holds nothing there.

import { compareBytes } from "../../base/bytes.js";
import { encodeStateProof, HASH_BYTES, type LeafProof, type PathStep } from "../../protocol/stateProof.js";
import { HASH_WORDS, type Page, splitSlot, wordsToBytes } from "./page.js";
import { endsAtLeaf, leafAt, neighbourOf, type StatePages, type Way, wayTo } from "./stateReader.js";

function hashAt(page: Page, index: number): Uint8Array {
  const hash = new Uint8Array(HASH_BYTES);
  wordsToBytes(page.hashes, HASH_WORDS * index, hash, 0);
  return hash;
}

/** The inner nodes of `page` above its item in `slot`, highest first. */
function stepsInPage(page: Page, slot: number): PathStep[] {
  const steps: PathStep[] = [];
  let low = page.occupiedLow;
  let high = page.occupiedHigh;
  for (let middle = splitSlot(low, high); middle >= 0; middle = splitSlot(low, high)) {
    const leftLow = middle < 32 ? low & ((1 << middle) - 1) : low;
    const leftHigh = middle <= 32 ? 0 : high & ((1 << (middle - 32)) - 1);
    const fromLeft = slot < middle;
    const otherLow = fromLeft ? low & ~leftLow : leftLow;
    const otherHigh = fromLeft ? high & ~leftHigh : leftHigh;
    steps.push({ fromLeft, sibling: hashAt(page, page.nodeIndex(otherLow, otherHigh)) });
    low = fromLeft ? leftLow : low & ~leftLow;
    high = fromLeft ? leftHigh : high & ~leftHigh;
  }
  return steps;
}

function leafProof(way: Way): LeafProof {
  const path: PathStep[] = [];
  for (let level = way.pages.length - 1; level >= 0; level--) {
    path.push(...stepsInPage(way.pages[level], way.slots[level]).reverse());
  }
  return { ...leafAt(way), path };
}

/** An encoded proof for `key` in `state`: of presence where it has a leaf, else of absence. */
export function proveKey(state: StatePages, key: Uint8Array): Uint8Array {
  const way = wayTo(state, key);
  if (endsAtLeaf(way, key)) {
    return encodeStateProof({ kind: "present", leaf: leafProof(way) });
  }
  const other = way.pages[way.pages.length - 1];
  const slot = way.slots[way.slots.length - 1];
  // The way may end at another key's leaf, which is then one of the neighbours.
  const occupied = other.kindAt(slot) !== 0;
  const otherBefore = occupied && compareBytes(leafAt(way).key, key) < 0;
  const left = neighbourOf(state, way, key, -1, occupied && otherBefore);
  const right = neighbourOf(state, way, key, 1, occupied && !otherBefore);
  return encodeStateProof({
    kind: "absent",
    absence: { key, left: left && leafProof(left), right: right && leafProof(right) },
  });
}
