// The composition root: makes every part of a node, wires them, and stops them in order. It decides nothing.

import { join } from "node:path";
import type { ApiContracts } from "./api/services.js";
import { startApi } from "./api/startApi.js";
import type { Logger } from "./base/logging.js";
import { Releases } from "./base/releases.js";
import { Application } from "./consensus/application.js";
import { delegateKeyOfSeed, type HeldKey } from "./consensus/delegateKey.js";
import type { ChainFiles } from "./consensus/solo/chainFiles.js";
import { Faucet } from "./consensus/solo/faucet.js";
import { upgradeNeeded } from "./consensus/upgradeNeeded.js";
import { BlockFeed } from "./events/blockFeed.js";
import { inspectContract, viewContract } from "./execution/contracts/contractViews.js";
import { CallPool } from "./execution/contracts/parallel/callPool.js";
import { ParallelCalls } from "./execution/contracts/parallel/parallelCalls.js";
import { KernelLedger } from "./execution/kernel/kernelLedger.js";
import { Mempool } from "./mempool/mempool.js";
import { startMerchantInNode } from "./merchantInNode.js";
import { type NodeEnvironment, type NodeOptions, type NodeParts, openNodeParts } from "./nodeParts.js";
import { VerifyPool } from "./pool/verifyPool.js";
import { signerKeys } from "./protocol/transaction.js";
import { SnapshotShelf } from "./snapshotShelf.js";
import type { State } from "./state/state.js";
import { readParameters } from "./state/views.js";
import { ApiKeys } from "./storage/apiKeyFile.js";
import type { CommittedBlock } from "./storage/committedBlock.js";
import { isDamage } from "./storage/storageErrors.js";
import { warmState } from "./warmState.js";
import { type EngineWiring, type WiredEngine, wireComet, wireFollow, wireSolo } from "./wireEngine.js";
import { WriteBehind } from "./writeBehind.js";

/** Batches that may wait for a worker: enough that it has work while the main thread makes a block. */
const BATCHES_AHEAD_PER_WORKER = 16;

/** What runs on top of the opened parts. */
interface RunningParts extends WiredEngine {
  feed: BlockFeed;
  writeBehind: WriteBehind;
}

/** What the node signs with, until it stops. */
interface HeldKeys {
  delegates: HeldKey[];
  faucet: HeldKey | undefined;
}

/** Makes the keys of their seeds, which are wiped. */
function holdKeys(chain: ChainFiles): HeldKeys {
  const keys = {
    delegates: chain.keys.delegates.map(delegateKeyOfSeed),
    faucet: chain.keys.faucet && delegateKeyOfSeed(chain.keys.faucet),
  };
  chain.forgetKeys?.();
  return keys;
}

function makeLedger(accounts: number | undefined, callPool: CallPool | undefined): KernelLedger {
  return new KernelLedger({
    ...(accounts !== undefined && { accounts }),
    ...(callPool && { parallelCalls: new ParallelCalls(callPool) }),
  });
}

/** Wires mempool, application and engine: what is committed goes to history, listeners, key tables and write-behind, in this order. */
function wireConsensus(
  parts: NodeParts,
  { version, comet, follow, retainBlocks, ledgerAccounts }: NodeOptions,
  { clock, random, logger }: NodeEnvironment,
  verifyPool: VerifyPool,
  {
    keys,
    callPool,
    snapshots,
  }: { keys: HeldKeys; callPool: CallPool | undefined; snapshots: SnapshotShelf | undefined },
  fail: (error: unknown) => void,
): RunningParts {
  const { chain, genesisHash, blocks, state, history, cassandra, signingRecord } = parts;
  const feed = new BlockFeed((error) => {
    logger.error({ err: error }, "a listener to blocks failed");
    if (isDamage(error)) {
      fail(error);
    }
  });
  const writeBehind = new WriteBehind(state, history, clock, fail, async (heightWritten) => {
    if (retainBlocks !== undefined) {
      // The state's own block stays: a start compares its root.
      const written = Math.min(heightWritten, cassandra?.writtenHeight ?? heightWritten);
      await blocks.dropBelow(Math.min(written, blocks.lastHeight - retainBlocks + 1));
    }
  });
  let engine: WiredEngine["engine"] | undefined;
  const verifyBatch: EngineWiring["verifyBatch"] = (transactions, prefix) =>
    verifyPool.verifyTransactions(transactions, prefix);
  const ledger = makeLedger(ledgerAccounts, callPool);
  const mempool = new Mempool({
    state,
    ledger,
    genesisHash,
    verifyBatch,
    batchesAtOnce: Math.max(1, verifyPool.workers) * BATCHES_AHEAD_PER_WORKER,
    clock,
    onExpired: (ids, height) => feed.publishExpired(ids, height),
    onOvertaken: (ids, height) => feed.publishOvertaken(ids, height),
    onReady: () => engine?.notifyReady(),
  });
  const genesisTimeMs = chain.genesis.timeMs;
  const application = new Application({ genesisHash, genesisTimeMs, state, blocks, mempool, ledger });
  const wiring: EngineWiring = {
    genesisHash,
    keys: keys.delegates,
    signingRecord,
    application,
    mempool,
    state,
    blocks,
    clock,
    random,
    logger,
    version,
    verifyBatch,
    snapshots,
    retainBlocks,
    onCommitted: async (block: CommittedBlock) => {
      warnOfUpgrade(state, block.height, logger);
      history.add(blocks.latest ?? block);
      cassandra?.poke();
      feed.publish(block);
      // Tables are earned by what was committed and paid for, so that a flood of strange keys earns nothing.
      verifyPool.countCommitted(signerKeys(block.transactions));
      await writeBehind.afterBlock();
    },
    onFailure: fail,
  };
  const wired = follow ? wireFollow(wiring, follow) : comet ? wireComet(wiring, comet) : wireSolo(wiring);
  engine = wired.engine;
  return { feed, writeBehind, ...wired };
}

/** Heights between two warnings that this node is too old for what the chain decided. */
const UPGRADE_WARNING_BLOCKS = 1_000;

function warnOfUpgrade(state: State, height: number, logger: Logger): void {
  const upgrade = upgradeNeeded(state);
  if (upgrade !== undefined && (height % UPGRADE_WARNING_BLOCKS === 0 || upgrade.heightActive - height < 10)) {
    logger.warn(
      { ...upgrade },
      "the chain will follow a version of the protocol that this node doesn't know: update it",
    );
  }
}

/** The API keys that the operator gave out. */
function openApiKeys(directory: string, logger: Logger): ApiKeys {
  return new ApiKeys(directory, (error) => {
    logger.error({ err: error }, "the file of API keys can't be used; those read before stay");
  });
}

/** What the API asks of contracts: as in a block of the latest height and time. */
function contractQuestions({ state, blocks, chain, genesisHash }: NodeParts): ApiContracts {
  return {
    abi: (source) => inspectContract(source, readParameters(state).gas),
    view: (call) => {
      const timeMs = blocks.latest?.block.header.timeMs ?? chain.genesis.timeMs;
      return viewContract(state, { height: state.height, timeMs, genesisHash }, call);
    },
  };
}

export class Node {
  private stopped: Promise<void> | undefined;

  private constructor(
    /** Where its API answers. */
    readonly url: string,
    readonly genesisHash: Uint8Array,
    /** Blocks that were in the log and not yet in the state's store. */
    readonly recoveredBlocks: number,
    readonly height: number,
    private readonly releases: Releases,
  ) {}

  /** Opens or begins the chain in the data directory and serves it. */
  static async start(options: NodeOptions, environment: NodeEnvironment): Promise<Node> {
    const releases = new Releases();
    try {
      const parts = await openNodeParts(options, environment);
      releases.add(parts.close);
      return await Node.run(parts, options, environment, releases);
    } catch (error) {
      // Why it did not start says more than what then could not be closed.
      await releases.run().catch(() => undefined);
      throw error;
    }
  }

  private static async run(
    parts: NodeParts,
    options: NodeOptions,
    environment: NodeEnvironment,
    releases: Releases,
  ): Promise<Node> {
    const { chain, genesisHash, blocks, state, history, recoveredBlocks } = parts;
    const { workers, keyTableCacheBytes, host, port, originsAllowed, version } = options;
    const keys = holdKeys(chain);
    releases.add(async () => {
      for (const key of [...keys.delegates, keys.faucet]) {
        key?.forget();
      }
    });
    const { verifyPool: handedPool, clock } = environment;
    const verifyPool = handedPool ?? (await VerifyPool.start({ workers, keyTableCacheBytes, clock }));
    if (handedPool === undefined) {
      releases.add(() => verifyPool.close());
    }
    const { contractWorkers = 0 } = options;
    const callPool = contractWorkers > 0 ? CallPool.start(contractWorkers) : undefined;
    releases.add(async () => callPool?.close());
    const snapshots =
      options.comet?.snapshots &&
      (await SnapshotShelf.open(state, {
        ...options.comet.snapshots,
        directory: join(options.dataDirectory, "snapshots"),
        genesis: chain.genesis,
        genesisHash,
        onFailure: (height, error) => environment.logger.error({ height, err: error }, "a snapshot could not be made"),
      }));
    releases.add(async () => snapshots?.settle());
    let ready = true;
    let failed = false;
    const fail = (error: unknown): void => {
      ready = false;
      if (!failed) {
        failed = true;
        environment.onFailure(error);
      }
    };
    const running = wireConsensus(parts, options, environment, verifyPool, { keys, callPool, snapshots }, fail);
    const { feed, clientMempool, engine, writeBehind } = running;
    releases.add(() => writeBehind.settle());
    // A simulator's node has no directory of the machine's.
    const apiKeys = environment.uws === undefined ? openApiKeys(options.dataDirectory, environment.logger) : undefined;
    const isDevelopment = chain.genesis.development;
    const nodeChain = { genesisHash, state, blocks, feed, isDevelopment };
    const merchant = await startMerchantInNode(nodeChain, options, environment, apiKeys);
    releases.add(async () => merchant?.stop());
    const faucet = keys.faucet && new Faucet(keys.faucet, genesisHash, state, clientMempool);
    const api = await startApi(
      {
        genesis: chain.genesis,
        genesisHash,
        state,
        mempool: clientMempool,
        blocks,
        history,
        payments: parts.payments,
        feed,
        contracts: contractQuestions(parts),
        ...(chain.genesis.development && faucet ? { faucet: faucet.give.bind(faucet) } : {}),
        logger: environment.logger,
        clock: environment.clock,
        version,
        ready: () => ready && engine.isFollowing,
        onFailure: (error) => {
          if (isDamage(error)) {
            fail(error);
          }
        },
      },
      {
        host,
        port,
        originsAllowed,
        ...(options.trustedProxies === undefined ? {} : { trustedProxies: options.trustedProxies }),
        ...(options.tls === undefined ? {} : { tls: options.tls }),
        ...(apiKeys === undefined ? {} : { apiKeys }),
        ...(merchant === undefined ? {} : { mount: merchant.mount }),
        // The process is the machine's: whoever stands in for its network has it from elsewhere.
        ...(environment.uws === undefined ? {} : { uws: environment.uws, processMetrics: false }),
      },
    );
    releases.add(() => api.close());
    releases.add(async () => merchant?.closeRoutes());
    const stopWarming = warmState(state, clock, fail);
    releases.add(async () => stopWarming());
    await engine.start();
    releases.add(() => {
      ready = false;
      return engine.stop();
    });
    return new Node(api.url, genesisHash, recoveredBlocks, state.height, releases);
  }

  /** Finishes the block under way, writes everything behind and lets go of the directory. */
  stop(): Promise<void> {
    this.stopped ??= this.releases.run();
    return this.stopped;
  }
}
