// A whole chain in memory for tests: the product's own parts over a simulated disk and a clock that the test moves.

import profile from "../../chains/ttchain.json" with { type: "json" };
import { utf8Bytes } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { Application } from "../../src/consensus/application.js";
import { delegateKeyOfSeed } from "../../src/consensus/delegateKey.js";
import { recoverState } from "../../src/consensus/recoverState.js";
import { SigningRecord } from "../../src/consensus/signingRecord.js";
import { makeDevelopmentChain } from "../../src/consensus/solo/developmentChain.js";
import { SoloEngine } from "../../src/consensus/solo/soloEngine.js";
import { KernelLedger, type Ledger } from "../../src/execution/kernel/kernelLedger.js";
import { intervalsOf } from "../../src/intervals.js";
import type { MempoolLimits } from "../../src/mempool/limits.js";
import { Mempool, type SubmitResult } from "../../src/mempool/mempool.js";
import { addressOfKey } from "../../src/protocol/address.js";
import { transactionFee } from "../../src/protocol/fees.js";
import { type Genesis, type GenesisParameters, genesisHash } from "../../src/protocol/genesis.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import {
  chainTag,
  encodeBody,
  encodeTransaction,
  signingMessage,
  type TransactionBody,
} from "../../src/protocol/transaction.js";
import { genesisChanges } from "../../src/state/genesisState.js";
import { State } from "../../src/state/state.js";
import { readParameters } from "../../src/state/views.js";
import { BlockLog } from "../../src/storage/blockLog.js";
import { BlockStore } from "../../src/storage/blockStore.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { ed25519 } from "../../src/wasm/ed25519.js";
import { sha256 } from "../../src/wasm/sha256.js";
import { SimulatedDisk } from "../storage/simulatedDisk.js";
import { FakeClock } from "./fakeClock.js";
import { MemoryStore } from "./memoryStore.js";
import { verifyBatchHere } from "./verifyBatchHere.js";

export interface Person {
  seed: Uint8Array;
  publicKey: Uint8Array;
  address: Uint8Array;
}

/** Somebody with a key, the same for the same name. */
export function person(name: string): Person {
  const seed = sha256(utf8Bytes(`person ${name}`));
  const publicKey = ed25519.getPublicKey(seed);
  return { seed, publicKey, address: addressOfKey(publicKey) };
}

export interface TestChainOptions {
  parameters?: Partial<GenesisParameters>;
  limits?: Partial<MempoolLimits>;
  delegates?: number;
  /** Whether the mempool reads payments by its kernel. */
  intake?: boolean;
  /** What executes blocks and tells the mempool of accounts; the kernel where undefined. */
  ledger?: Ledger;
}

export class TestChain {
  readonly clock = new FakeClock();
  readonly disk = new SimulatedDisk(new SeededRandom(7));
  readonly committed: CommittedBlock[] = [];
  readonly expired: Uint8Array[] = [];
  readonly failures: unknown[] = [];
  readonly genesis: Genesis;
  readonly genesisHash: Uint8Array;
  readonly faucet: Person;
  state!: State;
  store!: MemoryStore;
  blocks!: BlockStore;
  mempool!: Mempool;
  application!: Application;
  engine!: SoloEngine;
  readonly delegateSeeds: Uint8Array[];
  signingRecord!: SigningRecord;

  private constructor(private readonly options: TestChainOptions) {
    const parameters = { ...profile.parameters, ...options.parameters };
    const made = makeDevelopmentChain(
      { name: "test", parameters },
      new SeededRandom(1),
      1_700_000_000_000,
      options.delegates ?? 4,
    );
    this.genesis = made.genesis;
    this.genesisHash = genesisHash(made.genesis);
    this.delegateSeeds = made.keys.delegates;
    const seed = made.keys.faucet;
    const publicKey = ed25519.getPublicKey(seed);
    this.faucet = { seed, publicKey, address: addressOfKey(publicKey) };
  }

  static async start(options: TestChainOptions = {}): Promise<TestChain> {
    const chain = new TestChain(options);
    await chain.open(new MemoryStore());
    return chain;
  }

  /** Opens the node's parts over the disk as it is and a key-value store. */
  async open(store: MemoryStore): Promise<void> {
    const { genesisHash: hash } = this;
    this.store = store;
    this.blocks = await BlockStore.open(await BlockLog.open(this.disk, "/blocks", { genesisHash: hash }));
    this.state = State.open(store, { pageCacheBytes: 1 << 24, historyHeights: 50 });
    if (this.state.height < 0) {
      this.state.commit(0, this.state.prepare(genesisChanges(this.genesis)));
    }
    this.signingRecord = await SigningRecord.open(this.disk, {
      directory: "/chain",
      belongsTo: hash,
      heightOfLog: this.blocks.lastHeight,
      mayHaveSigned: false,
    });
    await recoverState(this.state, this.blocks, hash);
    const { ledger = new KernelLedger() } = this.options;
    this.mempool = new Mempool({
      state: this.state,
      ledger,
      genesisHash: hash,
      verifyBatch: verifyBatchHere,
      onExpired: (ids) => this.expired.push(...ids),
      onReady: () => this.engine?.notifyReady(),
      ...(this.options.intake === undefined ? {} : { intake: this.options.intake }),
      ...(this.options.limits === undefined ? {} : { limits: this.options.limits }),
    });
    this.application = new Application({
      genesisHash: hash,
      genesisTimeMs: this.genesis.timeMs,
      state: this.state,
      blocks: this.blocks,
      mempool: this.mempool,
      ledger,
    });
    this.engine = new SoloEngine(this.application, this.clock, {
      genesisHash: hash,
      keys: this.delegateSeeds.map((seed) => delegateKeyOfSeed(seed)),
      signingRecord: this.signingRecord,
      intervals: intervalsOf(this.state),
      hasWork: () => this.mempool.readyCount > 0,
      onCommitted: (block) => this.committed.push(block),
      onFailure: (error) => this.failures.push(error),
    });
  }

  /** A signed transaction; the first person is the sender, whose lane 0 and sequence 0 it takes unless told otherwise. */
  transaction(people: Person[], operations: Operation[], fields: Partial<TransactionBody> = {}): Uint8Array {
    const parameters = readParameters(this.state);
    const feeToken = fields.feeToken ?? "TTC";
    const body = encodeBody({
      chainTag: chainTag(this.genesisHash),
      signers: people,
      feePayer: 0,
      lane: 0,
      sequence: 0,
      validUntil: this.state.height + 100,
      feeToken,
      feeLimit: fields.feeLimit ?? transactionFee(parameters, { feeToken, operations }),
      operations,
      ...fields,
    });
    const message = signingMessage(this.genesisHash, body);
    return encodeTransaction(
      body,
      people.map(({ seed }) => ed25519.sign(message, seed)),
    );
  }

  /** A payment of the faucet, which owns every coin. */
  payment(to: Uint8Array, amount: bigint, sequence: number, fields: Partial<TransactionBody> = {}): Uint8Array {
    return this.transaction([this.faucet], [{ kind: "transfer", account: 0, to, token: "TTC", amount }], {
      sequence,
      ...fields,
    });
  }

  async submit(...transactions: Uint8Array[]): Promise<SubmitResult[]> {
    return this.mempool.submit(transactions);
  }

  /** The code of each submitted transaction: OK where it was admitted. */
  async codes(...transactions: Uint8Array[]): Promise<string[]> {
    return (await this.submit(...transactions)).map((result) => result.error?.code ?? "OK");
  }
}
