// The state tree: time a changed leaf for batches of 12,500 random leaves, from the changes to the committed root with undo records, all
// pages in memory and changes fresh from their making, as a block's are. Beside it a tree of the same shape made of one
// object a node and hashed node by node, and a flat Merkle tree over all leaves, computed anew; all with the same SHA-256.

import { createHash } from "node:crypto";
import type { StateChange } from "../src/protocol/writeSet.js";
import { StateTree } from "../src/state/tree/stateTree.js";
import type { KeyValueChange, KeyValueEntry, KeyValueStore } from "../src/storage/keyValueStore.js";
import { merkleRootBatch } from "../src/wasm/sha256.js";
import type { BenchRow } from "./row.js";
import { ObjectTree } from "./support/objectTree.js";

const BATCH_LEAVES = 12_500;
/** An account's leaf. */
const VALUE_BYTES = 37;
const TREE_LEAVES = [10_000, 100_000, 1_000_000];
const ROUNDS = 9;
const WARM_ROUNDS = 4;
const FLAT_ROUNDS = 3;
const LOAD_LEAVES = 100_000;
const PAGE_CACHE_BYTES = 2 ** 31;

/** A store that keeps nothing: the bench's trees stay in memory. */
class NoStore implements KeyValueStore {
  get(): undefined {
    return undefined;
  }

  range(): Iterable<KeyValueEntry> {
    return [];
  }

  async write(_changes: KeyValueChange[]): Promise<void> {}

  async close(): Promise<void> {}
}

function keyOf(number: number): Uint8Array {
  return new Uint8Array(createHash("sha256").update(`key ${number}`).digest());
}

/** Values that differ from call to call. */
class Changes {
  private count = 0;
  private readonly keys: Uint8Array[];

  constructor(leaves: number) {
    this.keys = Array.from({ length: leaves }, (_, i) => keyOf(i));
  }

  private change(index: number): StateChange {
    const value = new Uint8Array(VALUE_BYTES);
    new DataView(value.buffer).setUint32(0, ++this.count);
    return { key: this.keys[index], value };
  }

  /** All leaves in pieces. */
  *all(): Generator<StateChange[]> {
    for (let start = 0; start < this.keys.length; start += LOAD_LEAVES) {
      const size = Math.min(LOAD_LEAVES, this.keys.length - start);
      yield Array.from({ length: size }, (_, i) => this.change(start + i));
    }
  }

  /** Some leaves, spread over all (keys are hashes, so any are): each at most once. */
  batch(size: number): StateChange[] {
    const step = Math.floor(this.keys.length / size) || 1;
    const start = (this.count * 7_919) % this.keys.length;
    const count = Math.min(size, this.keys.length);
    return Array.from({ length: count }, (_, i) => this.change((start + i * step) % this.keys.length));
  }
}

/** A leaf's bytes for the flat tree, all of one length. */
class FlatTree {
  private readonly packed: Uint8Array;
  private readonly offsets: Uint32Array;

  constructor(leaves: number) {
    this.packed = new Uint8Array(leaves * VALUE_BYTES);
    this.offsets = Uint32Array.from({ length: leaves + 1 }, (_, i) => i * VALUE_BYTES);
  }

  /** The root after some leaf has changed; which one makes no difference. */
  root(change: number): Uint8Array {
    this.packed[change % this.packed.length] ^= 1;
    return merkleRootBatch(this.packed, this.offsets);
  }
}

function medianNs(timesMs: number[], operations: number): number {
  const sorted = [...timesMs].sort((a, b) => a - b);
  return (sorted[sorted.length >> 1] * 1_000_000) / operations;
}

function timedMs(call: () => unknown): number {
  const start = performance.now();
  call();
  return performance.now() - start;
}

function rowsFor(leaves: number): BenchRow[] {
  const changes = new Changes(leaves);
  const tree = StateTree.open(new NoStore(), { pageCacheBytes: PAGE_CACHE_BYTES, historyHeights: 4 });
  const objects = new ObjectTree();
  for (const piece of changes.all()) {
    tree.commit(tree.height + 1, tree.prepare(piece));
    objects.update(piece);
  }
  const flat = new FlatTree(leaves);
  const batchSize = Math.min(BATCH_LEAVES, leaves);
  const times: { ours: number[]; objects: number[]; flat: number[] } = { ours: [], objects: [], flat: [] };
  for (let round = -WARM_ROUNDS; round < ROUNDS; round++) {
    // A batch of its own for each, so that neither finds the other's in the processor's cache.
    const ours = changes.batch(batchSize);
    const oursMs = timedMs(() => tree.commit(tree.height + 1, tree.prepare(ours)));
    const others = changes.batch(batchSize);
    const objectsMs = timedMs(() => {
      objects.update(others);
      objects.root();
    });
    if (round >= 0) {
      times.ours.push(oursMs);
      times.objects.push(objectsMs);
      if (round < FLAT_ROUNDS) {
        times.flat.push(timedMs(() => flat.root(round)));
      }
    }
    // Both trees end with the same two batches, so that their roots can be compared.
    objects.update(ours);
    objects.update(others);
    tree.commit(tree.height + 1, tree.prepare(others));
  }
  if (Buffer.compare(tree.root, objects.root()) !== 0) {
    throw new Error("the state tree and its rival disagree");
  }
  const name = `state tree of ${leaves} leaves, one changed leaf in a batch of ${batchSize}`;
  const nsPerOperation = medianNs(times.ours, batchSize);
  const row = (rival: string, timesMs: number[]): BenchRow => {
    const rivalNsPerOperation = medianNs(timesMs, batchSize);
    return { name, nsPerOperation, rival, rivalNsPerOperation, ratio: rivalNsPerOperation / nsPerOperation };
  };
  return [
    row("one object a node, hashed one by one", times.objects),
    row("all leaves hashed anew (merkleRootBatch)", times.flat),
  ];
}

/** Rows for trees of 10,000, 100,000 and 1,000,000 leaves. */
export async function benchStateTree(): Promise<BenchRow[]> {
  return TREE_LEAVES.flatMap(rowsFor);
}
