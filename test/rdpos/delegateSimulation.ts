// Ninety-nine delegates in one process: the product's application, mempool and state under an engine that is simulated with its faults, and
// beside them plain models of elections, turns and rewards, which walk over everybody and compare to the unit.

import profile from "../../chains/ttchain.json" with { type: "json" };
import { bytesKey, compareBytes, toHex } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { Account } from "../../src/client/account.js";
import { type Action, transfer } from "../../src/client/actions.js";
import { buildTransaction } from "../../src/client/buildTransaction.js";
import { claimRewards, registerCandidate, resumeCandidate, unlock, vote } from "../../src/client/delegateActions.js";
import { Application } from "../../src/consensus/application.js";
import { FEE_POOL_ADDRESS } from "../../src/execution/feePool.js";
import { REWARDS_ADDRESS } from "../../src/execution/rdpos/systemFunds.js";
import { nextSequence } from "../../src/execution/verifyAdmissible.js";
import { Mempool } from "../../src/mempool/mempool.js";
import { decodeResult } from "../../src/protocol/block.js";
import type { CandidateLeaf } from "../../src/protocol/delegateLeaves.js";
import type { Delegate } from "../../src/protocol/delegates.js";
import { type Genesis, genesisHash, TTC_SUPPLY_UNITS } from "../../src/protocol/genesis.js";
import { roundHeightElection } from "../../src/protocol/round.js";
import { readCandidate, readCandidateList, readClaimable, readElectionTotals } from "../../src/state/delegateViews.js";
import { genesisChanges } from "../../src/state/genesisState.js";
import { State } from "../../src/state/state.js";
import {
  readAccount,
  readDelegates,
  readLane,
  readNextDelegates,
  readParameters,
  readRound,
} from "../../src/state/views.js";
import type { BlockStore } from "../../src/storage/blockStore.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { sha256 } from "../../src/wasm/sha256.js";
import { MemoryStore } from "../support/memoryStore.js";

const TTC = 100_000_000n;
const START_MS = 1_700_000_000_000;
const BASIS_POINTS = 10_000n;

export interface SimulationOptions {
  seed: number;
  rounds: number;
  delegates: number;
  candidates: number;
  voters: number;
  roundBlocks: number;
}

export interface SimulationReport {
  rounds: number;
  blocks: number;
  elections: number;
  /** Sets that differ from the one before. */
  changes: number;
  missedTurns: number;
  suspensions: number;
  sharedTtcUnits: bigint;
  claims: number;
  /** Units that division left with the chain's account of rewards at the end. */
  dustTtcUnits: bigint;
}

function expectEqual(found: unknown, expected: unknown, what: string): void {
  if (found !== expected) {
    throw new Error(`${what}: expected ${String(expected)}, got ${String(found)}`);
  }
}

/** CometBFT's rotation by its own description, on big integers and sorted copies. */
class PlainRotation {
  #rows: { key: string; rank: Uint8Array; priority: bigint }[];

  constructor(delegates: Delegate[], priorities: number[]) {
    this.#rows = delegates.map(({ publicKey }, i) => {
      return { key: toHex(publicKey), rank: sha256(publicKey), priority: BigInt(priorities[i]) };
    });
  }

  next(): string {
    const count = BigInt(this.#rows.length);
    const sorted = this.#rows.map(({ priority }) => priority).sort((a, b) => (a < b ? -1 : 1));
    const spread = sorted[sorted.length - 1] - sorted[0];
    const ratio = spread > 2n * count ? (spread + 2n * count - 1n) / (2n * count) : 1n;
    const scaled = this.#rows.map((row) => ({ ...row, priority: row.priority / ratio }));
    const sum = scaled.reduce((total, { priority }) => total + priority, 0n);
    const average = sum >= 0n ? sum / count : -((-sum + count - 1n) / count);
    const raised = scaled.map((row) => ({ ...row, priority: row.priority - average + 1n }));
    const [first] = [...raised].sort((a, b) =>
      a.priority === b.priority ? compareBytes(a.rank, b.rank) : a.priority > b.priority ? -1 : 1,
    );
    first.priority -= count;
    this.#rows = raised;
    return first.key;
  }
}

export class DelegateSimulation {
  readonly #options: SimulationOptions;
  readonly #random: SeededRandom;
  readonly #candidates: Account[];
  readonly #voters: Account[];
  readonly #byKey = new Map<string, Account>();
  readonly #hash: Uint8Array;
  readonly #state: State;
  readonly #mempool: Mempool;
  readonly #application: Application;
  readonly #blocks: { latest: CommittedBlock | undefined; append(block: CommittedBlock): Promise<void> };
  #down = new Set<string>();
  #rotation: PlainRotation | undefined;
  #signers: number[] = [];
  readonly report: SimulationReport;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const random = new SeededRandom(options.seed);
    this.#random = random;
    this.#candidates = Array.from({ length: options.candidates }, () => Account.random(random));
    this.#voters = Array.from({ length: options.voters }, () => Account.random(random));
    const people = [...this.#candidates, ...this.#voters];
    for (const one of this.#candidates) {
      this.#byKey.set(toHex(one.publicKey), one);
    }
    const share = TTC_SUPPLY_UNITS / BigInt(people.length);
    const rest = TTC_SUPPLY_UNITS - share * BigInt(people.length);
    const rdpos = { delegatesMax: options.delegates, delegatesMin: 4, suspensionRounds: 2, unbondingSeconds: 40 };
    const genesis = {
      name: "simulation",
      timeMs: START_MS,
      development: true,
      parameters: {
        ...profile.parameters,
        roundBlocks: options.roundBlocks,
        rdpos: { ...rdpos, evidenceSeconds: 30, trustingSeconds: 20 },
      },
      issuers: {
        TTM: { needed: 1, addresses: [people[0].addressText] },
        TTMI: { needed: 1, addresses: [people[0].addressText] },
      },
      allocations: people.map((one, i) => ({ address: one.addressText, amount: `${i === 0 ? share + rest : share}` })),
      delegates: this.#candidates.slice(0, 4).map(({ publicKey }) => ({ publicKey: toHex(publicKey), power: 1 })),
    } as unknown as Genesis;
    this.#hash = genesisHash(genesis);
    this.#state = State.open(new MemoryStore(), { pageCacheBytes: 1 << 24, historyHeights: 2 });
    this.#state.commit(0, this.#state.prepare(genesisChanges(genesis)));
    this.#blocks = {
      latest: undefined,
      async append(block) {
        this.latest = block;
      },
    };
    this.#mempool = new Mempool({
      state: this.#state,
      genesisHash: this.#hash,
      verifyBatch: async (items) => new Uint8Array(items.length).fill(1),
    });
    this.#application = new Application({
      genesisHash: this.#hash,
      genesisTimeMs: START_MS,
      state: this.#state,
      blocks: this.#blocks as unknown as BlockStore,
      mempool: this.#mempool,
    });
    const counts = { blocks: 0, elections: 0, changes: 0, missedTurns: 0, suspensions: 0, claims: 0, rounds: 0 };
    this.report = { ...counts, sharedTtcUnits: 0n, dustTtcUnits: 0n };
  }

  #chance(percent: number): boolean {
    return this.#random.below(100) < percent;
  }

  async #send(by: Account, action: Action): Promise<void> {
    const leaf = readLane(this.#state, by.address, 0);
    const sequence = this.#mempool.pendingSequence(by.address, 0) ?? nextSequence(leaf, this.#state.height + 1);
    const chain = { genesisHash: this.#hash, parameters: readParameters(this.#state), height: this.#state.height };
    const signed = buildTransaction(chain, [by], { actions: [action], lane: 0, sequence });
    const [result] = await this.#mempool.submit([signed.bytes]);
    if (result.error !== undefined) {
      throw result.error;
    }
  }

  #balance(address: Uint8Array): bigint {
    return readAccount(this.#state, address)?.balances[0] ?? 0n;
  }

  /** Who is down may sign and propose nothing; never so many that the others are too few. */
  #faults(delegates: Delegate[]): void {
    this.#down = new Set();
    for (const { publicKey } of delegates) {
      if (this.#chance(7) && this.#down.size * 4 < delegates.length - 4) {
        this.#down.add(toHex(publicKey));
      }
    }
  }

  async #people(): Promise<void> {
    for (const voter of this.#voters) {
      if (this.#chance(8)) {
        const count = 1 + this.#random.below(33);
        const chosen = new Map<string, Uint8Array>();
        while (chosen.size < Math.min(count, this.#candidates.length)) {
          const { address } = this.#candidates[this.#random.below(this.#candidates.length)];
          chosen.set(bytesKey(address), address);
        }
        const amount = BigInt(1 + this.#random.below(100_000)) * TTC;
        await this.#send(voter, vote(voter, { amount, candidates: [...chosen.values()] }));
      } else if (this.#chance(2)) {
        await this.#send(voter, unlock(voter, BigInt(1 + this.#random.below(50_000)) * TTC));
      } else if (this.#chance(4)) {
        this.report.claims++;
        await this.#send(voter, claimRewards(voter));
      } else if (this.#chance(10)) {
        const to = this.#voters[this.#random.below(this.#voters.length)].address;
        await this.#send(voter, transfer(voter, { to, amount: BigInt(1 + this.#random.below(10_000)) * TTC }));
      }
    }
    for (const one of this.#candidates) {
      const leaf = readCandidate(this.#state, one.address);
      if (leaf !== undefined && leaf.suspendedUntil > 0 && leaf.suspendedUntil <= readRound(this.#state).number) {
        await this.#send(one, resumeCandidate(one));
      }
    }
  }

  /** One block as the engine would come to it: turns pass over who is down, and who is up signs. */
  async #block(): Promise<void> {
    const delegates = readDelegates(this.#state);
    const round = readRound(this.#state);
    const height = this.#state.height + 1;
    if (height === round.heightFirst || this.#rotation === undefined) {
      this.#rotation = new PlainRotation(delegates, round.priorities);
      this.#faults(delegates);
    }
    const turns = this.#application.turns(delegates.length);
    expectEqual(toHex(turns[0].publicKey), this.#rotation.next(), `whose turn height ${height} is`);
    const at = turns.findIndex(({ publicKey }) => !this.#down.has(toHex(publicKey)));
    const proposer = this.#byKey.get(toHex(turns[at].publicKey));
    if (proposer === undefined) {
      throw new Error("a delegate without a key");
    }
    this.report.missedTurns += at;
    const before = this.#rewardsBefore(height);
    const key = {
      publicKey: proposer.publicKey,
      sign: (message: Uint8Array) => sha256both(message),
      proveRandom: sha256both,
    };
    const executed = this.#application.propose(key, START_MS + height * 500, undefined, this.#signers);
    const up = delegates.flatMap(({ publicKey }, index) => (this.#down.has(toHex(publicKey)) ? [] : [index]));
    // Now and then a signature comes too late.
    this.#signers = up.filter((_, i) => i * 4 < up.length * 3 || !this.#chance(3));
    await this.#application.commit(executed, {
      kind: 1,
      signatures: this.#signers.map((delegate) => ({ delegate, signature: new Uint8Array(64) })),
    });
    this.report.blocks++;
    if (before !== undefined) {
      this.#checkRound(
        before,
        decodeResult(executed.block.result).tally.map(({ signed }) => signed),
      );
    }
  }

  #listed(): { owner: Uint8Array; leaf: CandidateLeaf }[] {
    const { candidates } = readElectionTotals(this.#state);
    return readCandidateList(this.#state, 0, candidates).map((owner) => {
      return { owner, leaf: readCandidate(this.#state, owner) as CandidateLeaf };
    });
  }

  /** What the models need of the state before a round is counted. No transaction stands in that block. */
  #rewardsBefore(height: number): { pool: bigint; candidates: Map<string, CandidateLeaf> } | undefined {
    if (height !== roundHeightElection(readRound(this.#state))) {
      return undefined;
    }
    const candidates = new Map(this.#listed().map(({ leaf }) => [toHex(leaf.delegateKey), leaf]));
    return { pool: this.#balance(FEE_POOL_ADDRESS), candidates };
  }

  /** Shares, earnings and winners, each computed anew from what stood before. */
  #checkRound(before: { pool: bigint; candidates: Map<string, CandidateLeaf> }, signed: number[]): void {
    const delegates = readDelegates(this.#state);
    const all = signed.reduce((sum, count) => sum + BigInt(count), 0n);
    const now = new Map(this.#listed().map(({ leaf }) => [toHex(leaf.delegateKey), leaf]));
    let shared = 0n;
    delegates.forEach(({ publicKey }, index) => {
      const name = toHex(publicKey);
      const old = before.candidates.get(name);
      const leaf = now.get(name);
      if (old === undefined || leaf === undefined) {
        return;
      }
      const share = all === 0n ? 0n : (before.pool * BigInt(signed[index])) / all;
      const passed = old.votes === 0n ? 0n : (share * BigInt(old.payBasisPoints)) / BASIS_POINTS;
      shared += share;
      expectEqual(leaf.earned[0] - old.earned[0], share - passed, `what ${name} keeps`);
      const grown = old.votes === 0n ? 0n : (passed << 64n) / old.votes;
      expectEqual(leaf.accumulators[0] - old.accumulators[0], grown, `what a vote for ${name} earns`);
      this.report.suspensions += leaf.suspendedUntil > old.suspendedUntil ? 1 : 0;
    });
    expectEqual(this.#balance(FEE_POOL_ADDRESS), before.pool - shared, "the fee pool after its shares");
    this.report.sharedTtcUnits += shared;
    const claimable = [...this.#voters, ...this.#candidates].reduce(
      (sum, { address }) => sum + readClaimable(this.#state, address)[0],
      0n,
    );
    const dust = this.#balance(REWARDS_ADDRESS) - claimable;
    if (dust < 0n) {
      throw new Error(`rewards owe ${-dust} units more than they hold`);
    }
    this.report.dustTtcUnits = dust;
    this.#checkElection();
  }

  #checkElection(): void {
    const standing = this.#listed().filter(({ leaf }) => leaf.votes > 0n && leaf.suspendedUntil === 0);
    const winners = standing
      .sort(
        (a, b) =>
          Number(b.leaf.votes > a.leaf.votes) - Number(b.leaf.votes < a.leaf.votes) || compareBytes(a.owner, b.owner),
      )
      .slice(0, this.#options.delegates)
      .map(({ leaf }) => toHex(leaf.delegateKey));
    const next = readNextDelegates(this.#state)?.delegates.map(({ publicKey }) => toHex(publicKey));
    if (standing.length < 4) {
      expectEqual(next, undefined, "who is elected of too few");
      return;
    }
    expectEqual([...(next ?? [])].sort().join(), [...winners].sort().join(), "who is elected");
    this.report.elections++;
    const present = readDelegates(this.#state).map(({ publicKey }) => toHex(publicKey));
    this.report.changes += [...present].sort().join() === [...winners].sort().join() ? 0 : 1;
  }

  async run(): Promise<SimulationReport> {
    for (const one of this.#candidates) {
      const payBasisPoints = this.#random.below(10_001);
      await this.#send(one, registerCandidate(one, one, { payBasisPoints, name: "candidate", site: "" }));
    }
    while (readRound(this.#state).number <= this.#options.rounds) {
      const round = readRound(this.#state);
      // The block that counts a round stays without transactions, so that the models see what it begins with.
      if (this.#state.height + 1 < roundHeightElection(round) - 1 && this.#state.height + 1 > round.heightFirst) {
        await this.#people();
      }
      await this.#block();
    }
    this.report.rounds = this.#options.rounds;
    return this.report;
  }
}

/** 64 bytes that stand for a signature: the engine that would check it is simulated. */
function sha256both(message: Uint8Array): Uint8Array {
  const half = sha256(message);
  return Uint8Array.from([...half, ...half]);
}
