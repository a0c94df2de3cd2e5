// Which keys sign often enough to earn a table. A table makes verifying 5 to 8 µs cheaper and costs 1 to 2 ms to build and
// hundreds of kilobytes, so it pays after about two hundred signatures. Only uses that cost their signer a fee are counted
// (those of committed transactions), so that nobody can have tables built, or others' pushed out, for nothing.
import { bytesKey } from "../base/bytes.js";

/** Uses that earn a table: again as many after each, so that tables pushed out again and again never cost more than they give. */
export const TABLE_USES = 256;
/** Keys counted at a time; then all counts are halved and those that reach zero forgotten. */
export const COUNTED_KEYS_MAX = 65_536;

export class FrequentKeys {
  readonly #uses = new Map<string, number>();

  /** Keys counted at present. */
  get countedKeys(): number {
    return this.#uses.size;
  }

  /** Counts one use; true where the key has just earned a table. */
  count(publicKey: Uint8Array): boolean {
    const key = bytesKey(publicKey);
    const uses = (this.#uses.get(key) ?? 0) + 1;
    if (uses >= TABLE_USES) {
      this.#uses.delete(key);
      return true;
    }
    if (this.#uses.size >= COUNTED_KEYS_MAX && uses === 1) {
      this.#halve();
    }
    this.#uses.set(key, uses);
    return false;
  }

  #halve(): void {
    for (const [key, uses] of this.#uses) {
      uses <= 1 ? this.#uses.delete(key) : this.#uses.set(key, uses >> 1);
    }
  }
}
