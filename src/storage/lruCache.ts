// A map that forgets what was used least recently once there are too many entries or they weigh too much. Built on the insertion
// order of Map.

export class LRUCache<K, V> {
  private readonly entries = new Map<K, { value: V; bytes: number }>();
  private bytesHeld = 0;

  /** `bytesMax` bounds the sum of what `set` is told; the entry set last is kept whatever it weighs. */
  constructor(
    private readonly entriesMax: number,
    private readonly bytesMax: number,
  ) {}

  get(key: K): V | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) {
      return undefined;
    }
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  set(key: K, value: V, bytes: number): void {
    this.delete(key);
    this.entries.set(key, { value, bytes });
    this.bytesHeld += bytes;
    while (this.entries.size > 1 && (this.entries.size > this.entriesMax || this.bytesHeld > this.bytesMax)) {
      this.delete(this.entries.keys().next().value as K);
    }
  }

  delete(key: K): void {
    this.bytesHeld -= this.entries.get(key)?.bytes ?? 0;
    this.entries.delete(key);
  }
}
