// The leaves of a block that the kernel and the host execute together: those that the kernel holds are the kernel's, what the host changes
// besides stands in an overlay, everything else is the state's. No leaf is both in the kernel and in the overlay.

import { bytesKey, equalBytes } from "../../base/bytes.js";
import { PackedChanges } from "../../protocol/packedChanges.js";
import type { StateChange } from "../../protocol/writeSet.js";
import type { StateReader } from "../../state/views.js";
import type { LedgerKernel } from "../../wasm/ledgerKernel.js";

/** As many as a block of a busy chain has; more make it grow. */
const CHANGES_EXPECTED = 4_096;

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}

export class BlockLeaves implements StateReader {
  readonly #kernel: LedgerKernel;
  readonly #state: StateReader;
  readonly #overlay = new Map<string, StateChange>();

  /** `state`: the leaves as they were before the block. */
  constructor(kernel: LedgerKernel, state: StateReader) {
    this.#kernel = kernel;
    this.#state = state;
  }

  /** The leaf as the block has left it so far. */
  get(key: Uint8Array): Uint8Array | undefined {
    const overlaid = this.#overlay.get(bytesKey(key));
    if (overlaid !== undefined) {
      return overlaid.value;
    }
    const held = this.#kernel.find(key);
    return held === undefined ? this.#state.get(key) : held.value;
  }

  /** Whether the host has changed the leaf and the kernel does not hold it. */
  overlays(key: Uint8Array): boolean {
    return this.#overlay.size > 0 && this.#overlay.has(bytesKey(key));
  }

  /** Takes what a transaction that the host executed has changed. */
  apply(changes: StateChange[]): void {
    for (const change of changes) {
      if (!this.#kernel.write(change.key, change.value)) {
        this.#overlay.set(bytesKey(change.key), change);
      }
    }
  }

  /** Moves what the overlay has of the leaves that the kernel has just loaded, with their values before the block, to the kernel. */
  handOver(): void {
    for (const [name, { key, value }] of this.#overlay) {
      if (this.#kernel.write(key, value)) {
        this.#overlay.delete(name);
      }
    }
  }

  /** Everything that differs from the state before the block, not sealed yet. */
  changes(): PackedChanges {
    const changes = new PackedChanges(CHANGES_EXPECTED);
    this.#kernel.collect((bytes, keyAt, valueAt, valueBytes) => {
      changes.add(bytes, keyAt, bytes, valueAt, valueBytes);
    });
    for (const { key, value } of this.#overlay.values()) {
      if (!isSame(value, this.#state.get(key))) {
        changes.add(key, 0, value ?? key, 0, value?.length ?? 0);
      }
    }
    return changes;
  }
}
