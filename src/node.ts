// The composition root: makes every part of a node, wires them, and stops them in order. It decides nothing.

import { type ApiServer, startApi } from "./api/startApi.js";
import { fromHex } from "./base/bytes.js";
import { Application } from "./consensus/application.js";
import { type DelegateKey, delegateKeyOfSeed } from "./consensus/delegateKey.js";
import { Faucet } from "./consensus/solo/faucet.js";
import { SoloEngine } from "./consensus/solo/soloEngine.js";
import { BlockFeed } from "./events/blockFeed.js";
import { Mempool } from "./mempool/mempool.js";
import { type NodeEnvironment, type NodeOptions, type NodeParts, openNodeParts } from "./nodeParts.js";
import { VerifyPool } from "./pool/verifyPool.js";
import { readParameters } from "./state/views.js";
import type { CommittedBlock } from "./storage/committedBlock.js";
import { WriteBehind } from "./writeBehind.js";

function keyOfHexSeed(seed: string): DelegateKey {
  const bytes = fromHex(seed);
  if (bytes?.length !== 32) {
    throw new Error("keys.json is damaged: expected seeds of 64 hex digits");
  }
  return delegateKeyOfSeed(bytes);
}

/** What runs on top of the opened parts. */
interface RunningParts {
  feed: BlockFeed;
  mempool: Mempool;
  engine: SoloEngine;
  writeBehind: WriteBehind;
}

/** Wires mempool, application and engine: what is committed goes to history, listeners, key tables and write-behind, in this order. */
function wireConsensus(
  parts: NodeParts,
  { clock, logger }: NodeEnvironment,
  verifyPool: VerifyPool,
  fail: (error: unknown) => void,
): RunningParts {
  const { chain, genesisHash, blocks, state, history } = parts;
  const feed = new BlockFeed((error) => logger.error({ err: error }, "a listener to blocks failed"));
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
  const { blockIntervalMs, heartbeatIntervalMs } = readParameters(state);
  engine = new SoloEngine(application, clock, {
    genesisHash,
    keys: chain.keys.delegates.map(keyOfHexSeed),
    blockIntervalMs,
    heartbeatIntervalMs,
    hasWork: () => mempool.readyCount > 0,
    onCommitted: (block: CommittedBlock) => {
      history.add(block);
      feed.publish(block);
      // Tables are earned by what was committed and paid for, so that a flood of strange keys earns nothing.
      verifyPool.countCommitted(block.transactions.flatMap(({ signers }) => signers.map((signer) => signer.publicKey)));
      writeBehind.afterBlock();
    },
    onFailure: fail,
  });
  return { feed, mempool, engine, writeBehind };
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
    const parts = await openNodeParts(options, environment);
    try {
      return await Node.run(parts, options, environment);
    } catch (error) {
      await parts.close();
      throw error;
    }
  }

  private static async run(parts: NodeParts, options: NodeOptions, environment: NodeEnvironment): Promise<Node> {
    const { chain, genesisHash, blocks, state, history, recoveredBlocks } = parts;
    const { workers, keyTableCacheBytes, host, port, originsAllowed, version } = options;
    const verifyPool = await VerifyPool.start({ workers, keyTableCacheBytes });
    let ready = true;
    let failed = false;
    const fail = (error: unknown): void => {
      ready = false;
      if (!failed) {
        failed = true;
        environment.onFailure(error);
      }
    };
    const { feed, mempool, engine, writeBehind } = wireConsensus(parts, environment, verifyPool, fail);
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
        ...(chain.genesis.development ? { faucet: faucet.give.bind(faucet) } : {}),
        logger: environment.logger,
        clock: environment.clock,
        version,
        ready: () => ready,
      },
      { host, port, originsAllowed },
    );
    await engine.start();
    const stopAll = async (): Promise<void> => {
      ready = false;
      await engine.stop();
      await api.close();
      await verifyPool.close();
      await writeBehind.settle();
      await parts.close();
    };
    return new Node(`http://${host}:${api.port}`, genesisHash, recoveredBlocks, state.height, stopAll);
  }

  /** Finishes the block under way, writes everything behind and lets go of the directory. */
  stop(): Promise<void> {
    return this.stopAll();
  }
}
