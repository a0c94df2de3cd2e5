// The engine of several machines: CometBFT decides on blocks and calls the application over ABCI. A proposal is executed by its
// proposer and again by everybody who votes for it; what was executed once is kept until a block of its height is committed.
// Commit makes the block durable, in one step, before it answers, and never ahead of it.

import { assert } from "../../base/assert.js";
import { ByteSlab } from "../../base/byteSlab.js";
import { bytesKey, equalBytes, toHex } from "../../base/bytes.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logging.js";
import type { Mempool } from "../../mempool/mempool.js";
import type { VerifyBatch } from "../../mempool/signatureBatcher.js";
import { type Block, type BlockHeader, decodeResult } from "../../protocol/block.js";
import { cometAddress, cometChainId, cometTimeMs } from "../../protocol/comet.js";
import type { Delegate } from "../../protocol/delegates.js";
import { CodedError } from "../../protocol/errors.js";
import { SHARED_FORMAT } from "../../state/snapshot/manifestPieces.js";
import type { CommittedBlock } from "../../storage/committedBlock.js";
import type { Application, ExecutedBlock } from "../application.js";
import type { ConsensusEngine } from "../consensusEngine.js";
import type { DelegateKey } from "../delegateKey.js";
import { UnseenTransactions } from "../unseenTransactions.js";
import {
  type AbciRequest,
  type BlockRequest,
  decodeBlockRequest,
  decodeFirstBytes,
  decodeFirstNumber,
  decodeInitChain,
  encodeCommitAnswer,
  encodeFinalizeAnswer,
  encodeInfo,
  encodeInitChainAnswer,
  encodeList,
  encodeNumber,
  encodeRefusal,
} from "./abciMessages.js";
import { AbciServer } from "./abciServer.js";
import { blockEntries, blockOfEntries, ENTRY_OVERHEAD_BYTES, headerOfEntries } from "./blockEntries.js";
import { decodeBundle } from "./bundle.js";
import type { EngineProcess } from "./engineProcess.js";
import type { LateCertificates } from "./lateCertificates.js";
import type { Outbox } from "./outbox.js";
import type { Pacing } from "./pacing.js";
import type { SignerConnection } from "./signerConnection.js";
import { decodeChunkRequest, encodeChunk, encodeSnapshotList, type SnapshotName } from "./snapshotMessages.js";
import { validatorUpdates } from "./validatorUpdates.js";

const ACCEPT = 1;
const REJECT = 2;
const REFUSED = 1;
const EMPTY = new Uint8Array(0);
/** Proposals of one height that are kept executed: one a round, and rounds after the first are rare. */
const EXECUTED_MAX = 4;
/** A chain commits a block every some seconds at the latest; a node without one for this long is cut off or stopped. */
const FOLLOWING_MS = 30_000;

export interface CometOptions {
  genesisHash: Uint8Array;
  /** What this node proposes with; undefined where it only follows. */
  key: DelegateKey | undefined;
  socketPath: string;
  /** Whether it hands transactions of one peer on to the others. */
  relays: boolean;
  version: string;
  verifyBatch: VerifyBatch;
  /** Told of a block of this node's own that holds evidence against delegates of its height. */
  onMisbehavior: (height: number, delegates: Delegate[]) => void;
  /** Told of a proposal whose signed result is not this node's own. */
  onWrongResult: (block: Block) => void;
  /** The lowest height whose block the engine shall keep, given the latest; 0: all. */
  retainHeight: (height: number) => number;
  /** The root of the state, for the engine to compare with other nodes'. */
  stateRoot: () => Uint8Array;
  /** The most bytes of the engine's blocks as the chain has voted; undefined: what its genesis says. */
  engineBlockBytes: () => number | undefined;
  /** Told of each block after it became durable and visible; the next one waits for what it returns. */
  onCommitted: (block: CommittedBlock) => unknown;
  /** Told once when the node can't go on. */
  onFailure: (error: unknown) => void;
}

/** Snapshots of the state that this node has. */
export interface SnapshotSource {
  list(): SnapshotName[];
  /** Undefined where it has no such chunk. */
  chunk(height: number, index: number): Promise<Uint8Array | undefined>;
}

export interface CometParts {
  application: Application;
  mempool: Mempool;
  outbox: Outbox;
  pacing: Pacing;
  certificates: LateCertificates;
  /** What joining nodes are given; undefined where this one makes no snapshots. */
  snapshots: SnapshotSource | undefined;
  /** Undefined where the operator runs the engine. */
  process: EngineProcess | undefined;
  /** Undefined where the engine holds its key itself. */
  signer: SignerConnection | undefined;
  clock: Clock;
  logger: Logger;
}

/** A block that was executed, with all that its result follows from. */
interface Kept {
  entries: Uint8Array[];
  previousSigners: number[];
  executed: ExecutedBlock;
}

export class CometEngine implements ConsensusEngine {
  private server: AbciServer | undefined;
  /** Executed blocks of the next height, the oldest first. */
  private kept: Kept[] = [];
  /** What peers' transactions are kept in. */
  private readonly slab = new ByteSlab();
  private decided: Kept | undefined;
  private hasMisbehavior = false;
  private lastCommitMs = Number.NEGATIVE_INFINITY;
  private readonly unseen: UnseenTransactions;
  /** The request of a block that is under way. */
  private working: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly parts: CometParts,
    private readonly options: CometOptions,
  ) {
    this.unseen = new UnseenTransactions(parts.mempool, options.verifyBatch, options.genesisHash);
  }

  async start(): Promise<void> {
    const { socketPath, onFailure } = this.options;
    this.server = await AbciServer.listen(socketPath, (request) => this.handle(request), onFailure);
    await this.parts.process?.start();
    this.parts.signer?.start();
  }

  async stop(): Promise<void> {
    this.parts.pacing.release();
    await this.parts.process?.stop();
    await this.parts.signer?.stop();
    await this.working.catch(() => undefined);
    await this.parts.certificates.stop();
    await this.server?.close();
  }

  get isFollowing(): boolean {
    const { clock } = this.parts;
    return clock.monotonicMs() - this.lastCommitMs < FOLLOWING_MS;
  }

  notifyReady(): void {
    this.parts.pacing.notifyReady();
  }

  private handle({ name, body }: AbciRequest): Uint8Array | Promise<Uint8Array> {
    switch (name) {
      case "echo":
        return body;
      case "info":
        return this.info();
      case "initChain":
        return this.initChain(decodeInitChain(body).chainId);
      case "checkTransaction":
        return encodeRefusal(REFUSED, "send transactions to the node's own API");
      case "query":
        return encodeRefusal(REFUSED, "ask the node's own API");
      case "insertTransaction":
        return this.insert(decodeFirstBytes(body));
      case "reapTransactions":
        return encodeList(this.parts.outbox.take(decodeFirstNumber(body)));
      case "prepareProposal":
        return this.track(this.prepareProposal(decodeBlockRequest(name, body)));
      case "processProposal":
        return this.track(this.processProposal(decodeBlockRequest(name, body)));
      case "finalizeBlock":
        return this.track(this.finalizeBlock(decodeBlockRequest(name, body)));
      case "commit":
        return this.track(this.commit());
      case "listSnapshots":
        return encodeSnapshotList(this.parts.snapshots?.list() ?? []);
      case "loadSnapshotChunk":
        return this.snapshotChunk(decodeChunkRequest(body));
      default:
        // Flush, and what this application has nothing to say to: vote extensions, snapshots that are offered.
        return EMPTY;
    }
  }

  private track(work: Promise<Uint8Array>): Promise<Uint8Array> {
    this.working = work;
    return work;
  }

  private async snapshotChunk({ height, format, chunk }: ReturnType<typeof decodeChunkRequest>): Promise<Uint8Array> {
    const { snapshots } = this.parts;
    return encodeChunk((format === SHARED_FORMAT && (await snapshots?.chunk(height, chunk))) || EMPTY);
  }

  private async info(): Promise<Uint8Array> {
    // An engine that was killed may have left a block under way, which would be committed after this answer.
    await this.working.catch(() => undefined);
    const { application } = this.parts;
    const { version, stateRoot } = this.options;
    const applicationHash = application.height === 0 ? EMPTY : stateRoot();
    return encodeInfo({ version, height: application.height, applicationHash });
  }

  private initChain(chainId: string): Uint8Array {
    const expected = cometChainId(this.options.genesisHash);
    if (chainId !== expected) {
      throw new Error(`the engine's chain is ${chainId}, but this node's genesis.json is that of ${expected}`);
    }
    return encodeInitChainAnswer(this.parts.application.delegates, this.options.stateRoot());
  }

  /** A peer's bundle: admission goes on after the answer. What is refused there is the peer's or its client's loss. */
  private insert(bytes: Uint8Array): Uint8Array {
    const { mempool, outbox, logger } = this.parts;
    const { relays, onFailure } = this.options;
    try {
      const transactions = decodeBundle(bytes, this.slab);
      const admitted = mempool.submit(transactions);
      // The bundle as it came, so that engines which have it know it.
      admitted.then((results) => {
        if (relays && results.some(({ error }) => error === undefined)) {
          outbox.relay(bytes.slice());
        }
      }, onFailure);
      return EMPTY;
    } catch (error) {
      if (!(error instanceof CodedError)) {
        throw error;
      }
      logger.warn({ code: error.code }, `a peer's bundle was refused: ${error.message}`);
      return encodeNumber(REFUSED);
    }
  }

  private async prepareProposal(request: BlockRequest): Promise<Uint8Array> {
    const { application, pacing } = this.parts;
    const { key } = this.options;
    assert(key !== undefined, "the engine proposes, but this node holds no delegate's key");
    await pacing.untilDue();
    pacing.onProposal();
    const bytesMax = request.bytesMax - ENTRY_OVERHEAD_BYTES;
    const previousSigners = this.previousSigners(request);
    const executed = application.propose(key, cometTimeMs(request.time), bytesMax, previousSigners);
    const entries = blockEntries(executed.block);
    this.keep({ entries, previousSigners, executed });
    return encodeList(entries);
  }

  private async processProposal(request: BlockRequest): Promise<Uint8Array> {
    this.parts.pacing.onProposal();
    try {
      await this.execute(request);
      return encodeNumber(ACCEPT);
    } catch (error) {
      if (!(error instanceof CodedError)) {
        throw error;
      }
      const { height, proposerAddress } = request;
      const { code, message, details } = error;
      const proposer = toHex(proposerAddress);
      this.parts.logger.warn({ height, proposer, code, details }, `a proposal was refused: ${message}`);
      if (code === "BAD_RESULT") {
        this.options.onWrongResult(blockOfEntries(request.entries));
      }
      return encodeNumber(REJECT);
    }
  }

  private keep(kept: Kept): void {
    this.kept = [...this.kept.slice(1 - EXECUTED_MAX), kept];
  }

  /** The block's own execution, from before or done now. Throws a coded error for a block that may not stand. */
  private async execute(request: BlockRequest): Promise<Kept> {
    const { entries } = request;
    this.expectHeader(headerOfEntries(entries), request);
    const previousSigners = this.previousSigners(request);
    // Whoever signed the block before is in no entry and yet in the result: the same entries may come with other signers.
    const known = this.kept.find(
      (kept) =>
        kept.entries.every((entry, i) => Buffer.compare(entry, entries[i]) === 0) &&
        String(kept.previousSigners) === String(previousSigners),
    );
    if (known !== undefined) {
      return known;
    }
    const executed = await this.parts.application.process(
      blockOfEntries(entries),
      (encoded) => this.unseen.read(encoded),
      previousSigners,
    );
    const kept = { entries, previousSigners, executed };
    this.keep(kept);
    return kept;
  }

  /** Time and proposer are the engine's to say, so that no proposer can make them up. */
  private expectHeader(header: BlockHeader, request: BlockRequest): void {
    const timeMs = cometTimeMs(request.time);
    if (header.timeMs !== timeMs) {
      throw new CodedError("BAD_BLOCK", `expected time ${timeMs}, got ${header.timeMs}`);
    }
    if (!equalBytes(cometAddress(header.proposer), request.proposerAddress)) {
      throw new CodedError("BAD_BLOCK", `expected the proposer ${toHex(request.proposerAddress)}, got another`);
    }
  }

  /** Indexes of the delegates whose votes for the block before this block holds, in ascending order. */
  private previousSigners(request: BlockRequest): number[] {
    const signers = new Set(request.previousSigners.map(bytesKey));
    return this.parts.application.delegates.flatMap(({ publicKey }, index) =>
      signers.has(bytesKey(cometAddress(publicKey))) ? [index] : [],
    );
  }

  private async finalizeBlock(request: BlockRequest): Promise<Uint8Array> {
    try {
      this.decided = await this.execute(request);
    } catch (error) {
      // More than two thirds agreed on what this node finds wrong: it must not follow, and stops with the evidence in its log.
      const entries = request.entries.map(toHex);
      this.parts.logger.fatal(
        { height: request.height, err: error, entries },
        "the delegates decided on a wrong block",
      );
      if (error instanceof CodedError && error.code === "BAD_RESULT") {
        this.options.onWrongResult(blockOfEntries(request.entries));
      }
      throw error;
    }
    this.hasMisbehavior = request.misbehavior.length > 0;
    const { block, writeSet } = this.decided.executed;
    const { round, delegates } = this.parts.application;
    const updates = validatorUpdates(round, delegates, request.height, writeSet);
    const { stateRoot } = decodeResult(block.result);
    return encodeFinalizeAnswer(request.entries.length, updates, stateRoot, this.options.engineBlockBytes());
  }

  private async commit(): Promise<Uint8Array> {
    const { decided } = this;
    assert(decided !== undefined, "a block is committed after it was decided");
    const { application, certificates } = this.parts;
    const { key, onMisbehavior, onCommitted } = this.options;
    const { delegates } = application;
    const { executed, entries } = decided;
    const certificate = await certificates.ofDecided(executed.block.header, entries);
    const committed = await application.commit(executed, certificate);
    this.lastCommitMs = this.parts.clock.monotonicMs();
    this.decided = undefined;
    this.kept = [];
    certificates.catchUp();
    await onCommitted(committed);
    if (this.hasMisbehavior && key !== undefined && equalBytes(committed.block.header.proposer, key.publicKey)) {
      onMisbehavior(committed.height, delegates);
    }
    return encodeCommitAnswer(this.options.retainHeight(committed.height));
  }
}
