// The state tree as one would write it first: an object for each node, changes one by one, hashes node by node. In memory only.

import { concatBytes } from "../../src/base/bytes.js";
import type { StateChange } from "../../src/protocol/writeSet.js";
import { hashInner, sha256 } from "../../src/wasm/sha256.js";

const LEAF_PREFIX = Uint8Array.of(0);

interface LeafNode {
  key: Uint8Array;
  hash: Uint8Array;
}

interface InnerNode {
  /** Position of the first bit in which keys below differ. */
  bit: number;
  left: TreeNode;
  right: TreeNode;
  hash: Uint8Array | undefined;
}

type TreeNode = LeafNode | InnerNode;

function bitOf(key: Uint8Array, bit: number): number {
  return (key[bit >> 3] >> (7 - (bit & 7))) & 1;
}

/** Position of the first bit in which two different keys differ. */
function firstDifference(a: Uint8Array, b: Uint8Array): number {
  let i = 0;
  while (a[i] === b[i]) {
    i++;
  }
  return 8 * i + Math.clz32(a[i] ^ b[i]) - 24;
}

/** Adds and changes leaves; it can't remove any, which its bench doesn't ask. */
export class ObjectTree {
  private top: TreeNode | undefined;

  update(changes: readonly StateChange[]): void {
    for (const { key, value } of changes) {
      const leaf = { key, hash: sha256(concatBytes(LEAF_PREFIX, key, sha256(value!))) };
      this.top = this.top === undefined ? leaf : this.put(this.top, leaf, this.splitBit(key));
    }
  }

  /** The bit at which `key` leaves the tree; 256 where it is in it. */
  private splitBit(key: Uint8Array): number {
    let node = this.top!;
    while ("left" in node) {
      node = bitOf(key, node.bit) === 0 ? node.left : node.right;
    }
    return Buffer.compare(node.key, key) === 0 ? 256 : firstDifference(node.key, key);
  }

  private put(node: TreeNode, leaf: LeafNode, split: number): TreeNode {
    if (!("left" in node) && split === 256) {
      return leaf;
    }
    if (!("left" in node) || node.bit > split) {
      const children = bitOf(leaf.key, split) === 0 ? { left: leaf, right: node } : { left: node, right: leaf };
      return { bit: split, ...children, hash: undefined };
    }
    if (bitOf(leaf.key, node.bit) === 0) {
      node.left = this.put(node.left, leaf, split);
    } else {
      node.right = this.put(node.right, leaf, split);
    }
    node.hash = undefined;
    return node;
  }

  root(): Uint8Array {
    return this.top === undefined ? sha256(new Uint8Array(0)) : this.hash(this.top);
  }

  private hash(node: TreeNode): Uint8Array {
    if (!("left" in node)) {
      return node.hash;
    }
    node.hash ??= hashInner(this.hash(node.left), this.hash(node.right));
    return node.hash;
  }
}
