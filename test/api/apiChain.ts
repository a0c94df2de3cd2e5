// A chain in memory with the real state, execution and mempool, whose blocks a test makes one by one, and its API on a free port.

import { readFileSync } from "node:fs";
import type { ApiLimits, ApiOptions } from "../../src/api/options.js";
import type { ApiServices } from "../../src/api/services.js";
import { startApi } from "../../src/api/startApi.js";
import { equalBytes, toHex } from "../../src/base/bytes.js";
import { systemClock } from "../../src/base/clock.js";
import { makeLogger } from "../../src/base/logging.js";
import { SeededRandom } from "../../src/base/random.js";
import { Account } from "../../src/client/account.js";
import type { Action } from "../../src/client/actions.js";
import {
  buildTransaction,
  type SignedTransaction,
  type TransactionOptions,
} from "../../src/client/buildTransaction.js";
import { Application } from "../../src/consensus/application.js";
import { type DelegateKey, delegateKeyOfSeed } from "../../src/consensus/delegateKey.js";
import { BlockFeed } from "../../src/events/blockFeed.js";
import { inspectContract, viewContract } from "../../src/execution/contracts/contractViews.js";
import { KeyValueHistory } from "../../src/history/keyValueHistory.js";
import { embeddedPaymentIndex } from "../../src/history/payments/embeddedPayments.js";
import type { Server } from "../../src/http/startServer.js";
import { Mempool } from "../../src/mempool/mempool.js";
import { CERTIFICATE_SOLO, commitMessage } from "../../src/protocol/certificate.js";
import type { Delegate } from "../../src/protocol/delegates.js";
import { type Genesis, type GenesisParameters, genesisHash, TTC_SUPPLY_UNITS } from "../../src/protocol/genesis.js";
import { genesisChanges } from "../../src/state/genesisState.js";
import { State } from "../../src/state/state.js";
import { readLane, readParameters } from "../../src/state/views.js";
import type { BlockStore } from "../../src/storage/blockStore.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { MemoryStore } from "../support/memoryStore.js";
import { verifyBatchHere } from "../support/verifyBatchHere.js";

export const GENESIS_TIME_MS = 1_700_000_000_000;
export const BLOCK_MS = 1_000;

/** Blocks in an array. */
export class MemoryBlocks {
  readonly kept = new Map<number, CommittedBlock>();
  firstHeight: number | undefined;
  lastHeight = 0;
  latest: CommittedBlock | undefined;
  /** How often a block was read. */
  reads = 0;

  async append(block: CommittedBlock): Promise<void> {
    await Promise.resolve();
    this.kept.set(block.height, block);
    this.firstHeight ??= block.height;
    this.lastHeight = block.height;
    this.latest = block;
  }

  async read(height: number): Promise<CommittedBlock | undefined> {
    this.reads++;
    await Promise.resolve();
    return this.kept.get(height);
  }

  /** Forgets the blocks below a height, as pruning does. */
  prune(firstHeight: number): void {
    for (const height of this.kept.keys()) {
      if (height < firstHeight) {
        this.kept.delete(height);
      }
    }
    this.firstHeight = firstHeight;
  }
}

function profileParameters(): GenesisParameters {
  const url = new URL("../../chains/ttchain.json", import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { parameters: GenesisParameters }).parameters;
}

export interface ApiChainOptions {
  accounts?: number;
  parameters?: Partial<GenesisParameters>;
  historyHeights?: number;
  delegates?: number;
  limits?: Partial<ApiLimits>;
  originsAllowed?: string[];
  services?: Partial<ApiServices>;
  /** Further options of the server. */
  server?: Partial<ApiOptions>;
}

export class ApiChain {
  readonly random = new SeededRandom(7);
  readonly accounts: Account[];
  readonly issuer: Account;
  readonly genesis: Genesis;
  readonly genesisHash: Uint8Array;
  readonly state: State;
  readonly mempool: Mempool;
  readonly blocks = new MemoryBlocks();
  readonly historyStore = new MemoryStore();
  readonly history: KeyValueHistory;
  readonly feed = new BlockFeed();
  readonly application: Application;
  /** Of the delegates of genesis, and of those that may be elected: who is asked to sign is found here. */
  readonly keys: DelegateKey[];
  /** The accounts of the delegates of genesis. */
  readonly delegates: Account[];
  server!: Server;
  isReady = true;
  /** Whether the mempool's word that transactions expired is passed on. */
  tellsExpiries = true;

  private constructor(readonly options: ApiChainOptions) {
    const { random } = this;
    this.accounts = Array.from({ length: options.accounts ?? 4 }, () => Account.random(random));
    this.issuer = Account.random(random);
    const seeds = Array.from({ length: options.delegates ?? 3 }, () => random.bytes(32));
    this.keys = seeds.map(delegateKeyOfSeed);
    this.delegates = seeds.map((seed) => Account.fromSecretKey(seed));
    const issuers = { needed: 1, addresses: [this.issuer.addressText] };
    const owners = [...this.accounts, this.issuer];
    const share = TTC_SUPPLY_UNITS / BigInt(owners.length);
    const rest = TTC_SUPPLY_UNITS - share * BigInt(owners.length);
    this.genesis = {
      name: "api-test",
      timeMs: GENESIS_TIME_MS,
      development: true,
      parameters: { ...profileParameters(), ...options.parameters },
      issuers: { TTM: issuers, TTMI: issuers },
      allocations: owners.map((owner, i) => ({
        address: owner.addressText,
        amount: `${share + (i === 0 ? rest : 0n)}`,
      })),
      delegates: this.keys.map((key) => ({ publicKey: toHex(key.publicKey), power: 1 })),
    };
    this.genesisHash = genesisHash(this.genesis);
    this.state = State.open(new MemoryStore(), {
      pageCacheBytes: 1 << 24,
      historyHeights: options.historyHeights ?? 1_000,
    });
    this.state.commit(0, this.state.prepare(genesisChanges(this.genesis)));
    this.mempool = new Mempool({
      state: this.state,
      genesisHash: this.genesisHash,
      verifyBatch: verifyBatchHere,
      onExpired: (ids, height) => {
        if (this.tellsExpiries) {
          this.feed.publishExpired(ids, height);
        }
      },
      onOvertaken: (ids, height) => this.feed.publishOvertaken(ids, height),
    });
    this.history = KeyValueHistory.open(this.historyStore);
    this.application = new Application({
      genesisHash: this.genesisHash,
      genesisTimeMs: GENESIS_TIME_MS,
      state: this.state,
      blocks: this.blocks as unknown as BlockStore,
      mempool: this.mempool,
    });
  }

  static async start(options: ApiChainOptions = {}): Promise<ApiChain> {
    const chain = new ApiChain(options);
    await chain.serve(0);
    return chain;
  }

  /** Starts the API, again on the same port after `server.close()`. */
  async serve(port: number): Promise<void> {
    const { options } = this;
    const serverOptions: ApiOptions = { host: "127.0.0.1", port, processMetrics: false, ...options.server };
    if (options.limits !== undefined) {
      serverOptions.limits = options.limits;
    }
    if (options.originsAllowed !== undefined) {
      serverOptions.originsAllowed = options.originsAllowed;
    }
    this.server = await startApi(this.services(), serverOptions);
  }

  services(): ApiServices {
    return {
      genesis: this.genesis,
      genesisHash: this.genesisHash,
      state: this.state,
      mempool: this.mempool,
      blocks: this.blocks,
      history: this.history,
      payments: embeddedPaymentIndex(this.history),
      feed: this.feed,
      contracts: {
        abi: (source) => inspectContract(source, readParameters(this.state).gas),
        view: (call) => {
          const { state, genesisHash: hash } = this;
          return viewContract(state, { height: state.height, timeMs: GENESIS_TIME_MS, genesisHash: hash }, call);
        },
      },
      logger: makeLogger({ level: "silent" }),
      clock: systemClock,
      version: "0.0.0-test",
      ready: () => this.isReady,
      ...this.options.services,
    };
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  get socketUrl(): string {
    return `ws://127.0.0.1:${this.server.port}/v1/ws`;
  }

  get height(): number {
    return this.state.height;
  }

  /** Makes the next block of what waits, and tells everybody. */
  async produce(): Promise<CommittedBlock> {
    const { application, genesisHash: hash } = this;
    const height = application.height + 1;
    const keyOf = ({ publicKey }: Delegate) => this.keys.find((key) => equalBytes(key.publicKey, publicKey))!;
    const keys = application.delegates.map(keyOf);
    const proposer = keyOf(application.turns(1)[0]);
    const executed = application.propose(proposer, GENESIS_TIME_MS + height * BLOCK_MS);
    const message = commitMessage(hash, height, executed.hash);
    const signatures = keys.map((key, delegate) => ({ delegate, signature: key.sign(message) }));
    const block = await application.commit(executed, { kind: CERTIFICATE_SOLO, signatures });
    this.history.add(block);
    this.feed.publish(block);
    return block;
  }

  async produceTo(height: number): Promise<void> {
    while (this.height < height) {
      await this.produce();
    }
  }

  /** Signs actions with the next sequence of lane 0 of the first action's account. */
  sign(actions: Action[], options: Partial<TransactionOptions> = {}, accounts: Account[] = []): SignedTransaction {
    const { by } = actions[0];
    const lane = options.lane ?? 0;
    const next = readLane(this.state, by.address, lane)?.sequenceNext ?? 0;
    const sequence = this.mempool.pendingSequence(by.address, lane) ?? next;
    return buildTransaction(
      { genesisHash: this.genesisHash, parameters: readParameters(this.state), height: this.height },
      [...this.accounts, this.issuer, ...accounts],
      { actions, lane, sequence, ...options },
    );
  }

  /** Signs, submits past the API, and makes a block of it. */
  async commit(
    actions: Action[],
    options: Partial<TransactionOptions> = {},
    accounts: Account[] = [],
  ): Promise<SignedTransaction> {
    const signed = this.sign(actions, options, accounts);
    const [{ error }] = await this.mempool.submit([signed.bytes]);
    if (error !== undefined) {
      throw error;
    }
    await this.produce();
    return signed;
  }

  async get(path: string): Promise<{ status: number; body: unknown; headers: Headers }> {
    const response = await fetch(this.url + path);
    return { status: response.status, body: await response.json(), headers: response.headers };
  }

  async post(
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: unknown }> {
    const binary = body instanceof Uint8Array;
    const response = await fetch(this.url + path, {
      method: "POST",
      headers: { "content-type": binary ? "application/octet-stream" : "application/json", ...headers },
      body: binary ? (body as Uint8Array<ArrayBuffer>) : typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  async stop(): Promise<void> {
    await this.server.close();
  }
}
