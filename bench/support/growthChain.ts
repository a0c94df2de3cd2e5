// A chain of any number of accounts over a directory: the node's own parts, with their threads that write state and history, and its
// application, without door, mempool and signatures of payments. They go from a few hundred tills to anybody; one in twenty has a
// reference.

import { bytesKey } from "../../src/base/bytes.js";
import { type Clock, systemClock } from "../../src/base/clock.js";
import { nodeDisk } from "../../src/base/disk.js";
import { makeLogger } from "../../src/base/logging.js";
import { SeededRandom, systemRandom } from "../../src/base/random.js";
import { Application } from "../../src/consensus/application.js";
import { delegateKeyOfSeed, type HeldKey } from "../../src/consensus/delegateKey.js";
import type { Mempool } from "../../src/mempool/mempool.js";
import { type NodeParts, openNodeParts } from "../../src/nodeParts.js";
import { CERTIFICATE_SOLO, commitMessage } from "../../src/protocol/certificate.js";
import { ReadTransaction } from "../../src/protocol/readTransaction.js";
import {
  chainTag,
  encodeBody,
  encodeTransaction,
  operationsOffset,
  SIGNATURE_BYTES,
  SIGNERS_OFFSET,
  type Transaction,
} from "../../src/protocol/transaction.js";
import type { State } from "../../src/state/state.js";
import { readLane } from "../../src/state/views.js";
import type { BlockStore } from "../../src/storage/blockStore.js";
import { sha256Many } from "../../src/wasm/sha256.js";
import { WriteBehind } from "../../src/writeBehind.js";
import { addressOfNumber, type GrowthOptions, growthFiles, keyOfNumber, REFERENCE_HEIGHTS } from "./growthAccounts.js";

const TILLS = 400;
const REFERENCE_EVERY = 20;
const VALID_HEIGHTS = 1_000;
const HISTORY_HEIGHTS = 128;
const TRANSFER_BYTES = 44;

/** How far a chain's stores have followed its log. */
export interface GrowthProgress {
  height: number;
  /** The height that the state's store holds. */
  stateHeight: number;
  /** The height up to which the history's store holds all. */
  historyHeight: number;
}

export class GrowthChain {
  private readonly key: HeldKey;
  private readonly tills: { publicKey: Uint8Array; address: Uint8Array }[];
  private readonly application: Application;
  private readonly writeBehind: WriteBehind;
  private readonly random: SeededRandom;
  /** Each till's next sequence; read out of the state by the first who makes transfers. */
  private sequences: Uint32Array | undefined;
  private payments = 0;
  private taken: Transaction[] = [];

  private constructor(
    private readonly parts: NodeParts,
    private readonly accounts: number,
    clock: Clock,
  ) {
    const { chain, genesisHash, state, blocks, history } = parts;
    this.key = delegateKeyOfSeed(chain.keys.delegates[0]);
    this.tills = Array.from({ length: TILLS }, (_, number) => ({
      publicKey: keyOfNumber(number),
      address: addressOfNumber(number),
    }));
    const mempool = { take: () => this.taken, onLeftOut() {}, onCommitted() {} } as unknown as Mempool;
    const genesisTimeMs = chain.genesis.timeMs;
    this.application = new Application({ genesisHash, genesisTimeMs, state, blocks, mempool });
    this.writeBehind = new WriteBehind(state, history, clock, (error) => {
      throw error;
    });
    // Each life of the chain pays others than the one before.
    this.random = new SeededRandom(8 + state.height);
  }

  /**
   * Opens what the directory holds (`fundAccounts` makes it), as a node that starts does: state and history are brought up to the log.
   * `clock` tells the stores when to follow.
   */
  static async open(directory: string, options: GrowthOptions, clock = systemClock): Promise<GrowthChain> {
    const { accounts, stateCacheBytes } = options;
    const parts = await openNodeParts(
      {
        dataDirectory: directory,
        host: "127.0.0.1",
        port: 0,
        // With any, the stores have threads of their own; the workers themselves are not among the parts.
        workers: 1,
        delegates: 1,
        historyHeights: HISTORY_HEIGHTS,
        stateCacheBytes,
        keyTableCacheBytes: 0,
        originsAllowed: [],
        version: "growth",
      },
      {
        clock: systemClock,
        disk: nodeDisk,
        random: systemRandom,
        logger: makeLogger({ level: "warn" }),
        onFailure(error) {
          throw error;
        },
        openChain: async () => growthFiles(),
      },
    );
    return new GrowthChain(parts, accounts, clock);
  }

  get state(): State {
    return this.parts.state;
  }

  get blocks(): BlockStore {
    return this.parts.blocks;
  }

  /** Blocks that the log had and the state's store did not when the chain was opened. */
  get recoveredBlocks(): number {
    return this.parts.recoveredBlocks;
  }

  get progress(): GrowthProgress {
    const { state, history } = this.parts;
    return { height: state.height, stateHeight: state.flushedHeight, historyHeight: history.checkpoint };
  }

  private readSequences(): Uint32Array {
    const { state } = this.parts;
    return Uint32Array.from(this.tills, ({ address }) => {
      const lane = readLane(state, address, 0);
      return lane !== undefined && lane.heightExpires > state.height ? lane.sequenceNext : 0;
    });
  }

  /**
   * `count` transfers as they come out of admission: bytes of which the most asked-for fields were read. Each till's are in the order of
   * its lane.
   */
  transfers(count: number): Transaction[] {
    const { height } = this.parts.state;
    this.sequences ??= this.readSequences();
    const { sequences } = this;
    const plain = this.template(height, false);
    const marked = this.template(height, true);
    const bodies: Uint8Array[] = [];
    const made = Array.from({ length: count }, () => {
      const from = this.random.below(TILLS);
      const withReference = this.payments++ % REFERENCE_EVERY === 0;
      const bytes = (withReference ? marked : plain).slice();
      const view = new DataView(bytes.buffer);
      const sequence = sequences[from]++;
      const transfer = operationsOffset(bytes) + 1;
      bytes.set(this.tills[from].publicKey, SIGNERS_OFFSET + 1);
      view.setUint32(SIGNERS_OFFSET + 33 + 1 + 4, sequence, true);
      bytes.set(addressOfNumber(this.random.below(this.accounts)), transfer + 2);
      if (withReference) {
        const reference = this.random.bytes(32);
        new DataView(reference.buffer).setBigUint64(0, BigInt(height + REFERENCE_HEIGHTS), true);
        bytes.set(reference, transfer + TRANSFER_BYTES);
      }
      const bodyBytes = bytes.length - SIGNATURE_BYTES;
      bodies.push(bytes.subarray(0, bodyBytes));
      return { bytes, bodyBytes, sequence };
    });
    const ids = sha256Many(bodies);
    const validUntil = height + VALID_HEIGHTS;
    return made.map(
      ({ bytes, bodyBytes, sequence }, index) =>
        new ReadTransaction(bytes, {
          bodyBytes,
          idKey: bytesKey(ids[index]),
          lane: 0,
          sequence,
          validUntil,
        }),
    );
  }

  /** A transfer whose till, sequence, payee and reference are to be filled in. */
  private template(height: number, withReference: boolean): Uint8Array {
    const body = encodeBody({
      chainTag: chainTag(this.parts.genesisHash),
      signers: [this.tills[0]],
      feePayer: 0,
      lane: 0,
      sequence: 0,
      validUntil: height + VALID_HEIGHTS,
      feeToken: "TTC",
      feeLimit: 100_000_000n,
      operations: [
        {
          kind: "transfer",
          account: 0,
          to: this.tills[0].address,
          token: "TTC",
          amount: 1_000n,
          ...(withReference && { reference: new Uint8Array(32) }),
        },
      ],
    });
    return encodeTransaction(body, [new Uint8Array(SIGNATURE_BYTES)]);
  }

  /** Executes, logs and commits a block of these transactions, files its history and lets the stores follow as the node does. */
  async commitBlock(transactions: Transaction[]): Promise<void> {
    const { application, key } = this;
    const { blocks, history, genesisHash } = this.parts;
    this.taken = transactions;
    const executed = application.propose(key, application.timeMsMin);
    if (executed.transactions.length !== transactions.length) {
      throw new Error(`the block took ${executed.transactions.length} of ${transactions.length} transfers`);
    }
    const message = commitMessage(genesisHash, executed.block.header.height, executed.hash);
    const signatures = [{ delegate: 0, signature: key.sign(message) }];
    await application.commit(executed, { kind: CERTIFICATE_SOLO, signatures });
    history.add(blocks.latest!);
    await this.writeBehind.afterBlock();
  }

  /** Resolves when the stores hold all that the log does. */
  settle(): Promise<void> {
    return this.writeBehind.settle();
  }

  async close(): Promise<void> {
    await this.settle();
    await this.parts.close();
  }
}
