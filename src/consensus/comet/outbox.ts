// What this node's own clients sent it, for the engine to hand on to its peers in bundles. Transactions of a lane stay in
// their order. What overflows is only handed on in this node's own blocks.

import { BUNDLE_BYTES_MAX, BUNDLE_TRANSACTIONS_MAX, encodeBundle, LENGTH_BYTES } from "./bundle.js";

const WAITING_BYTES_MAX = 32 * 1024 * 1024;

export class Outbox {
  private waiting: Uint8Array[] = [];
  private readonly relayed: Uint8Array[] = [];
  private waitingBytes = 0;

  /** Puts an admitted transaction in; false where there is no room. */
  add(transaction: Uint8Array): boolean {
    if (this.waitingBytes + transaction.length > WAITING_BYTES_MAX) {
      return false;
    }
    this.waiting.push(transaction);
    this.waitingBytes += transaction.length + LENGTH_BYTES;
    return true;
  }

  /** Puts a peer's bundle in, as it came; it goes out whole, before what the node's own clients sent. */
  relay(bundle: Uint8Array): void {
    if (this.waitingBytes + bundle.length <= WAITING_BYTES_MAX) {
      this.relayed.push(bundle);
      this.waitingBytes += bundle.length;
    }
  }

  /** Takes bundles of at most `bytesMax` bytes in all, oldest transactions first. */
  take(bytesMax: number): Uint8Array[] {
    const bundles: Uint8Array[] = [];
    let taken = 0;
    let total = 0;
    while (this.relayed.length > 0 && total + this.relayed[0].length <= bytesMax) {
      total += this.relayed[0].length;
      bundles.push(this.relayed.shift()!);
    }
    while (taken < this.waiting.length) {
      const first = taken;
      let bytes = 0;
      while (taken < this.waiting.length && taken - first < BUNDLE_TRANSACTIONS_MAX) {
        const more = this.waiting[taken].length + LENGTH_BYTES;
        const isFull = taken > first && bytes + more > BUNDLE_BYTES_MAX;
        if (isFull || total + bytes + more > bytesMax) {
          break;
        }
        bytes += more;
        taken++;
      }
      if (taken === first) {
        break;
      }
      total += bytes;
      bundles.push(encodeBundle(this.waiting.slice(first, taken)));
    }
    this.waiting = this.waiting.slice(taken);
    this.waitingBytes -= total;
    return bundles;
  }
}
