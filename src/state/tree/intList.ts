// A list of 32-bit integers that grows and whose memory is used again: records of the hot path without an object each.

export class IntList {
  words: Int32Array<ArrayBuffer>;
  length = 0;

  constructor(capacity = 256) {
    this.words = new Int32Array(capacity);
  }

  /** Makes room for `count` more and returns the index of the first of them. What they hold is undefined. */
  extend(count: number): number {
    const start = this.length;
    this.length += count;
    if (this.length > this.words.length) {
      const grown = new Int32Array(2 * this.length);
      grown.set(this.words.subarray(0, start));
      this.words = grown;
    }
    return start;
  }

  pushPair(first: number, second: number): void {
    const start = this.extend(2);
    this.words[start] = first;
    this.words[start + 1] = second;
  }
}
