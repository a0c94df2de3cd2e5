// Small pieces of zeroed memory cut out of larger ones: a buffer for each costs the collector of garbage more than what it holds. A piece
// keeps its slab alive, so it is for what lives about as long as its neighbours.

const SLAB_BYTES = 65_536;
/** Larger pieces have a buffer of their own. */
const PIECE_BYTES_MAX = SLAB_BYTES / 8;

export class ByteSlab {
  private slab = new Uint8Array(0);
  private used = 0;

  /** `length` bytes of value 0 that nobody else is given. */
  take(length: number): Uint8Array {
    if (length > PIECE_BYTES_MAX) {
      return new Uint8Array(length);
    }
    if (this.used + length > this.slab.length) {
      this.slab = new Uint8Array(SLAB_BYTES);
      this.used = 0;
    }
    const start = this.used;
    this.used += length;
    return this.slab.subarray(start, this.used);
  }
}
