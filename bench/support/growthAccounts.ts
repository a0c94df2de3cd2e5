// What a chain of growth begins with: a genesis with one delegate, whose key is the same each time, and any number of accounts put into
// the state's store directly and in the order of their keys, so that each page is made and written once.

import { join } from "node:path";
import profile from "../../chains/ttchain.json" with { type: "json" };
import { SeededRandom } from "../../src/base/random.js";
import type { ChainFiles } from "../../src/consensus/solo/chainFiles.js";
import { makeDevelopmentChain } from "../../src/consensus/solo/developmentChain.js";
import { addressOfKey } from "../../src/protocol/address.js";
import { PackedChanges } from "../../src/protocol/packedChanges.js";
import { accountKey, encodeAccountLeaf } from "../../src/protocol/stateLeaves.js";
import { genesisChanges } from "../../src/state/genesisState.js";
import { State } from "../../src/state/state.js";
import { PAGES_TABLE } from "../../src/state/tree/loadPage.js";
import { encodeMeta, META_KEY } from "../../src/state/tree/treeMeta.js";
import { openLmdbStore, STATE_STORE } from "../../src/storage/lmdbStore.js";

const BALANCE_UNITS = 10n ** 15n;
/** Heights until a reference expires; after as many again its leaf goes. The state holds as many as come before the first figure. */
export const REFERENCE_HEIGHTS = 40;
const KEY_BYTES = 32;
/** Accounts put into the state at a time. */
const FUNDED_AT_ONCE = 250_000;

export interface GrowthOptions {
  accounts: number;
  stateCacheBytes: number;
}

/** The public key of account `number`: nobody signs with it. */
export function keyOfNumber(number: number): Uint8Array {
  const key = new Uint8Array(32).fill(0x5a);
  new DataView(key.buffer).setUint32(0, number, true);
  return key;
}

export const addressOfNumber = (number: number): Uint8Array => addressOfKey(keyOfNumber(number));

/** The chain's genesis and keys, in every process the same. */
export function growthFiles(): ChainFiles {
  const parameters = { ...profile.parameters, referenceKeepHeights: REFERENCE_HEIGHTS };
  return makeDevelopmentChain({ name: "growth", parameters }, new SeededRandom(7), 1, 1);
}

/** The keys of all accounts, those with the same first byte together, and where each byte's end. */
function keysByFirstByte(accounts: number): { keys: Uint8Array; ends: number[] } {
  const unsorted = new Uint8Array(KEY_BYTES * accounts);
  const counts = new Array<number>(256).fill(0);
  for (let number = 0; number < accounts; number++) {
    const key = accountKey(addressOfNumber(number));
    unsorted.set(key, KEY_BYTES * number);
    counts[key[0]]++;
  }
  const ends: number[] = [];
  for (const count of counts) {
    ends.push((ends.at(-1) ?? 0) + count);
  }
  const next = ends.map((end, byte) => end - counts[byte]);
  const keys = new Uint8Array(unsorted.length);
  for (let at = 0; at < unsorted.length; at += KEY_BYTES) {
    keys.set(unsorted.subarray(at, at + KEY_BYTES), KEY_BYTES * next[unsorted[at]]++);
  }
  return { keys, ends };
}

/** Puts the accounts into the state of an empty directory and calls the outcome that of height 0, as a genesis with all of them would. */
export async function fundAccounts(directory: string, { accounts, stateCacheBytes }: GrowthOptions): Promise<void> {
  const store = openLmdbStore(join(directory, "state"), STATE_STORE);
  const state = State.open(store, { pageCacheBytes: stateCacheBytes, historyHeights: 0 });
  state.commit(0, state.prepare(genesisChanges(growthFiles().genesis)));
  const leaf = encodeAccountLeaf({ balances: [BALANCE_UNITS, 0n, 0n], deposit: 0n, tokenCount: 0 });
  const { keys, ends } = keysByFirstByte(accounts);
  for (let first = 0, part = 0; part < ends.length; part++) {
    // Parts are 1/256 of all: as many together as make a piece.
    if (part + 1 < ends.length && ends[part] - first < FUNDED_AT_ONCE) {
      continue;
    }
    const changes = new PackedChanges(ends[part] - first, (ends[part] - first) * leaf.length);
    for (let number = first; number < ends[part]; number++) {
      changes.add(keys, KEY_BYTES * number, leaf, 0, leaf.length);
    }
    first = ends[part];
    state.commit(state.height + 1, state.prepare(changes.seal()));
    await state.flush();
  }
  const meta = encodeMeta({ height: 0, oldest: 0, root: state.root });
  await store.write([{ table: PAGES_TABLE, key: META_KEY, value: meta }]);
  await store.close();
}
