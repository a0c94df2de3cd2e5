// The delegates that agreed on a round's last block, whose state has the next ones already.

import { expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { delegatesOfBlock } from "../../src/delegatesOfBlock.js";
import { type Delegate, delegateSetHash, encodeDelegates } from "../../src/protocol/delegates.js";
import { encodeSystemLeaf, systemKey } from "../../src/protocol/stateLeaves.js";
import { genesisChanges } from "../../src/state/genesisState.js";
import { State } from "../../src/state/state.js";
import { DELEGATES_LEAF, readDelegates } from "../../src/state/views.js";
import { MemoryStore } from "../support/memoryStore.js";
import { TestChain } from "../support/testChain.js";

/** A state at height 1, whose block ended a round: the sets before and after it. */
async function stateAfterElection(
  store: MemoryStore,
): Promise<{ state: State; before: Delegate[]; after: Delegate[] }> {
  const { genesis } = await TestChain.start();
  const state = State.open(store, { pageCacheBytes: 1 << 20, historyHeights: 5 });
  state.commit(0, state.prepare(genesisChanges(genesis)));
  const before = readDelegates(state);
  const after = [{ publicKey: new SeededRandom(1).bytes(32), power: 1 }];
  const value = encodeSystemLeaf(encodeDelegates(after));
  state.commit(1, state.prepare([{ key: systemKey(DELEGATES_LEAF), value }]));
  await state.flush();
  return { state, before, after };
}

test("are found in the state of the height before", async () => {
  const { state, before, after } = await stateAfterElection(new MemoryStore());
  expect(delegatesOfBlock(state, 1, delegateSetHash(before))).toEqual(before);
  expect(delegatesOfBlock(state, 1, delegateSetHash(after))).toEqual(after);
});

test("are refused with what to do where that state is kept no more, or had others", async () => {
  const store = new MemoryStore();
  const { before, state } = await stateAfterElection(store);
  expect(() => delegatesOfBlock(state, 1, new Uint8Array(32))).toThrow(/kept no more/);
  const restored = State.open(store, { pageCacheBytes: 1 << 20, historyHeights: 0 });
  expect(() => delegatesOfBlock(restored, 1, delegateSetHash(before))).toThrow(/make one more block/);
});
