// Opens what a node keeps on its disk: the chain's files, the block log, state and history, each brought up to the log.

import { dirname, join } from "node:path";
import type { Clock } from "./base/clock.js";
import type { Disk } from "./base/disk.js";
import type { Logger } from "./base/logging.js";
import type { Random } from "./base/random.js";
import type { CassandraHistory } from "./cassandraHistory.js";
import { recoverState } from "./consensus/recoverState.js";
import { SigningRecord } from "./consensus/signingRecord.js";
import { type ChainFiles, openChainFiles, readGenesis } from "./consensus/solo/chainFiles.js";
import type { CometNodeOptions, FollowNodeOptions } from "./engineOptions.js";
import type { FeedConfig } from "./feeds/feedConfig.js";
import type { History } from "./history/history.js";
import { KeyValueHistory } from "./history/keyValueHistory.js";
import { embeddedPaymentIndex } from "./history/payments/embeddedPayments.js";
import type { PaymentIndex } from "./history/payments/paymentIndex.js";
import type { Uws } from "./http/loadUws.js";
import type { MileageDeskOptions } from "./merchant/mileage/mileageDesk.js";
import { loadProfile } from "./nodeHome.js";
import type { VerifyPool } from "./pool/verifyPool.js";
import { genesisHash as hashOfGenesis } from "./protocol/genesis.js";
import { genesisChanges } from "./state/genesisState.js";
import { STATE_TABLES, State } from "./state/state.js";
import { BlockLog } from "./storage/blockLog.js";
import { BlockStore } from "./storage/blockStore.js";
import type { CassandraAddress } from "./storage/cassandraAddress.js";
import { CertificateStore } from "./storage/certificateStore.js";
import type { KeyValueStore } from "./storage/keyValueStore.js";
import { type LmdbStoreOptions, openLmdbStore, STATE_STORE } from "./storage/lmdbStore.js";
import { type DirectoryLock, lockDirectory } from "./storage/lockDirectory.js";
import { ThreadedHistory } from "./threadedHistory.js";
import { ThreadedStore } from "./threadedStore.js";
import { ed25519 } from "./wasm/ed25519.js";
import { FLUSH_DIRTY_BYTES } from "./writeBehind.js";

export interface NodeOptions {
  /** Where the chain is kept; begun anew where it is empty. */
  dataDirectory: string;
  host: string;
  port: number;
  /** Threads that verify signatures; 0 verifies on the main thread. */
  workers: number;
  /** Threads that run calls of contracts ahead of their turn; 0 or undefined runs all on the main thread. */
  contractWorkers?: number;
  /** Delegates of a chain that is begun anew. */
  delegates: number;
  /** Heights whose state can still be proved. */
  historyHeights: number;
  /** Size of a file of the block log; the log's own default where absent. */
  segmentBytes?: number;
  /** Blocks that are kept; all of them where undefined. Older ones go once state and history have them durably. */
  retainBlocks?: number;
  /** A Cassandra that answers for payments, and is written behind the blocks; the node's own store answers where undefined. */
  paymentStore?: CassandraAddress;
  stateCacheBytes: number;
  /** Memory for tables of keys that sign often, shared by the workers. */
  keyTableCacheBytes: number;
  /** Accounts, and lanes as many, that the ledger's kernel holds from block to block. */
  ledgerAccounts?: number;
  /** Opens the keys that the node signs with; where undefined, the passphrase in the directory does. */
  keysPassphrase?: Uint8Array;
  /** The highest height that the network shows, named after a restore: the node signs above it only. */
  signingAbove?: number;
  /** Origins whose pages may submit. */
  originsAllowed: string[];
  /** Addresses and networks of proxies whose X-Forwarded-For is believed. */
  trustedProxies?: string[];
  /** Files of the certificate and key for TLS. */
  tls?: { certificateFile: string; keyFile: string };
  version: string;
  /** The merchant gateway in the node's process; none where undefined. */
  merchant?: {
    allowPrivateWebhooks: boolean;
    feeds?: ReadonlyMap<string, FeedConfig>;
    /** Signs for a store's mileage. */
    mileageDesk?: MileageDeskOptions;
  };
  /** Where the node is joined to others; alone where undefined. */
  comet?: CometNodeOptions;
  /** Where the node follows others without an engine; its directory has a genesis file and no keys. */
  follow?: FollowNodeOptions;
}

/** What a node takes from the machine; a simulator hands in its own. */
export interface NodeEnvironment {
  clock: Clock;
  disk: Disk;
  random: Random;
  logger: Logger;
  /** Told once when the node can't go on. */
  onFailure: (error: unknown) => void;
  /** Opens the store of state or history; LMDB where nothing stands in for it. */
  openStore?: (directory: string, options?: LmdbStoreOptions) => KeyValueStore;
  /** Takes the data directory; a socket in it where nothing stands in for that. */
  lockDirectory?: (directory: string) => Promise<DirectoryLock>;
  /** Reads or begins the chain's files; those of the data directory where nothing stands in for them. */
  openChain?: (directory: string) => Promise<ChainFiles>;
  /** Verifies signatures; the node starts a pool of its own, and ends it, where none is handed in. */
  verifyPool?: VerifyPool;
  /** The network server; uWebSockets.js where nothing stands in for it. */
  uws?: Uws;
}

export interface NodeParts {
  chain: ChainFiles;
  genesisHash: Uint8Array;
  blocks: BlockStore;
  state: State;
  history: History;
  /** Payments, out of the history or out of Cassandra. */
  payments: PaymentIndex;
  cassandra: CassandraHistory | undefined;
  /** What this process signed; undefined where it signs nothing, or the engine does and keeps a record of its own. */
  signingRecord: SigningRecord | undefined;
  /** Blocks that were in the log and not yet in the state's store. */
  recoveredBlocks: number;
  /** Releases files and directory, in the reverse order of opening. */
  close: () => Promise<void>;
}

/** Transactions of blocks added to a history that lags, before it writes them. */
const HISTORY_PENDING_MAX = 50_000;

/** Adds the blocks that the history lacks; a deleted history is rebuilt this way without holding the chain in memory. */
async function catchUpHistory(history: History, blocks: BlockStore): Promise<void> {
  const first = Math.max(history.checkpoint + 1, blocks.firstHeight ?? 1);
  for (let height = first; height <= blocks.lastHeight; height++) {
    const block = await blocks.read(height);
    if (block !== undefined) {
      history.add(block);
    }
    if (history.pendingTransactions >= HISTORY_PENDING_MAX) {
      await history.flush();
    }
  }
}

async function openOrBeginChain(options: NodeOptions, environment: NodeEnvironment): Promise<ChainFiles> {
  const { random, clock, disk } = environment;
  if (options.follow !== undefined) {
    return { genesis: await readGenesis(options.dataDirectory), keys: { delegates: [] } };
  }
  return openChainFiles(options.dataDirectory, {
    profile: await loadProfile(),
    delegateCount: options.delegates,
    random,
    timeMs: clock.nowMs(),
    disk,
    keysPassphrase: options.keysPassphrase,
  });
}

/** What this process signed: a chain's blocks, or an engine's votes by one key. */
async function openSigningRecord(
  { dataDirectory, comet, follow, signingAbove }: NodeOptions,
  disk: Disk,
  { genesis, keys, mayHaveSigned = false }: ChainFiles,
  heightOfLog: number,
): Promise<SigningRecord | undefined> {
  const common = { heightOfLog, mayHaveSigned, signingAbove };
  if (comet?.signer !== undefined) {
    const { recordDirectory: directory } = comet.signer;
    await disk.makeDirectory(directory);
    return SigningRecord.open(disk, { directory, belongsTo: ed25519.getPublicKey(keys.delegates[0]), ...common });
  }
  const isSolo = comet === undefined && follow === undefined;
  return isSolo
    ? SigningRecord.open(disk, { directory: dataDirectory, belongsTo: hashOfGenesis(genesis), ...common })
    : undefined;
}

/** Payments in Cassandra, where the operator asks for that; its driver is loaded only then. */
async function startCassandra(
  { paymentStore: address }: NodeOptions,
  { logger }: NodeEnvironment,
  genesisHash: Uint8Array,
  blocks: BlockStore,
): Promise<CassandraHistory | undefined> {
  if (address === undefined) {
    return undefined;
  }
  const { CassandraHistory } = await import("./cassandraHistory.js");
  return CassandraHistory.start({ address, genesisHash, blocks, logger });
}

/** Opens the directory's chain, or begins a new one in it. Throws where the directory is in use or damaged. */
export async function openNodeParts(options: NodeOptions, environment: NodeEnvironment): Promise<NodeParts> {
  const { disk } = environment;
  const openStore = environment.openStore ?? openLmdbStore;
  const directory = options.dataDirectory;
  const opened: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const release of opened.splice(0).reverse()) {
      await release();
    }
  };
  try {
    const lock = await (environment.lockDirectory ?? lockDirectory)(directory);
    opened.push(() => lock.release());
    const chain = await (environment.openChain?.(directory) ?? openOrBeginChain(options, environment));
    const genesisHash = hashOfGenesis(chain.genesis);
    const certificates = options.comet && new CertificateStore(openStore(join(directory, "certificates")));
    const { segmentBytes } = options;
    const logOptions = { genesisHash, ...(segmentBytes === undefined ? {} : { segmentBytes }) };
    const log = await BlockLog.open(disk, join(directory, "blocks"), logOptions);
    const blocks = await BlockStore.open(log, certificates);
    opened.push(() => blocks.close());
    const signingRecord = await openSigningRecord(options, disk, chain, blocks.lastHeight);
    opened.push(async () => signingRecord?.close());
    // The names of the chain's files and of the log's directory: without them its synced blocks would be nobody's.
    await disk.syncDirectory(directory);
    await disk.syncDirectory(dirname(directory));
    const onThread = options.workers > 0 && environment.openStore === undefined;
    const stateDirectory = join(directory, "state");
    const stateStore = onThread
      ? ThreadedStore.open(stateDirectory, STATE_TABLES, STATE_STORE)
      : openStore(stateDirectory, STATE_STORE);
    opened.push(() => stateStore.close());
    const historyDirectory = join(directory, "history");
    const historyStore = openStore(historyDirectory);
    opened.push(() => historyStore.close());
    const stateOptions = { pageCacheBytes: options.stateCacheBytes, historyHeights: options.historyHeights };
    const state = State.open(stateStore, stateOptions);
    if (state.height < 0) {
      state.commit(0, state.prepare(genesisChanges(chain.genesis)));
    }
    const recoveredBlocks = await recoverState(state, blocks, genesisHash, FLUSH_DIRTY_BYTES);
    // A restored or pruned chain begins above its first block, and so does a history that has nothing yet.
    await KeyValueHistory.open(historyStore).skipTo((blocks.firstHeight ?? 1) - 1);
    const history = onThread
      ? ThreadedHistory.start(historyStore, historyDirectory)
      : KeyValueHistory.open(historyStore);
    opened.push(async () => history instanceof ThreadedHistory && history.close());
    await catchUpHistory(history, blocks);
    const cassandra = await startCassandra(options, environment, genesisHash, blocks);
    opened.push(async () => cassandra?.close());
    const payments = cassandra?.index ?? embeddedPaymentIndex(history);
    const kept = { blocks, state, history, payments, cassandra };
    return { chain, genesisHash, ...kept, signingRecord, recoveredBlocks, close };
  } catch (error) {
    await close();
    throw error;
  }
}
