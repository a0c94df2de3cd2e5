// The ordered key-value store behind state and history: what LMDB gives, narrowed to what the node needs, so that a
// simulator's disk or a test's memory can stand in. Tables are named key spaces, made when first named; keys order by their
// bytes, a key before those that it begins. lmdbStore.ts and memoryStore.ts implement it; one suite of tests runs over both.

/** One change of a batch; `value` undefined removes the key. Keys are 1 to 511 bytes. */
export interface KeyValueChange {
  table: string;
  key: Uint8Array;
  value: Uint8Array | undefined;
}

/** Part of a batch as bytes, as packedWrite.ts lays them out; tables are named in the order of their numbers. */
export interface BatchPiece {
  bytes: Uint8Array<ArrayBuffer>;
  tables: string[];
}

/** Bounds of a scan: `start` inclusive, `end` exclusive, both in byte order; `reverse` walks from the end. */
export interface KeyValueRange {
  start?: Uint8Array;
  end?: Uint8Array;
  limit?: number;
  reverse?: boolean;
  /** Only keys are asked for: a store may leave values unread, and give empty ones. */
  keysOnly?: boolean;
}

/** Key and value are the caller's own copies. */
export interface KeyValueEntry {
  key: Uint8Array;
  value: Uint8Array;
}

export interface KeyValueStore {
  /** The value stored last, or undefined. The bytes returned are the caller's own copy. */
  get(table: string, key: Uint8Array): Uint8Array | undefined;
  /**
   * The entries of a range, in order, as of the moment the scan starts (its first `next`). A scan that is left must be left
   * by `break` or `return`: one that stays open keeps old pages from being reused.
   */
  range(table: string, range: KeyValueRange): Iterable<KeyValueEntry>;
  /**
   * Applies all changes or none, in one transaction; of two changes of one key the later counts. Resolves when they are
   * durable; reads see them from then on at the latest, and all at once. Callers keep dirty data readable in memory until
   * it resolves, and leave keys and values as they are until then. Calls are applied in the order they are made.
   * Rejects with StorageError STORE_FAILED; then every later write does too.
   */
  write(changes: KeyValueChange[]): Promise<void>;
  /**
   * The same for a batch that comes in pieces (packedWrite.ts), some at a time between other work; nothing of it is applied where
   * `pieces` throws. Absent where a batch is taken as a whole: the function of this name does for any store.
   */
  writePieces?(pieces: AsyncIterable<BatchPiece>): Promise<void>;
  /** From here on reads see what other threads have written to the same store; absent where nobody else can. */
  refresh?(): void;
  /** Waits for writes under way and releases the files. */
  close(): Promise<void>;
}
