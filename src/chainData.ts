// Opens what a stopped node's directory holds, for tools that read it: genesis, log, stores and state, brought up to the log. Keys are
// not touched, and nobody signs.

import { join } from "node:path";
import { nodeDisk } from "./base/disk.js";
import { readGenesis } from "./consensus/solo/chainFiles.js";
import { type Genesis, genesisHash as hashOfGenesis } from "./protocol/genesis.js";
import { State } from "./state/state.js";
import { BlockLog } from "./storage/blockLog.js";
import { BlockStore } from "./storage/blockStore.js";
import { CertificateStore } from "./storage/certificateStore.js";
import type { KeyValueStore } from "./storage/keyValueStore.js";
import { openLmdbStore } from "./storage/lmdbStore.js";
import { lockDirectory } from "./storage/lockDirectory.js";

/** Tables of the store of certificates are in a directory of their own, where there are any. */
const CERTIFICATES = "certificates";
/** The directory of the history's store. */
export const HISTORY = "history";
const CACHE_BYTES = 256 * 1024 * 1024;
/** Enough that no height that the node kept is let go of. */
const HISTORY_HEIGHTS = 1_000_000;

export interface ChainData {
  directory: string;
  genesis: Genesis;
  genesisHash: Uint8Array;
  log: BlockLog;
  blocks: BlockStore;
  certificates: KeyValueStore | undefined;
  stateStore: KeyValueStore;
  /** Opens the history's store, or another of that kind; closed with the rest, or before. */
  openHistory(name?: string): KeyValueStore;
  close(): Promise<void>;
}

async function hasCertificates(directory: string): Promise<boolean> {
  return (await nodeDisk.list(directory)).includes(CERTIFICATES);
}

/** Opens the directory of a chain. Throws where a node runs on it, where there is no chain, and where the log is damaged. */
export async function openChainData(directory: string): Promise<ChainData> {
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const release of opened.splice(0).reverse()) {
      await release();
    }
  };
  const openStore = (name: string): KeyValueStore => {
    const store = openLmdbStore(join(directory, name));
    opened.push(() => store.close());
    return store;
  };
  try {
    const genesis = await readGenesis(directory);
    const lock = await lockDirectory(directory);
    opened.push(() => lock.release());
    const genesisHash = hashOfGenesis(genesis);
    const log = await BlockLog.open(nodeDisk, join(directory, "blocks"), { genesisHash });
    const certificates = (await hasCertificates(directory)) ? openLmdbStore(join(directory, CERTIFICATES)) : undefined;
    const blocks = await BlockStore.open(log, certificates && new CertificateStore(certificates));
    opened.push(() => blocks.close());
    return {
      directory,
      genesis,
      genesisHash,
      log,
      blocks,
      certificates,
      stateStore: openStore("state"),
      openHistory: (name = HISTORY) => openStore(name),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The state as the store has it: of the height of its last flush. Throws where its description or root page is damaged. */
export function openStoredState(stateStore: KeyValueStore): State {
  return State.open(stateStore, { pageCacheBytes: CACHE_BYTES, historyHeights: HISTORY_HEIGHTS });
}
