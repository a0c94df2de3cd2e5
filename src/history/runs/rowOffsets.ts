// Where rows begin in their arena: numbers of a growing list, without the garbage of an array's growth.

const OFFSETS_FIRST = 1_024;

export class RowOffsets {
  private numbers: Uint32Array;
  length = 0;

  constructor(capacity = OFFSETS_FIRST) {
    this.numbers = new Uint32Array(Math.max(1, capacity));
  }

  push(offset: number): void {
    if (this.length === this.numbers.length) {
      const grown = new Uint32Array(2 * this.length);
      grown.set(this.numbers);
      this.numbers = grown;
    }
    this.numbers[this.length++] = offset;
  }

  /** All of them, a view. */
  taken(): Uint32Array {
    return this.numbers.subarray(0, this.length);
  }
}
