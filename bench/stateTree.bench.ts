// The state tree: microseconds a changed leaf for batches of 12,500 random leaves, from the sorted changes to the committed root, all
// pages in memory. Beside it a tree of the same shape made of one object a node, hashed node by node with the same SHA-256.

import { createHash } from "node:crypto";
import type { StateChange } from "../src/protocol/writeSet.js";
import { StateTree } from "../src/state/tree/stateTree.js";
import type { KeyValueChange, KeyValueEntry, KeyValueStore } from "../src/storage/keyValueStore.js";
import { compareWithRivals } from "./compareWithRivals.js";
import type { BenchRow } from "./row.js";
import { ObjectTree } from "./support/objectTree.js";

const BATCH_LEAVES = 12_500;
/** An account's leaf. */
const VALUE_BYTES = 37;
const TREE_LEAVES = [10_000, 1_000_000];
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

  /** Some leaves, spread over all: each at most once. */
  batch(size: number): StateChange[] {
    const step = Math.floor(this.keys.length / size) || 1;
    const start = (this.count * 7_919) % this.keys.length;
    const count = Math.min(size, this.keys.length);
    return Array.from({ length: count }, (_, i) => this.change((start + i * step) % this.keys.length));
  }
}

async function rowsFor(leaves: number): Promise<BenchRow[]> {
  const changes = new Changes(leaves);
  const tree = StateTree.open(new NoStore(), { pageCacheBytes: PAGE_CACHE_BYTES, historyHeights: 4 });
  const rival = new ObjectTree();
  for (const piece of changes.all()) {
    tree.commit(tree.height + 1, tree.prepare(piece));
    rival.update(piece);
  }
  if (Buffer.compare(tree.root, rival.root()) !== 0) {
    throw new Error("the state tree and its rival disagree");
  }
  const batchSize = Math.min(BATCH_LEAVES, leaves);
  return compareWithRivals(
    `state tree of ${leaves} leaves, one changed leaf in a batch of ${batchSize}`,
    () => {
      tree.commit(tree.height + 1, tree.prepare(changes.batch(batchSize)));
      return tree.root;
    },
    {
      "one object a node, hashed one by one": () => {
        rival.update(changes.batch(batchSize));
        return rival.root();
      },
    },
    batchSize,
  );
}

/** Rows for trees of 10,000 and 1,000,000 leaves. */
export async function benchStateTree(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const leaves of TREE_LEAVES) {
    rows.push(...(await rowsFor(leaves)));
  }
  return rows;
}
