// The composition root: makes every part of a node, wires them, and stops them in order. It decides nothing.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ApiServer, startApi } from "./api/startApi.js";
import { fromHex } from "./base/bytes.js";
import type { Clock } from "./base/clock.js";
import type { Disk } from "./base/disk.js";
import type { Logger } from "./base/logging.js";
import type { Random } from "./base/random.js";
import { Application } from "./consensus/application.js";
import { type DelegateKey, delegateKeyOfSeed } from "./consensus/delegateKey.js";
import { recoverState } from "./consensus/recoverState.js";
import { type ChainFiles, openChainFiles } from "./consensus/solo/chainFiles.js";
import type { ChainProfile } from "./consensus/solo/developmentChain.js";
import { Faucet } from "./consensus/solo/faucet.js";
import { SoloEngine } from "./consensus/solo/soloEngine.js";
import { BlockFeed } from "./events/blockFeed.js";
import { KeyValueHistory } from "./history/keyValueHistory.js";
import { Mempool } from "./mempool/mempool.js";
import { VerifyPool } from "./pool/verifyPool.js";
import { genesisHash as hashOfGenesis } from "./protocol/genesis.js";
import { genesisChanges } from "./state/genesisState.js";
import { State } from "./state/state.js";
import { readParameters } from "./state/views.js";
import { BlockLog } from "./storage/blockLog.js";
import { BlockStore } from "./storage/blockStore.js";
import type { CommittedBlock } from "./storage/committedBlock.js";
import type { KeyValueStore } from "./storage/keyValueStore.js";
import { openLmdbStore } from "./storage/lmdbStore.js";
import { lockDirectory } from "./storage/lockDirectory.js";

export interface NodeOptions {
  /** Where the chain is kept; begun anew where it is empty. */
  dataDirectory: string;
  host: string;
  port: number;
  /** Threads that verify signatures; 0 verifies on the main thread. */
  workers: number;
  /** Delegates of a chain that is begun anew. */
  delegates: number;
  /** Heights whose state can still be proved. */
  historyHeights: number;
  stateCacheBytes: number;
  /** Memory for tables of keys that sign often, shared by the workers. */
  keyTableCacheBytes: number;
  /** Origins whose pages may submit. */
  originsAllowed: string[];
  version: string;
}

/** What a node takes from the machine; a simulator hands in its own. */
export interface NodeEnvironment {
  clock: Clock;
  disk: Disk;
  random: Random;
  logger: Logger;
  /** Told once when the node can't go on. */
  onFailure: (error: unknown) => void;
}

/** Dirty state is written behind the log when it is this large, or this old. */
const FLUSH_DIRTY_BYTES = 64 * 1024 * 1024;
const FLUSH_INTERVAL_MS = 5_000;

/** The profile that new chains begin from, which the package carries. */
async function loadProfile(): Promise<ChainProfile> {
  return JSON.parse(await readFile(new URL("../chains/ttchain.json", import.meta.url), "utf8")) as ChainProfile;
}

function keyOfHexSeed(seed: string): DelegateKey {
  const bytes = fromHex(seed);
  if (bytes?.length !== 32) {
    throw new Error("keys.json is damaged: expected seeds of 64 hex digits");
  }
  return delegateKeyOfSeed(bytes);
}

/** Writes state and history behind the log now and then, never on the way of a block. */
class WriteBehind {
  private running: Promise<void> | undefined;
  private lastMs: number;

  constructor(
    private readonly state: State,
    private readonly history: KeyValueHistory,
    private readonly clock: Clock,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.lastMs = clock.monotonicMs();
  }

  afterBlock(): void {
    const due = this.clock.monotonicMs() - this.lastMs >= FLUSH_INTERVAL_MS;
    if (this.running === undefined && (due || this.state.dirtyBytes >= FLUSH_DIRTY_BYTES)) {
      this.running = this.flush()
        .catch(this.onFailure)
        .finally(() => {
          this.running = undefined;
          this.lastMs = this.clock.monotonicMs();
        });
    }
  }

  async flush(): Promise<void> {
    await this.state.flush();
    await this.history.flush();
  }

  async settle(): Promise<void> {
    await this.running;
    await this.flush();
  }
}

interface NodeParts {
  chain: ChainFiles;
  genesisHash: Uint8Array;
  blocks: BlockStore;
  state: State;
  history: KeyValueHistory;
  stores: KeyValueStore[];
  recoveredBlocks: number;
  release: () => Promise<void>;
}

/** Opens the directory's chain: files, log, state and history, each brought up to the log. */
async function openParts(options: NodeOptions, environment: NodeEnvironment): Promise<NodeParts> {
  const { disk, random, clock } = environment;
  const directory = options.dataDirectory;
  const lock = await lockDirectory(directory);
  const undo: (() => Promise<void>)[] = [() => lock.release()];
  try {
    const profile = await loadProfile();
    const chain = await openChainFiles(directory, {
      profile,
      delegateCount: options.delegates,
      random,
      timeMs: clock.nowMs(),
    });
    const genesisHash = hashOfGenesis(chain.genesis);
    const blocks = await BlockStore.open(await BlockLog.open(disk, join(directory, "blocks"), { genesisHash }));
    undo.push(() => blocks.close());
    const stateStore = openLmdbStore(join(directory, "state"));
    undo.push(() => stateStore.close());
    const historyStore = openLmdbStore(join(directory, "history"));
    undo.push(() => historyStore.close());
    const stateOptions = { pageCacheBytes: options.stateCacheBytes, historyHeights: options.historyHeights };
    const state = State.open(stateStore, stateOptions);
    if (state.height < 0) {
      state.commit(0, state.prepare(genesisChanges(chain.genesis)));
    }
    const recoveredBlocks = await recoverState(state, blocks, genesisHash);
    const history = KeyValueHistory.open(historyStore);
    for (let height = history.checkpoint + 1; height <= blocks.lastHeight; height++) {
      const block = await blocks.read(height);
      if (block !== undefined) {
        history.add(block);
      }
    }
    const stores = [stateStore, historyStore];
    return { chain, genesisHash, blocks, state, history, stores, recoveredBlocks, release: () => lock.release() };
  } catch (error) {
    for (const close of undo.reverse()) {
      await close();
    }
    throw error;
  }
}

export class Node {
  private constructor(
    /** Where its API answers. */
    readonly url: string,
    readonly genesisHash: Uint8Array,
    /** Blocks that were in the log and not yet in the state's store. */
    readonly recoveredBlocks: number,
    readonly height: number,
    private readonly stopAll: () => Promise<void>,
  ) {}

  /** Opens or begins the chain in the data directory and serves it. */
  static async start(options: NodeOptions, environment: NodeEnvironment): Promise<Node> {
    const parts = await openParts(options, environment);
    const { chain, genesisHash, blocks, state, history } = parts;
    const { clock, logger, onFailure } = environment;
    const feed = new BlockFeed((error) => logger.error({ error }, "a listener to blocks failed"));
    const verifyPool = await VerifyPool.start({
      workers: options.workers,
      keyTableCacheBytes: options.keyTableCacheBytes,
    });
    let ready = true;
    const fail = (error: unknown): void => {
      ready = false;
      onFailure(error);
    };
    const writeBehind = new WriteBehind(state, history, clock, fail);
    let engine: SoloEngine | undefined;
    const mempool = new Mempool({
      state,
      genesisHash,
      verifyBatch: (items, prefix) => verifyPool.verifyItems(items, prefix),
      onExpired: (ids, height) => feed.publishExpired(ids, height),
      onReady: () => engine?.notifyReady(),
    });
    const application = new Application({ genesisHash, genesisTimeMs: chain.genesis.timeMs, state, blocks, mempool });
    const parameters = readParameters(state);
    engine = new SoloEngine(application, clock, {
      genesisHash,
      keys: chain.keys.delegates.map(keyOfHexSeed),
      blockIntervalMs: parameters.blockIntervalMs,
      heartbeatIntervalMs: parameters.heartbeatIntervalMs,
      hasWork: () => mempool.readyCount > 0,
      onCommitted: (block: CommittedBlock) => {
        history.add(block);
        feed.publish(block);
        // Tables are earned by what was committed and paid for, so that a flood of strange keys earns nothing.
        verifyPool.countCommitted(
          block.transactions.flatMap((transaction) => transaction.signers.map((s) => s.publicKey)),
        );
        writeBehind.afterBlock();
      },
      onFailure: fail,
    });
    const faucet = new Faucet(keyOfHexSeed(chain.keys.faucet), genesisHash, state, mempool);
    const api: ApiServer = await startApi(
      {
        genesis: chain.genesis,
        genesisHash,
        state,
        mempool,
        blocks,
        history,
        feed,
        ...(chain.genesis.development
          ? { faucet: (address, token, amount) => faucet.give(address, token, amount) }
          : {}),
        logger,
        clock,
        version: options.version,
        ready: () => ready,
      },
      { host: options.host, port: options.port, originsAllowed: options.originsAllowed },
    );
    await engine.start();
    const stopAll = async (): Promise<void> => {
      ready = false;
      await engine.stop();
      await api.close();
      await verifyPool.close();
      await writeBehind.settle();
      await blocks.close();
      for (const store of parts.stores) {
        await store.close();
      }
      await parts.release();
    };
    return new Node(`http://${options.host}:${api.port}`, genesisHash, parts.recoveredBlocks, state.height, stopAll);
  }

  /** Finishes the block under way, writes everything behind and lets go of the directory. */
  stop(): Promise<void> {
    return this.stopAll();
  }
}
