// A chain of any number of accounts over a temporary directory, made quickly: the node's own state, block log, history and application,
// without door, mempool and signatures of payments. They go from a few hundred tills to anybody; one in twenty has a reference.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import profile from "../../chains/ttchain.json" with { type: "json" };
import { bytesKey } from "../../src/base/bytes.js";
import { systemClock } from "../../src/base/clock.js";
import { nodeDisk } from "../../src/base/disk.js";
import { SeededRandom } from "../../src/base/random.js";
import { Application } from "../../src/consensus/application.js";
import { delegateKeyOfSeed } from "../../src/consensus/delegateKey.js";
import { recoverState } from "../../src/consensus/recoverState.js";
import { makeDevelopmentChain } from "../../src/consensus/solo/developmentChain.js";
import { KeyValueHistory } from "../../src/history/keyValueHistory.js";
import type { Mempool } from "../../src/mempool/mempool.js";
import { addressOfKey } from "../../src/protocol/address.js";
import { CERTIFICATE_SOLO, commitMessage } from "../../src/protocol/certificate.js";
import { genesisHash } from "../../src/protocol/genesis.js";
import { PackedChanges } from "../../src/protocol/packedChanges.js";
import { ReadTransaction } from "../../src/protocol/readTransaction.js";
import { accountKey, encodeAccountLeaf } from "../../src/protocol/stateLeaves.js";
import {
  chainTag,
  encodeBody,
  encodeTransaction,
  operationsOffset,
  SIGNATURE_BYTES,
  SIGNERS_OFFSET,
  type Transaction,
} from "../../src/protocol/transaction.js";
import { genesisChanges } from "../../src/state/genesisState.js";
import { State } from "../../src/state/state.js";
import { PAGES_TABLE } from "../../src/state/tree/loadPage.js";
import { encodeMeta, META_KEY } from "../../src/state/tree/treeMeta.js";
import { BlockLog } from "../../src/storage/blockLog.js";
import { BlockStore } from "../../src/storage/blockStore.js";
import { openLmdbStore, STATE_STORE } from "../../src/storage/lmdbStore.js";
import { sha256Many } from "../../src/wasm/sha256.js";
import { FLUSH_DIRTY_BYTES, WriteBehind } from "../../src/writeBehind.js";

const BALANCE_UNITS = 10n ** 15n;
const TILLS = 400;
const REFERENCE_EVERY = 20;
/** Heights until a reference expires; after as many again its leaf goes. The state holds as many as come before the first figure. */
const REFERENCE_HEIGHTS = 40;
const VALID_HEIGHTS = 1_000;
const KEY_BYTES = 32;
const TRANSFER_BYTES = 44;
/** Accounts put into the state at a time. */
const FUNDED_AT_ONCE = 250_000;

export interface GrowthOptions {
  accounts: number;
  stateCacheBytes: number;
}

export interface Restart {
  tookMs: number;
  /** Processor time of all threads. */
  processorMs: number;
  replayedBlocks: number;
}

/** The public key of account `number`: nobody signs with it. */
function keyOfNumber(number: number): Uint8Array {
  const key = new Uint8Array(32).fill(0x5a);
  new DataView(key.buffer).setUint32(0, number, true);
  return key;
}

const addressOfNumber = (number: number): Uint8Array => addressOfKey(keyOfNumber(number));

/** The keys of all accounts, those with the same first byte together, and where each byte's end. */
function keysByFirstByte(accounts: number): { keys: Uint8Array; ends: number[] } {
  const unsorted = new Uint8Array(KEY_BYTES * accounts);
  const counts = new Array<number>(256).fill(0);
  for (let number = 0; number < accounts; number++) {
    const key = accountKey(addressOfNumber(number));
    unsorted.set(key, KEY_BYTES * number);
    counts[key[0]]++;
  }
  const ends: number[] = [];
  for (const count of counts) {
    ends.push((ends.at(-1) ?? 0) + count);
  }
  const next = ends.map((end, byte) => end - counts[byte]);
  const keys = new Uint8Array(unsorted.length);
  for (let at = 0; at < unsorted.length; at += KEY_BYTES) {
    keys.set(unsorted.subarray(at, at + KEY_BYTES), KEY_BYTES * next[unsorted[at]]++);
  }
  return { keys, ends };
}

export class GrowthChain {
  readonly directory: string;
  private readonly options: GrowthOptions;
  private readonly random = new SeededRandom(7);
  private readonly seed: Uint8Array;
  private readonly genesis;
  private readonly hash: Uint8Array;
  private readonly sequences = new Uint32Array(TILLS);
  private readonly tills: { publicKey: Uint8Array; address: Uint8Array }[];
  private payments = 0;
  private parts: Awaited<ReturnType<GrowthChain["openParts"]>> | undefined;

  private constructor(directory: string, options: GrowthOptions) {
    this.directory = directory;
    this.options = options;
    const { genesis, keys } = makeDevelopmentChain(
      { name: "growth", parameters: { ...profile.parameters, referenceKeepHeights: REFERENCE_HEIGHTS } },
      this.random,
      1,
      1,
    );
    this.genesis = genesis;
    this.seed = keys.delegates[0];
    this.hash = genesisHash(genesis);
    this.tills = Array.from({ length: TILLS }, (_, number) => ({
      publicKey: keyOfNumber(number),
      address: addressOfNumber(number),
    }));
  }

  static async make(options: GrowthOptions): Promise<GrowthChain> {
    const chain = new GrowthChain(await mkdtemp(join(tmpdir(), "ttchain-growth-")), options);
    await chain.fund();
    return chain;
  }

  /** Opens what the directory holds, as a node that starts does. */
  private async openParts() {
    const { hash, directory, options } = this;
    const log = await BlockLog.open(nodeDisk, join(directory, "blocks"), { genesisHash: hash });
    const blocks = await BlockStore.open(log);
    const stateStore = openLmdbStore(join(directory, "state"), STATE_STORE);
    const historyStore = openLmdbStore(join(directory, "history"));
    const state = State.open(stateStore, { pageCacheBytes: options.stateCacheBytes, historyHeights: 128 });
    const history = KeyValueHistory.open(historyStore);
    let taken: Transaction[] = [];
    const mempool = { take: () => taken, onLeftOut() {}, onCommitted() {} } as unknown as Mempool;
    const application = new Application({ genesisHash: hash, genesisTimeMs: 1, state, blocks, mempool });
    const writeBehind = new WriteBehind(state, history, systemClock, (error) => {
      throw error;
    });
    const give = (transactions: Transaction[]): void => {
      taken = transactions;
    };
    return { blocks, stateStore, historyStore, state, history, application, writeBehind, give };
  }

  /**
   * Puts the accounts into the state and calls the outcome that of height 0, as a genesis with all of them would. They come in the order
   * of their keys, so that each page is made and written once.
   */
  private async fund(): Promise<void> {
    const store = openLmdbStore(join(this.directory, "state"), STATE_STORE);
    const state = State.open(store, { pageCacheBytes: this.options.stateCacheBytes, historyHeights: 0 });
    state.commit(0, state.prepare(genesisChanges(this.genesis)));
    const leaf = encodeAccountLeaf({ balances: [BALANCE_UNITS, 0n, 0n], deposit: 0n, tokenCount: 0 });
    const { keys, ends } = keysByFirstByte(this.options.accounts);
    for (let first = 0, part = 0; part < ends.length; part++) {
      // Parts are 1/256 of all: as many together as make a piece.
      if (part + 1 < ends.length && ends[part] - first < FUNDED_AT_ONCE) {
        continue;
      }
      const changes = new PackedChanges(ends[part] - first, (ends[part] - first) * leaf.length);
      for (let number = first; number < ends[part]; number++) {
        changes.add(keys, KEY_BYTES * number, leaf, 0, leaf.length);
      }
      first = ends[part];
      state.commit(state.height + 1, state.prepare(changes.seal()));
      await state.flush();
    }
    const meta = encodeMeta({ height: 0, oldest: 0, root: state.root });
    await store.write([{ table: PAGES_TABLE, key: META_KEY, value: meta }]);
    await store.close();
    this.parts = await this.openParts();
  }

  /**
   * `count` transfers as they come out of admission: bytes of which the most asked-for fields were read. Each till's are in the order of
   * its lane.
   */
  transfers(count: number): Transaction[] {
    const { height } = this.parts!.state;
    const plain = this.template(height, false);
    const marked = this.template(height, true);
    const bodies: Uint8Array[] = [];
    const made = Array.from({ length: count }, () => {
      const from = this.random.below(TILLS);
      const withReference = this.payments++ % REFERENCE_EVERY === 0;
      const bytes = (withReference ? marked : plain).slice();
      const view = new DataView(bytes.buffer);
      const sequence = this.sequences[from]++;
      const transfer = operationsOffset(bytes) + 1;
      bytes.set(this.tills[from].publicKey, SIGNERS_OFFSET + 1);
      view.setUint32(SIGNERS_OFFSET + 33 + 1 + 4, sequence, true);
      bytes.set(addressOfNumber(this.random.below(this.options.accounts)), transfer + 2);
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
          id: ids[index],
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
      chainTag: chainTag(this.hash),
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
  async commitBlock(transactions: Transaction[], storesFollow = true): Promise<void> {
    const { application, blocks, history, writeBehind, give } = this.parts!;
    const key = delegateKeyOfSeed(this.seed);
    give(transactions);
    const executed = application.propose(key, application.timeMsMin);
    if (executed.transactions.length !== transactions.length) {
      throw new Error(`the block took ${executed.transactions.length} of ${transactions.length} transfers`);
    }
    const message = commitMessage(this.hash, executed.block.header.height, executed.hash);
    const signatures = [{ delegate: 0, signature: key.sign(message) }];
    await application.commit(executed, { kind: CERTIFICATE_SOLO, signatures });
    history.add(blocks.latest!);
    if (storesFollow) {
      await writeBehind.afterBlock();
    }
  }

  /**
   * Commits blocks that the stores don't follow, stops without writing what memory holds, as a killed process does, and starts
   * again.
   */
  async restart(blocks: number, transactions: number): Promise<Restart> {
    await this.parts!.writeBehind.settle();
    for (let block = 0; block < blocks; block++) {
      await this.commitBlock(this.transfers(transactions), false);
    }
    await this.closeStores();
    const start = performance.now();
    const before = process.cpuUsage();
    this.parts = await this.openParts();
    const { state, blocks: stored, history } = this.parts;
    const replayedBlocks = await recoverState(state, stored, this.hash, FLUSH_DIRTY_BYTES);
    for (let height = history.checkpoint + 1; height <= stored.lastHeight; height++) {
      history.add((await stored.read(height))!);
    }
    const { user, system } = process.cpuUsage(before);
    return { tookMs: performance.now() - start, processorMs: (user + system) / 1_000, replayedBlocks };
  }

  private async closeStores(): Promise<void> {
    const { blocks, stateStore, historyStore } = this.parts!;
    await blocks.close();
    await stateStore.close();
    await historyStore.close();
  }

  async close(): Promise<void> {
    await this.parts!.writeBehind.settle();
    await this.closeStores();
    await rm(this.directory, { recursive: true });
  }
}
