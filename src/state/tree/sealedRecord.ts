// Records that no hash of the tree covers carry one of their own, over the key they are stored under and their content.

import { concatBytes, equalBytes } from "../../base/bytes.js";
import { sha256 } from "../../wasm/sha256.js";
import { StateDamageError } from "./errors.js";

const SEAL_BYTES = 32;

/** `content`, followed by SHA-256(key || content). */
export function sealRecord(key: Uint8Array, content: Uint8Array): Uint8Array {
  return concatBytes(content, sha256(concatBytes(key, content)));
}

/** The content of a sealed record; throws StateDamageError where it doesn't match its seal. */
export function openRecord(table: string, key: Uint8Array, record: Uint8Array): Uint8Array {
  const content = record.slice(0, Math.max(0, record.length - SEAL_BYTES));
  if (!equalBytes(sealRecord(key, content), record)) {
    throw new StateDamageError(table, key, "the record does not match its own hash");
  }
  return content;
}
