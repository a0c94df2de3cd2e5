// A chain for the stage bench: the node's own parts over a temporary directory, with many funded accounts whose signatures
// nobody checks, so that each stage is timed without the one before it. The state has its writing thread as in the node; the history
// has none, whose merges would go on under the stages after it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import profile from "../../chains/ttchain.json" with { type: "json" };
import { nodeDisk } from "../../src/base/disk.js";
import { SeededRandom } from "../../src/base/random.js";
import { makeDevelopmentChain } from "../../src/consensus/solo/developmentChain.js";
import { addressOfKey } from "../../src/protocol/address.js";
import { type Genesis, genesisHash } from "../../src/protocol/genesis.js";
import { accountKey, encodeAccountLeaf } from "../../src/protocol/stateLeaves.js";
import { chainTag, encodeBody, encodeTransaction } from "../../src/protocol/transaction.js";
import { sortChanges } from "../../src/protocol/writeSet.js";
import { genesisChanges } from "../../src/state/genesisState.js";
import { STATE_TABLES, State } from "../../src/state/state.js";
import { BlockLog } from "../../src/storage/blockLog.js";
import { BlockStore } from "../../src/storage/blockStore.js";
import type { KeyValueStore } from "../../src/storage/keyValueStore.js";
import { openLmdbStore, STATE_STORE } from "../../src/storage/lmdbStore.js";
import { ThreadedStore } from "../../src/threadedStore.js";

const BALANCE_UNITS = 10n ** 15n;

export interface StageChain {
  genesis: Genesis;
  genesisHash: Uint8Array;
  state: State;
  blocks: BlockStore;
  historyStore: KeyValueStore;
  /** `count` plain transfers among the accounts; each sender's next sequence, in lane 0. */
  transfers(count: number): Uint8Array[];
  close(): Promise<void>;
}

/** A chain with `accountCount` accounts that hold TTC. */
export async function openStageChain(accountCount: number): Promise<StageChain> {
  const directory = await mkdtemp(join(tmpdir(), "ttchain-bench-"));
  const random = new SeededRandom(1);
  const { genesis } = makeDevelopmentChain({ name: "bench", parameters: profile.parameters }, random, 1, 4);
  const hash = genesisHash(genesis);
  const blocks = await BlockStore.open(await BlockLog.open(nodeDisk, join(directory, "blocks"), { genesisHash: hash }));
  const stateStore = ThreadedStore.open(join(directory, "state"), STATE_TABLES, STATE_STORE);
  const historyStore = openLmdbStore(join(directory, "history"));
  const state = State.open(stateStore, { pageCacheBytes: 256 << 20, historyHeights: 100 });
  const people = Array.from({ length: accountCount }, () => {
    const publicKey = random.bytes(32);
    return { publicKey, address: addressOfKey(publicKey) };
  });
  const leaf = encodeAccountLeaf({
    balances: [BALANCE_UNITS, BALANCE_UNITS, BALANCE_UNITS],
    deposit: 0n,
    tokenCount: 0,
  });
  const funded = people.map(({ address }) => ({ key: accountKey(address), value: leaf }));
  state.commit(0, state.prepare(sortChanges([...genesisChanges(genesis), ...funded])));
  await state.flush();
  const sequences = new Uint32Array(accountCount);
  const tag = chainTag(hash);
  const signature = new Uint8Array(64);
  return {
    genesis,
    genesisHash: hash,
    state,
    blocks,
    historyStore,
    transfers: (count) =>
      Array.from({ length: count }, () => {
        const from = random.below(accountCount);
        const to = people[random.below(accountCount)].address;
        const body = encodeBody({
          chainTag: tag,
          signers: [people[from]],
          feePayer: 0,
          lane: 0,
          sequence: sequences[from]++,
          validUntil: state.height + 1000,
          feeToken: "TTC",
          feeLimit: 10_000_000n,
          operations: [{ kind: "transfer", account: 0, to, token: "TTC", amount: 1_000n }],
        });
        return encodeTransaction(body, [signature]);
      }),
    async close() {
      await blocks.close();
      await stateStore.close();
      await historyStore.close();
      await rm(directory, { recursive: true });
    },
  };
}
