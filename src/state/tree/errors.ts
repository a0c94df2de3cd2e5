// What the state tree refuses and what it finds broken.

import { toHex } from "../../base/bytes.js";
import { CodedError } from "../../protocol/errors.js";
import { DamageError } from "../../storage/storageErrors.js";

/**
 * A height whose state isn't kept any more or isn't reached yet. `oldest` and `newest` are the heights that can be read.
 */
export class StateHistoryError extends CodedError {
  override name = "StateHistoryError";
  readonly height: number;
  readonly oldest: number;
  readonly newest: number;

  constructor(height: number, oldest: number, newest: number) {
    super("HEIGHT_NOT_KEPT", `expected a height from ${oldest} to ${newest}, got ${height}`, {
      height,
      oldest,
      newest,
    });
    this.height = height;
    this.oldest = oldest;
    this.newest = newest;
  }
}

/**
 * The store holds something that the tree can't have written. The node must stop; `table` and `key` say where the damage
 * is.
 */
export class StateDamageError extends DamageError {
  override name = "StateDamageError";
  readonly table: string;
  readonly key: Uint8Array;

  constructor(table: string, key: Uint8Array, problem: string) {
    super(`state tree: table ${table}, key ${toHex(key)}: ${problem}`);
    this.table = table;
    this.key = key;
  }
}
