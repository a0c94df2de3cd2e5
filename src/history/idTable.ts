// Finds an id among many that lie one behind the other: an open table of their numbers, a twentieth of what a Map of texts takes. Ids
// are hashes; whoever makes many that begin alike makes look-ups in one block slower, up to reading all of its ids.

const ID_BYTES = 32;
const EMPTY = 0;

export class IdTable {
  /** Number of an id, plus one, at the first free place from where its first bits point. */
  private readonly places: Int32Array;
  private readonly mask: number;

  constructor(private readonly ids: Uint8Array) {
    const count = ids.length / ID_BYTES;
    const size = 1 << (32 - Math.clz32(Math.max(1, 2 * count)));
    this.places = new Int32Array(size);
    this.mask = size - 1;
    for (let number = 0; number < count; number++) {
      let place = this.placeOf(ids, ID_BYTES * number);
      while (this.places[place] !== EMPTY) {
        place = (place + 1) & this.mask;
      }
      this.places[place] = number + 1;
    }
  }

  private placeOf(bytes: Uint8Array, at: number): number {
    return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) & this.mask;
  }

  /** The number of the id; undefined where it is not among them. */
  find(id: Uint8Array): number | undefined {
    for (let place = this.placeOf(id, 0); this.places[place] !== EMPTY; place = (place + 1) & this.mask) {
      const number = this.places[place] - 1;
      if (this.isAt(id, ID_BYTES * number)) {
        return number;
      }
    }
    return undefined;
  }

  private isAt(id: Uint8Array, at: number): boolean {
    for (let i = 0; i < ID_BYTES; i++) {
      if (this.ids[at + i] !== id[i]) {
        return false;
      }
    }
    return true;
  }
}
