// The chain's application as an engine drives it: propose a block with its result, check a proposed one, commit an agreed one.
// Executing changes nothing; only `commit` does, in the order log (durable), state, mempool.

import { assert } from "../base/assert.js";
import { equalBytes, toHex } from "../base/bytes.js";
import type { BlockResult } from "../execution/executeBlock.js";
import { KernelLedger, type Ledger } from "../execution/kernel/kernelLedger.js";
import type { Mempool } from "../mempool/mempool.js";
import {
  type Block,
  type BlockHeader,
  blockHash,
  type DelegateTally,
  decodeResult,
  encodeResult,
  encodeTally,
  type ResultRecord,
  resultMessage,
  transactionsRootOf,
} from "../protocol/block.js";
import type { Certificate } from "../protocol/certificate.js";
import { type Delegate, delegateSetHash } from "../protocol/delegates.js";
import { encodePackedWriteSet } from "../protocol/encodePackedWriteSet.js";
import { CodedError } from "../protocol/errors.js";
import { receiptsRoot } from "../protocol/receipt.js";
import { nextTally, type Round, rotationAt } from "../protocol/round.js";
import { expectSeedProven, owesSeed, seedInput } from "../protocol/seed.js";
import type { Transaction } from "../protocol/transaction.js";
import { decodeWriteSet, writeSetHash } from "../protocol/writeSet.js";
import type { PreparedState, State } from "../state/state.js";
import { readDelegates, readParameters, readRound, readSeed } from "../state/views.js";
import type { BlockStore } from "../storage/blockStore.js";
import type { CommittedBlock } from "../storage/committedBlock.js";
import { ed25519 } from "../wasm/ed25519.js";
import { merkleLeafHashes, merkleRootOfHashes } from "../wasm/sha256.js";
import type { DelegateKey } from "./delegateKey.js";
import { expectKnownVersion } from "./upgradeNeeded.js";

export interface ApplicationServices {
  genesisHash: Uint8Array;
  genesisTimeMs: number;
  state: State;
  blocks: BlockStore;
  mempool: Mempool;
  /** What executes blocks: the kernel unless told otherwise (`twinLedger`), with the same results. */
  ledger?: Ledger;
}

/** A block together with what executing it gave, not yet part of the chain. */
export interface ExecutedBlock {
  block: Block;
  hash: Uint8Array;
  transactions: Transaction[];
  receipts: Uint8Array[];
  writeSet: Uint8Array;
  prepared: PreparedState;
  /** What waited and could not stand in the block, which this node made. */
  dropped: BlockResult["dropped"];
}

/** Reads a block's transactions and verifies their signatures. Throws BAD_SIGNATURE, or as decoding does. */
export type ReadVerified = (encoded: Uint8Array[]) => Promise<Transaction[]>;

type ResultContent = Omit<ResultRecord, "proposer" | "signature">;

export class Application {
  private readonly ledger: Ledger;

  constructor(private readonly services: ApplicationServices) {
    this.ledger = services.ledger ?? new KernelLedger();
  }

  /** The height of the latest committed block; 0 before the first. */
  get height(): number {
    return this.services.state.height;
  }

  /** The delegates that agree on the next block. */
  get delegates(): Delegate[] {
    return readDelegates(this.services.state);
  }

  /** The round that the next block belongs to. */
  get round(): Round {
    return readRound(this.services.state);
  }

  /** What the latest block's record says of its delegates' work; empty before the first. */
  get tallyLatest(): DelegateTally[] {
    const { latest } = this.services.blocks;
    return latest === undefined ? [] : decodeResult(latest.block.result).tally;
  }

  /** Whose turn the next height is, and to whom it passes: all of `count` in the rotation that nobody can alter. */
  turns(count: number): Delegate[] {
    const { state } = this.services;
    const { delegates } = this;
    const rotation = rotationAt(readRound(state), delegates, state.height + 1);
    return rotation.turns(count).map((index) => delegates[index]);
  }

  /** What the next block's record says of the delegates' work, given who signed the latest. Throws BAD_BLOCK. */
  private nextTally(previousSigners: readonly number[] | undefined): DelegateTally[] {
    const { state, blocks } = this.services;
    const { latest } = blocks;
    const previous = latest && {
      height: latest.height,
      proposer: latest.block.header.proposer,
      tally: decodeResult(latest.block.result).tally,
      signers: previousSigners ?? latest.certificate.signatures.map(({ delegate }) => delegate),
    };
    return nextTally(readRound(state), this.delegates, state.height + 1, previous);
  }

  private get parentHash(): Uint8Array {
    return this.services.blocks.latest?.hash ?? this.services.genesisHash;
  }

  /** The earliest time that the next block may carry. */
  get timeMsMin(): number {
    return (this.services.blocks.latest?.block.header.timeMs ?? this.services.genesisTimeMs) + 1;
  }

  /**
   * Builds the next block from the mempool, its transactions and their lengths of at most `bytesMax` bytes, executes it and adds the
   * signed result. `previousSigners`: indexes of the delegates whose signatures the engine's block holds for the latest block; without
   * them those of its stored certificate.
   */
  propose(
    proposer: DelegateKey,
    timeMs: number,
    bytesMax = Number.POSITIVE_INFINITY,
    previousSigners?: readonly number[],
  ): ExecutedBlock {
    const { state, mempool, genesisHash } = this.services;
    const parameters = readParameters(state);
    const height = state.height + 1;
    expectKnownVersion(state, height);
    const candidates = mempool.take(parameters.blockTransactionsMax, parameters.blockBytesMax, bytesMax);
    const tally = this.nextTally(previousSigners);
    const seedProof = this.seedProof(proposer, height);
    const seed = { proposer: proposer.publicKey, proof: seedProof };
    const context = { height, timeMs, genesisHash, tally, parentHash: this.parentHash, seed };
    const execution = this.ledger.executeBlock(state, context, candidates, { onInvalid: "drop" });
    const transactions = execution.included.map((transaction) => transaction.bytes);
    const leafHashes = merkleLeafHashes(transactions);
    const { content, writeSet, prepared } = this.resultOf(height, execution, leafHashes, { tally, seedProof });
    const unsigned = { ...content, proposer: proposer.publicKey };
    const signature = proposer.sign(resultMessage(genesisHash, unsigned));
    const result = encodeResult({ ...unsigned, signature });
    const header: BlockHeader = {
      height,
      timeMs,
      proposer: proposer.publicKey,
      parentHash: this.parentHash,
      transactionsRoot: transactionsRootOf(result, leafHashes),
    };
    return {
      block: { header, result, transactions },
      hash: blockHash(genesisHash, header),
      transactions: execution.included,
      receipts: execution.receipts,
      writeSet,
      prepared,
      dropped: execution.dropped,
    };
  }

  /** The proposer's proof for the chain's seed, where the block owes one. */
  private seedProof(proposer: DelegateKey, height: number): Uint8Array {
    const { state, genesisHash } = this.services;
    const leaf = readSeed(state);
    return owesSeed(leaf, height) ? proposer.proveRandom(seedInput(genesisHash, height, leaf.seed)) : new Uint8Array(0);
  }

  private resultOf(
    height: number,
    execution: BlockResult,
    /** Of the transactions that the execution included. */
    leafHashes: Uint8Array,
    { tally, seedProof }: Pick<ResultRecord, "tally" | "seedProof">,
  ): { content: ResultContent; writeSet: Uint8Array; prepared: PreparedState } {
    const prepared = this.services.state.prepare(execution.changes);
    const writeSet = encodePackedWriteSet(prepared.packed);
    const content: ResultContent = {
      height,
      parentHash: this.parentHash,
      payloadRoot: merkleRootOfHashes(leafHashes),
      stateRoot: prepared.root,
      receiptsRoot: receiptsRoot(execution.receipts),
      writeSetHash: writeSetHash(writeSet),
      delegateSetHash: delegateSetHash(this.delegates),
      tally,
      seedProof,
    };
    return { content, writeSet, prepared };
  }

  /**
   * Checks a block that somebody proposed on top of the latest one: its form, limits and the proposer's turn are the engine's
   * and this function's business, signatures those of `readVerified`, and its result must be the one that this node gets itself
   * (`previousSigners` as for `propose`). Throws BAD_BLOCK, BAD_RESULT or a transaction's own code.
   */
  async process(block: Block, readVerified: ReadVerified, previousSigners?: readonly number[]): Promise<ExecutedBlock> {
    const { state, genesisHash } = this.services;
    const { header, result, transactions: encoded } = block;
    expectKnownVersion(state, header.height);
    this.verifyHeader(header, encoded);
    const leafHashes = merkleLeafHashes(encoded);
    if (!equalBytes(header.transactionsRoot, transactionsRootOf(result, leafHashes))) {
      throw new CodedError("BAD_BLOCK", "the transactions root does not cover the block's entries");
    }
    const record = decodeResult(result);
    const message = resultMessage(genesisHash, record);
    const signed = ed25519.verify(record.signature, message, record.proposer);
    if (!signed || !equalBytes(record.proposer, header.proposer)) {
      throw new CodedError("BAD_RESULT", "the result record is not signed by the block's proposer");
    }
    const transactions = await readVerified(encoded);
    const tally = this.nextTally(previousSigners);
    const { height, timeMs, parentHash } = header;
    const { seedProof, proposer } = record;
    const context = { height, timeMs, genesisHash, tally, parentHash, seed: { proposer, proof: seedProof } };
    const execution = this.ledger.executeBlock(state, context, transactions, { onInvalid: "throw" });
    const { content, writeSet, prepared } = this.resultOf(header.height, execution, leafHashes, { tally, seedProof });
    expectSameResult(content, record);
    return {
      // The transactions' own bytes, so that what the block came in can go.
      block: { header, result, transactions: transactions.map(({ bytes }) => bytes) },
      hash: blockHash(genesisHash, header),
      transactions,
      receipts: execution.receipts,
      writeSet,
      prepared,
      dropped: [],
    };
  }

  /**
   * Takes the result of a block that more than two thirds of the delegates agreed on, without executing it: applies its write set, whose
   * hash their record covers (the caller has checked both), and looks that the root is theirs and that the chain's seed is proven: no
   * number of delegates may choose that. Throws BAD_BLOCK or BAD_RESULT.
   */
  adopt({ block, hash, receipts, writeSet, transactions }: CommittedBlock): ExecutedBlock {
    const { state } = this.services;
    const { header, result } = block;
    expectKnownVersion(state, header.height);
    this.verifyHeader(header, block.transactions);
    const claimed = decodeResult(result);
    const changes = decodeWriteSet(writeSet);
    const by = { proposer: claimed.proposer, proof: claimed.seedProof };
    expectSeedProven(this.services.genesisHash, header.height, readSeed(state), by, changes);
    const prepared = state.prepare(changes);
    const own = {
      parentHash: this.parentHash,
      stateRoot: prepared.root,
      delegateSetHash: delegateSetHash(this.delegates),
    };
    expectSameResult({ ...claimed, ...own, height: header.height }, claimed);
    return { block, hash, transactions, receipts, writeSet, prepared, dropped: [] };
  }

  private verifyHeader(header: BlockHeader, transactions: Uint8Array[]): void {
    const parameters = readParameters(this.services.state);
    if (header.height !== this.height + 1) {
      throw new CodedError("BAD_BLOCK", `expected height ${this.height + 1}, got ${header.height}`);
    }
    if (!equalBytes(header.parentHash, this.parentHash)) {
      throw new CodedError("BAD_BLOCK", "the parent hash is not that of the latest block");
    }
    if (header.timeMs < this.timeMsMin) {
      throw new CodedError("BAD_BLOCK", `expected a time from ${this.timeMsMin}, got ${header.timeMs}`);
    }
    const bytes = transactions.reduce((sum, transaction) => sum + transaction.length, 0);
    if (transactions.length > parameters.blockTransactionsMax || bytes > parameters.blockBytesMax) {
      throw new CodedError(
        "BAD_BLOCK",
        `the block is over its limits: ${transactions.length} transactions, ${bytes} bytes`,
      );
    }
  }

  /** Makes an executed block part of the chain: durable first, then visible; `beforeVisible` comes between. */
  async commit(
    executed: ExecutedBlock,
    certificate: Certificate,
    beforeVisible?: () => Promise<unknown>,
  ): Promise<CommittedBlock> {
    const { state, blocks, mempool } = this.services;
    const { block, hash, receipts, writeSet, transactions } = executed;
    const height = block.header.height;
    assert(height === state.height + 1, `expected to commit height ${state.height + 1}, got ${height}`);
    const committed: CommittedBlock = { height, hash, block, certificate, receipts, writeSet, transactions };
    await blocks.append(committed);
    await beforeVisible?.();
    state.commit(height, executed.prepared);
    this.ledger.committed(height, executed.prepared.changes);
    mempool.onCommitted(height, transactions, executed.prepared.packed);
    // Only now: a block that is not agreed on must cost nobody a transaction.
    mempool.onLeftOut(executed.dropped);
    return committed;
  }
}

function expectSameResult(own: ResultContent, claimed: ResultRecord): void {
  const hashes = ["parentHash", "payloadRoot", "stateRoot", "receiptsRoot", "writeSetHash", "delegateSetHash"] as const;
  for (const field of hashes) {
    if (!equalBytes(own[field], claimed[field])) {
      throw new CodedError("BAD_RESULT", `expected ${field} ${toHex(own[field])}, got ${toHex(claimed[field])}`, {
        field,
      });
    }
  }
  if (!equalBytes(encodeTally(own.tally), encodeTally(claimed.tally))) {
    throw new CodedError("BAD_RESULT", "the tally of the delegates' work is another", { field: "tally" });
  }
  if (own.height !== claimed.height) {
    throw new CodedError("BAD_RESULT", `expected height ${own.height}, got ${claimed.height}`, { field: "height" });
  }
}
