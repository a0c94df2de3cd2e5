// The ed25519 kernel: signing (RFC 8032) and verification with the verdicts of ZIP-215, on four-lane SIMD arithmetic.
//
// A call works on what the host has put into the instance's workspace: signature, key and challenge of up to BATCH_MAX
// signatures. The host first hashes (`hash*`), then has them judged, then reads the verdicts. No function allocates; every
// region is assigned by the host, and instances on one shared memory share nothing but the tables (see ed25519Tables.ts).
import { checkWithTables, PLAIN_LIST, SLOT_LIST, TABLE_LIST, VERSION_LIST } from "./ed25519Check";
import { checkWithoutTables } from "./ed25519Equation";
import { findTable, foundVersion } from "./ed25519Tables";
import { reduceWide } from "./generated/scalarReduce";
import { isBelowOrder } from "./scalar";
import { sha512Begin, sha512End, sha512Update } from "./sha512";
import { challengeOf, keyOf, listAt, signatureOf, temporary, verdictOf } from "./workspace";

export { publicKeyOf, signBegin, signCommit, signEnd } from "./ed25519Sign";
export {
  assignBaseTables,
  assignKeyTables,
  baseRegionBytes,
  buildBaseTables,
  cacheBytes,
  earnTable,
} from "./ed25519Tables";
export { assign, BATCH_MAX, factorOf, keyOf, signatureOf, verdictOf, workspaceBytes } from "./workspace";

/** Begins the hash of signature number `index`, whose signature and key are in place. */
export function hashBegin(index: usize): void {
  sha512Begin();
  sha512Update(signatureOf(index), 32);
  sha512Update(keyOf(index), 32);
}

/** Adds a piece of the message. */
export function hashUpdate(bytes: usize, length: usize): void {
  sha512Update(bytes, length);
}

/** Hashes a whole message for signature number `index`. */
export function hashMessage(index: usize, bytes: usize, length: usize): void {
  hashBegin(index);
  sha512Update(bytes, length);
  hashEnd(index);
}

/** Ends the hash and keeps the challenge. */
export function hashEnd(index: usize): void {
  const digest = temporary(0);
  sha512End(digest);
  reduceWide(challengeOf(index), digest);
}

/**
 * Takes `count` records into the places from `first` on and hashes them. A record of the index has four words: where its
 * message begins, how long it is, where its signature and where its key are, all relative to `bytes`. Each message is
 * preceded in the hash by the prefix, which may be empty.
 */
export function takeRecords(index: usize, count: usize, bytes: usize, first: usize, prefix: usize, prefixLength: usize): void {
  for (let place = first; place < first + count; place++, index += 16) {
    memory.copy(signatureOf(place), bytes + <usize>load<u32>(index, 8), 64);
    memory.copy(keyOf(place), bytes + <usize>load<u32>(index, 12), 32);
    hashBegin(place);
    sha512Update(prefix, prefixLength);
    sha512Update(bytes + <usize>load<u32>(index), <usize>load<u32>(index, 4));
    hashEnd(place);
  }
}

/**
 * Judges those of the first `count` signatures whose keys have tables; a byte 1 or 0 each at verdictOf(place). Returns how
 * many are left for judgeOthers, which the host calls where that isn't zero, after it has drawn that many factors.
 */
export function judgeWithTables(count: i32): i32 {
  let withTable = 0;
  let others = 0;
  for (let place = 0; place < count; place++) {
    const index = <usize>place;
    store<u8>(verdictOf(index), 0);
    if (!isBelowOrder(signatureOf(index) + 32)) {
      continue;
    }
    const slot = findTable(keyOf(index));
    if (slot >= 0) {
      store<u32>(listAt(TABLE_LIST, <usize>withTable), place);
      store<u32>(listAt(SLOT_LIST, <usize>withTable), slot);
      store<u32>(listAt(VERSION_LIST, <usize>withTable), foundVersion);
      withTable++;
    } else {
      store<u32>(listAt(PLAIN_LIST, <usize>others), place);
      others++;
    }
  }
  return withTable > 0 ? checkWithTables(withTable, others) : others;
}

/** Judges the `count` signatures that judgeWithTables left; the random factors are in their places from the first on. */
export function judgeOthers(count: i32): void {
  checkWithoutTables(count);
}
