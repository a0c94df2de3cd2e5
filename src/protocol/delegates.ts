// The set of delegates that agrees on a block, and the turn that each takes.

import { CodedError } from "./errors.js";
import { TAGS, taggedHash } from "./hashing.js";
import { DELEGATES_MAX } from "./limits.js";
import { Reader, Writer } from "./wire.js";

/** A delegate: its application key (ed25519) and its voting power. */
export interface Delegate {
  publicKey: Uint8Array;
  power: number;
}

/** Count, then key and power of each, in the order of their turns. */
export function encodeDelegates(delegates: Delegate[]): Uint8Array {
  const writer = new Writer(2 + delegates.length * 36).u16(delegates.length);
  for (const delegate of delegates) {
    writer.raw(delegate.publicKey).u32(delegate.power);
  }
  return writer.finish();
}

export function decodeDelegates(bytes: Uint8Array): Delegate[] {
  const reader = new Reader(bytes);
  const count = reader.u16();
  if (count < 1 || count > DELEGATES_MAX) {
    throw new CodedError("MALFORMED", `expected 1 to ${DELEGATES_MAX} delegates, got ${count}`);
  }
  const delegates: Delegate[] = [];
  for (let i = 0; i < count; i++) {
    delegates.push({ publicKey: reader.raw(32), power: reader.u32() });
  }
  reader.end();
  return delegates;
}

/** What a result record and a light client call this set. */
export function delegateSetHash(delegates: Delegate[]): Uint8Array {
  return taggedHash(TAGS.delegateSet, encodeDelegates(delegates));
}
