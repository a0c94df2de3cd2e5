// Makes the engine that drives the application: solo, or CometBFT where the node is joined to others.

import { assert } from "./base/assert.js";
import type { Clock } from "./base/clock.js";
import type { Logger } from "./base/logging.js";
import type { Random } from "./base/random.js";
import type { Application } from "./consensus/application.js";
import { CometEngine } from "./consensus/comet/cometEngine.js";
import { engineBlockBytes } from "./consensus/comet/engineFiles.js";
import { EngineProcess } from "./consensus/comet/engineProcess.js";
import { LateCertificates } from "./consensus/comet/lateCertificates.js";
import { Outbox } from "./consensus/comet/outbox.js";
import { Pacing } from "./consensus/comet/pacing.js";
import { reportMisbehavior } from "./consensus/comet/reportMisbehavior.js";
import { SignerConnection } from "./consensus/comet/signerConnection.js";
import { SpreadingMempool } from "./consensus/comet/spread.js";
import { VoteSigner } from "./consensus/comet/voteSigner.js";
import type { ConsensusEngine } from "./consensus/consensusEngine.js";
import type { DelegateKey } from "./consensus/delegateKey.js";
import { FollowEngine } from "./consensus/follow/followEngine.js";
import { VerifyPolicy } from "./consensus/follow/verifyMode.js";
import type { SigningRecord } from "./consensus/signingRecord.js";
import { SoloEngine } from "./consensus/solo/soloEngine.js";
import { UnseenTransactions } from "./consensus/unseenTransactions.js";
import { keepWrongResult } from "./consensus/wrongResult.js";
import type { CometNodeOptions, FollowNodeOptions } from "./engineOptions.js";
import { intervalsOf } from "./intervals.js";
import type { Mempool } from "./mempool/mempool.js";
import type { VerifyBatch } from "./mempool/signatureBatcher.js";
import { PeerBlocks } from "./peerBlocks.js";
import { PeerList } from "./peerList.js";
import { PeerRelay } from "./peerRelay.js";
import type { Delegate } from "./protocol/delegates.js";
import { PROPOSALS_LEAF } from "./protocol/officeLeaves.js";
import { systemKey } from "./protocol/stateLeaves.js";
import type { SnapshotShelf } from "./snapshotShelf.js";
import type { State } from "./state/state.js";
import { readDelegates, readParameters } from "./state/views.js";
import type { BlockStore } from "./storage/blockStore.js";
import type { CommittedBlock } from "./storage/committedBlock.js";

const proposalsKey = systemKey(PROPOSALS_LEAF);

export interface EngineWiring {
  genesisHash: Uint8Array;
  keys: DelegateKey[];
  signingRecord: SigningRecord | undefined;
  application: Application;
  mempool: Mempool;
  state: State;
  blocks: BlockStore;
  clock: Clock;
  random: Random;
  logger: Logger;
  version: string;
  verifyBatch: VerifyBatch;
  /** What joining nodes are given. */
  snapshots: SnapshotShelf | undefined;
  /** Blocks that are kept; all where undefined. */
  retainBlocks: number | undefined;
  onCommitted: (block: CommittedBlock) => unknown;
  onFailure: (error: unknown) => void;
}

export interface WiredEngine {
  engine: ConsensusEngine;
  /** The mempool as the node's own clients reach it. */
  clientMempool: Mempool | SpreadingMempool;
}

export function wireSolo(wiring: EngineWiring): WiredEngine {
  const { application, clock, genesisHash, keys, signingRecord, mempool, state, onCommitted, onFailure } = wiring;
  assert(signingRecord !== undefined, "who signs keeps a record of it");
  const hasWork = (): boolean => mempool.readyCount > 0;
  const engine = new SoloEngine(application, clock, {
    genesisHash,
    keys,
    signingRecord,
    intervals: intervalsOf(state),
    hasWork,
    onCommitted,
    onFailure,
  });
  return { engine, clientMempool: mempool };
}

export function wireComet(wiring: EngineWiring, comet: CometNodeOptions): WiredEngine {
  const { application, clock, genesisHash, keys, mempool, state, blocks, logger, snapshots, onFailure } = wiring;
  const outbox = new Outbox();
  const pacing = new Pacing(clock, { intervals: intervalsOf(state), hasWork: () => mempool.readyCount > 0 });
  const certificates = new LateCertificates({
    rpcPort: comet.rpcPort,
    genesisHash,
    blocks,
    delegatesOf: (height) => delegatesOf(state, height),
    onMissing: (height, error) => logger.info({ height, err: error }, "the block's certificate comes later"),
  });
  const clientMempool = new SpreadingMempool(mempool, outbox);
  const { rpcPort, evidenceDirectory: directory } = comet;
  /** Heights whose blocks hold evidence that is being reported: it is read from the engine, which keeps them meanwhile. */
  const reporting = new Set<number>();
  const onMisbehavior = (height: number, delegates: Delegate[]): void => {
    reporting.add(height);
    const reporter = { rpcPort, genesisHash, key: keys[0], state, mempool: clientMempool, directory, logger };
    reportMisbehavior(reporter, height, delegates)
      .catch((error: unknown) => {
        logger.error({ height, err: error }, "evidence against a delegate could not be reported");
      })
      .finally(() => reporting.delete(height));
  };
  const signerSocket = comet.signer?.socketPath;
  const process = comet.process && new EngineProcess({ ...comet.process, signerSocket, clock, logger, onFailure });
  const signer = wireSigner(wiring, signerSocket);
  const engine = new CometEngine(
    { application, mempool, outbox, pacing, certificates, snapshots, process, signer, clock, logger },
    {
      genesisHash,
      key: keys[0],
      socketPath: comet.socketPath,
      relays: comet.relays,
      version: wiring.version,
      verifyBatch: wiring.verifyBatch,
      onMisbehavior,
      onWrongResult: (block) => {
        keepWrongResult(directory, block).catch((error: unknown) => {
          logger.error({ height: block.header.height, err: error }, "a proposer's wrong result could not be kept");
        });
      },
      retainHeight: (height) => retainHeight(wiring, height, reporting),
      stateRoot: () => state.root,
      engineBlockBytes: () => (hasVoted(state) ? engineBlockBytes(readParameters(state)) : undefined),
      onCommitted: (block) => {
        snapshots?.onCommitted(block);
        return wiring.onCommitted(block);
      },
      onFailure,
    },
  );
  return { engine, clientMempool };
}

/** What signs for the engine; undefined where that holds the key itself. */
function wireSigner(wiring: EngineWiring, socketPath: string | undefined): SignerConnection | undefined {
  const { genesisHash, keys, signingRecord: record, clock, logger, onFailure } = wiring;
  if (socketPath === undefined) {
    return undefined;
  }
  assert(record !== undefined && keys.length === 1, "who signs has one key and keeps a record of it");
  const signer = new VoteSigner({ genesisHash, key: keys[0], record, logger });
  return new SignerConnection({ socketPath, answer: (frame) => signer.answer(frame), clock, onFailure });
}

/**
 * The lowest height that the engine keeps: whoever joins by a snapshot asks its peers for all blocks after it. What evidence may name, headers
 * and delegates, the engine keeps by itself for as long as evidence counts.
 */
function retainHeight({ retainBlocks, snapshots }: EngineWiring, height: number, reporting: Set<number>): number {
  if (retainBlocks === undefined) {
    return 0;
  }
  const oldest = snapshots?.list()[0]?.height ?? Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(height - retainBlocks + 1, oldest + 1, ...reporting));
}

/** The engine of a node that follows others: it asks them for blocks, and hands them what its clients send. */
export function wireFollow(wiring: EngineWiring, follow: FollowNodeOptions): WiredEngine {
  const { application, clock, random, genesisHash, mempool, logger, verifyBatch, onCommitted, onFailure } = wiring;
  const peers = new PeerList(follow.peers);
  const relay = new PeerRelay(peers, clock, logger);
  const unseen = new UnseenTransactions(mempool, verifyBatch, genesisHash);
  const policy = new VerifyPolicy(follow.verify, clock, random);
  const source = new PeerBlocks(peers, logger);
  const engine = new FollowEngine(
    { application, source, relay, policy, clock, logger },
    {
      genesisHash,
      readVerified: (encoded) => unseen.read(encoded),
      onWrongResult: ({ block, certificate }) => keepWrongResult(follow.evidenceDirectory, block, certificate),
      onCommitted,
      onFailure,
    },
  );
  return { engine, clientMempool: new SpreadingMempool(mempool, relay) };
}

/** Whether anybody ever proposed a change: until then the engine's limits are those of its genesis. */
function hasVoted(state: State): boolean {
  return state.get(proposalsKey) !== undefined;
}

/** The delegates that sign a height: those of the state before it, as far back as that is kept. */
function delegatesOf(state: State, height: number): ReturnType<typeof readDelegates> {
  const before = height - 1;
  if (before >= state.height || before < state.oldestHeight) {
    return readDelegates(state);
  }
  return readDelegates({ get: (key) => state.getAt(before, key) });
}
