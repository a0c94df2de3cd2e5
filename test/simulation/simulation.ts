// One simulated life of a node, from one seed: customers pay, watchers watch, a liar lies, and the machine fails in every way
// there is. After each step everything that was said is held against the model. The same seed gives the same life, to the byte.

import { createHash } from "node:crypto";
import profile from "../../chains/ttchain.json" with { type: "json" };
import { toHex } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import type { ChainFiles } from "../../src/consensus/solo/chainFiles.js";
import { makeDevelopmentChain } from "../../src/consensus/solo/developmentChain.js";
import { addressOfKey, formatAddress, parseAddress, systemAddress } from "../../src/protocol/address.js";
import type { LaneJson } from "../../src/protocol/apiTypes.js";
import { genesisHash } from "../../src/protocol/genesis.js";
import { tokenBytes } from "../../src/protocol/tokens.js";
import { genesisChanges } from "../../src/state/genesisState.js";
import { isDamage } from "../../src/storage/storageErrors.js";
import { ed25519 } from "../../src/wasm/ed25519.js";
import type { Person } from "../support/testChain.js";
import { COINS, Payments, people, Till, type Wish } from "./customers.js";
import { Liar } from "./liars.js";
import { Machine, type Sabotage } from "./machine.js";
import { PlainModel } from "./plainModel.js";
import { Referee } from "./referee.js";
import { settle } from "./simulatedClock.js";
import { Watcher } from "./watchers.js";

export interface SimulationOptions {
  seed: number;
  steps: number;
  sabotage?: Sabotage;
  /** Told of each step, for whoever wants to follow. */
  onStep?: (line: string) => void;
}

export interface SimulationReport {
  seed: number;
  steps: number;
  /** Names the whole life: equal for equal seeds. */
  traceHash: string;
  height: number;
  committed: number;
  starts: number;
  /** How often each kind of step was taken. */
  counts: Record<string, number>;
}

/** What went wrong, and how to see it again. */
export class SimulationFailure extends Error {
  override name = "SimulationFailure";

  constructor(seed: number, step: number, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      `seed ${seed}, step ${step}: ${why}\nreplay: npm run simulate -- --seed ${seed} --steps ${step + 1} --verbose`,
      {
        cause,
      },
    );
  }
}

/** Short lives of lanes and references, so that a simulation sees them end. */
const PARAMETERS = {
  ...profile.parameters,
  validUntilHeightsMax: 60,
  referenceHeightsMax: 120,
  referenceKeepHeights: 30,
  roundBlocks: 65_535,
};

const FIRST_SEGMENT = "0000000000000001.log";
/** More than come between two looks at the chain. */
const RETAIN_BLOCKS = 30;

type Step = () => Promise<string>;

interface Rot {
  name: string;
  repair: () => void;
}

export class Simulation {
  readonly counts: Record<string, number> = {};
  private readonly random: SeededRandom;
  private readonly machine: Machine;
  private readonly model: PlainModel;
  private readonly payments: Payments;
  private readonly referee: Referee;
  private readonly tills: Till[];
  private readonly watchers: Watcher[];
  private readonly liar: Liar;
  private readonly payers: Person[];
  private readonly faucet: Person;
  private readonly trace = createHash("sha256");
  private readonly strangers: string[] = [];
  private readonly isPruned: boolean;
  private rot: Rot | undefined;
  /** Whether something was done to the machine that may make a sound node give up. */
  private excuse: string | undefined;
  private step = 0;

  constructor(private readonly options: SimulationOptions) {
    this.random = new SeededRandom(options.seed);
    this.payers = people("payer", 6);
    const { chain, faucet } = makeChain(this.payers);
    this.faucet = faucet;
    const hash = genesisHash(chain.genesis);
    // Every second life lets go of old blocks.
    this.isPruned = options.seed % 2 === 0;
    const nodeOptions = this.isPruned ? { retainBlocks: RETAIN_BLOCKS } : {};
    this.machine = new Machine(new SeededRandom(this.random.uint32()), chain, nodeOptions, options.sabotage);
    this.model = new PlainModel(
      genesisChanges(chain.genesis),
      chain.genesis.allocations.map(({ address, amount }) => [toHex(parseAddress(address)), BigInt(amount)]),
      toHex(systemAddress("fee-pool")),
      { TTC: tokenBytes("TTC"), TTM: tokenBytes("TTM"), TTMI: tokenBytes("TTMI") },
      chain.genesis.parameters,
    );
    this.payments = new Payments(hash);
    this.referee = new Referee(this.machine, this.model, this.payments, this.random);
    const shares = [this.payers.slice(0, 2), this.payers.slice(2, 4), [...this.payers.slice(4), faucet]];
    this.tills = shares.map((share, i) => new Till(`${i}`, share, this.payments, this.random));
    this.watchers = ["a", "b"].map(
      (name) => new Watcher(name, this.isPruned, (...said) => this.referee.onBlockSaid(...said)),
    );
    this.liar = new Liar(this.payments, this.random);
  }

  async run(): Promise<SimulationReport> {
    const { seed, steps } = this.options;
    try {
      await this.startNode();
      for (this.step = 0; this.step < steps; this.step++) {
        const { name, act } = this.chooseStep();
        this.counts[name] = (this.counts[name] ?? 0) + 1;
        this.note(`${name}: ${await act()}`);
        await settle();
        await this.afterStep();
      }
      await this.finish();
    } catch (error) {
      throw error instanceof SimulationFailure ? error : new SimulationFailure(seed, this.step, error);
    }
    const { starts } = this.machine;
    const committed = this.referee.places.size;
    const traceHash = this.trace.digest("hex");
    return { seed, steps, traceHash, height: this.model.height, committed, starts, counts: this.counts };
  }

  private note(line: string): void {
    const full = `${this.step} ${this.machine.clock.nowMs} ${this.model.height} ${line}`;
    this.trace.update(`${full}\n`);
    this.options.onStep?.(full);
  }

  private chooseStep(): { name: string; act: Step } {
    const weights: [number, string, Step][] = [
      [30, "pay", () => this.pay()],
      [30, "time", () => this.passTime(1 + this.random.below(400))],
      [6, "long time", () => this.passTime(2_000 + this.random.below(6_000))],
      [8, "lie", () => this.lie()],
      [6, "resend", () => this.resend()],
      [4, "hang up", () => this.hangUp()],
      [6, "crash soon", () => this.crashSoon()],
      [3, "kill", () => this.crash("kill")],
      [3, "power", () => this.crash("power")],
      [2, "restart", () => this.restart()],
      [2, "slow disk", () => this.slowDisk()],
      [1, "full disk", () => this.fullDisk()],
      [1, "failing sync", () => this.failSync()],
      [2, "clock jump", () => this.jumpClock()],
      [2, "rot", () => this.beginRot()],
      [1, "forgetful store", () => this.forget()],
    ];
    let at = this.random.below(weights.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, name, act] of weights) {
      if (at < weight) {
        return { name, act };
      }
      at -= weight;
    }
    throw new Error("the weights cover everything");
  }

  // What happens.

  private async pay(): Promise<string> {
    const till = this.tills[this.random.below(this.tills.length)];
    const wishes: Wish[] = [];
    for (let count = 1 + this.random.below(5); count > 0; count--) {
      const wish = await this.wish(till, wishes);
      if (wish !== undefined) {
        wishes.push(wish);
      }
    }
    if (wishes.length > 0) {
      till.pay(wishes);
    }
    const mess = this.random.chance(1, 5);
    till.deliver(mess);
    return `${wishes.length} by till ${till.name}${mess ? ", in a mess" : ""}`;
  }

  private async wish(till: Till, before: Wish[]): Promise<Wish | undefined> {
    const payer = till.payers[this.random.below(till.payers.length)];
    const lane = this.random.below(2);
    const name = `${toHex(payer.address)}/${lane}`;
    let sequence = till.sequence(name);
    if (sequence === undefined) {
      const answer = await this.machine.get(`/v1/accounts/${formatAddress(payer.address)}/lanes/${lane}`);
      if (answer?.status !== 200) {
        return undefined;
      }
      sequence = till.sequence(name, (JSON.parse(answer.body) as LaneJson).sequencePending);
    }
    const ahead = before.filter((wish) => wish.payer === payer && wish.lane === lane).length;
    const isMint = payer === this.faucet && this.random.chance(2, 3);
    const coin = isMint ? (["TTM", "TTMI"] as const)[this.random.below(2)] : COINS[this.random.below(COINS.length)];
    return {
      kind: isMint ? "mint" : "transfer",
      payer,
      to: this.payee(),
      coin,
      amount: this.amount(coin),
      reference: isMint || this.random.chance(2, 3) ? undefined : this.reference(),
      lane,
      sequence: (sequence ?? 0) + ahead,
      validUntil: this.model.height + 2 + this.random.below(50),
    };
  }

  private payee(): string {
    if (this.random.chance(1, 8)) {
      this.strangers.push(toHex(this.random.bytes(32)));
    }
    const { length } = this.strangers;
    return length > 0 && this.random.chance(1, 3)
      ? this.strangers[this.random.below(length)]
      : toHex(this.payers[this.random.below(this.payers.length)].address);
  }

  private amount(coin: string): bigint {
    const unit = coin === "TTC" ? 10_000_000n : 10n;
    return this.random.chance(1, 12) ? unit * 10n ** 9n : 1n + BigInt(this.random.below(500)) * unit;
  }

  /** Out of few, so that some come twice; some have expired and some lie too far ahead. */
  private reference(): string {
    const bytes = Buffer.alloc(32, this.random.below(3));
    const ahead = [-1, 4, 12, 40, 200][this.random.below(5)];
    const height = Math.max(0, Math.floor(this.model.height / 8) * 8 + ahead);
    bytes.writeBigUInt64LE(BigInt(height), 0);
    return bytes.toString("hex");
  }

  private async passTime(ms: number): Promise<string> {
    await this.machine.clock.advance(ms);
    return `${ms} ms`;
  }

  private async lie(): Promise<string> {
    const { network } = this.machine;
    return network === undefined ? "nobody listens" : this.liar.act(network, this.model.height, this.payers[0]);
  }

  private async resend(): Promise<string> {
    const till = this.tills[this.random.below(this.tills.length)];
    till.sendAgain();
    till.deliver(this.random.chance(1, 2));
    return `till ${till.name}, ${till.open.size} open`;
  }

  private async hangUp(): Promise<string> {
    const all = [...this.tills, ...this.watchers];
    const one = all[this.random.below(all.length)];
    one.disconnect();
    return one.name;
  }

  private async crashSoon(): Promise<string> {
    const operations = 1 + this.random.below(40);
    this.machine.disk.crashAt = this.machine.disk.operations + operations;
    this.excuse = "crash";
    return `in ${operations} operations`;
  }

  private async crash(cause: "kill" | "power"): Promise<string> {
    await this.machine.crash(cause);
    return cause;
  }

  private async restart(): Promise<string> {
    try {
      await this.machine.stop();
      return "stopped cleanly";
    } catch (error) {
      if (this.excuse === undefined && this.rot === undefined) {
        throw error;
      }
      return "did not stop cleanly";
    }
  }

  private async slowDisk(): Promise<string> {
    this.machine.diskDelayMs = this.machine.diskDelayMs > 0 ? 0 : 1 + this.random.below(800);
    return `${this.machine.diskDelayMs} ms`;
  }

  private async fullDisk(): Promise<string> {
    const { disk } = this.machine;
    const used = disk.paths().reduce((sum, path) => sum + disk.bytes(path).length, 0);
    disk.capacityBytes = used + this.random.below(4_000);
    this.excuse = "full disk";
    return `${disk.capacityBytes - used} bytes left`;
  }

  private async failSync(): Promise<string> {
    this.machine.disk.failingSyncs = 1;
    this.excuse = "failing sync";
    return "the next one";
  }

  private async jumpClock(): Promise<string> {
    const hours = this.random.below(49) - 24;
    this.machine.clock.wallOffsetMs += hours * 3_600_000;
    return `${hours} h`;
  }

  private async forget(): Promise<string> {
    if (this.isPruned) {
      // A store that forgets what it called durable can't be made again from blocks that are gone.
      return "not where blocks are pruned";
    }
    const files = this.random.chance(1, 2) ? this.machine.stateFiles : this.machine.historyFiles;
    files.forgetful = !files.forgetful;
    return `${files.path} ${files.forgetful}`;
  }

  /** Flips one bit somewhere. It is found when it is read, or never comes up; it must never be served. */
  private async beginRot(): Promise<string> {
    if (this.rot !== undefined) {
      return "one at a time";
    }
    const { disk, stateFiles, historyFiles } = this.machine;
    const kind = this.random.below(3);
    if (kind > 0) {
      this.rot = (kind === 1 ? stateFiles : historyFiles).rot();
    } else {
      const paths = disk.paths().filter((path) => disk.bytes(path).length > 0);
      if (paths.length > 0) {
        const path = paths[this.random.below(paths.length)];
        const bit = this.random.below(disk.bytes(path).length * 8);
        this.rot = { name: `${path} bit ${bit}`, repair: disk.rot(path, bit) };
      }
    }
    return this.rot?.name ?? "nothing there";
  }

  // What is checked, and how life goes on.

  private async afterStep(): Promise<void> {
    if (this.machine.isRunning && this.machine.failure !== undefined) {
      await this.buryFailed();
    }
    if (!this.machine.isRunning) {
      await this.startNode();
    }
    await this.comeBack();
    await this.listen();
    await this.referee.followChain();
    // A block may have come while the node was asked.
    await this.listen();
    await this.referee.spotCheck();
    for (const till of this.tills) {
      if (till.isConnected) {
        this.referee.expectTold(till);
      }
    }
    if (this.machine.isRunning && this.machine.failure !== undefined) {
      await this.buryFailed();
      await this.startNode();
    }
  }

  /** The node said that it can't go on: it must have had a reason. */
  private async buryFailed(): Promise<void> {
    const { failure } = this.machine;
    const rotten = this.rot !== undefined && isDamage(failure);
    if (this.excuse === undefined && !rotten) {
      throw new Error(`the node gave up on a sound machine: ${String(failure)}`);
    }
    this.note(`gave up (${rotten ? `rot in ${this.rot!.name}` : this.excuse})`);
    if (this.excuse === "crash") {
      await this.machine.crash(this.random.chance(1, 2) ? "power" : "kill");
    } else {
      await this.machine.stop().catch(() => undefined);
    }
    if (rotten) {
      this.mendRot();
    }
  }

  /** The operator's part: the damaged file comes back from a copy, or what can be made again is thrown away. */
  private mendRot(): void {
    this.rot?.repair();
    this.rot = undefined;
  }

  private heal(): void {
    this.machine.disk.capacityBytes = Number.POSITIVE_INFINITY;
    this.machine.disk.failingSyncs = 0;
    this.machine.disk.crashAt = Number.POSITIVE_INFINITY;
    this.excuse = undefined;
  }

  private async startNode(): Promise<void> {
    for (let attempt = 0; attempt < 4; attempt++) {
      if (attempt > 0 || this.random.chance(2, 3)) {
        this.heal();
      }
      try {
        await this.machine.start();
        return;
      } catch (error) {
        const rotten = this.rot !== undefined && isDamage(error);
        if (this.excuse === undefined && !rotten) {
          throw new Error(`the node does not start on a sound machine: ${String((error as Error).stack)}`);
        }
        this.note(`did not start (${rotten ? `rot in ${this.rot!.name}` : this.excuse})`);
        await this.machine.crash(this.excuse === "crash" && this.random.chance(1, 2) ? "power" : "kill");
        if (rotten) {
          this.mendRot();
        }
      }
    }
    throw new Error("the node does not start, whatever is mended");
  }

  private async comeBack(): Promise<void> {
    const { network } = this.machine;
    if (network === undefined) {
      return;
    }
    for (const till of this.tills) {
      if (!till.isConnected && this.random.chance(3, 4)) {
        till.connect(network);
        till.deliver(this.random.chance(1, 4));
      }
    }
    for (const watcher of this.watchers) {
      if (!watcher.isConnected && this.random.chance(3, 4)) {
        watcher.connect(network);
      }
    }
    await settle();
  }

  private async listen(): Promise<void> {
    for (const one of [...this.tills, ...this.watchers]) {
      for (const text of one.read()) {
        this.trace.update(`${one.name} ${text}\n`);
      }
    }
    this.liar.read();
    for (const till of this.tills) {
      for (const final of till.finals.splice(0)) {
        this.referee.onFinal(final);
        till.open.delete(final.id);
      }
      for (const { id, code } of till.refusals.splice(0)) {
        await this.onRefused(till, id, code);
      }
    }
  }

  private async onRefused(till: Till, id: string, code: string): Promise<void> {
    const made = till.open.get(id);
    if (made === undefined || code === "BUSY" || code === "SEQUENCE_GAP") {
      return;
    }
    // Committed already, or never to be: either way the till asks no more, and the lane's count is lost.
    till.open.delete(id);
    till.watched.delete(id);
    till.forgetSequence(`${made.payment.from}/${made.payment.lane}`);
  }

  /** Everything is mended; what is open must come to its end, and all that was ever said is asked for again. */
  private async finish(): Promise<void> {
    this.mendRot();
    this.heal();
    this.machine.diskDelayMs = 0;
    await this.machine.stop().catch(() => undefined);
    this.mendRot();
    await this.startNode();
    const last = this.model.height + PARAMETERS.validUntilHeightsMax + 3;
    for (let round = 0; this.model.height < last; round++) {
      if (round > 400) {
        throw new Error(`the chain stands still at height ${this.model.height}`);
      }
      await this.passTime(2_500);
      await this.afterStep();
      if (round % 8 === 0) {
        for (const till of this.tills) {
          till.sendAgain();
          till.deliver(false);
        }
      }
    }
    for (const till of this.tills) {
      for (const id of till.open.keys()) {
        throw new Error(`till ${till.name} never learned what became of ${id}`);
      }
    }
    for (const watcher of this.watchers) {
      if (watcher.isConnected && watcher.height !== this.model.height) {
        throw new Error(`watcher ${watcher.name} was told ${watcher.height} blocks of ${this.model.height}`);
      }
    }
    await this.referee.checkAll();
    this.note(`end ${this.model.root()}`);
    await this.machine.stop();
    const [oldest] = this.machine.disk.paths().filter((path) => path.endsWith(".log"));
    if (this.isPruned !== !oldest.endsWith(FIRST_SEGMENT) && this.model.height > 3 * RETAIN_BLOCKS) {
      throw new Error(`the oldest file of the log is ${oldest}, with ${this.isPruned ? "" : "no "}pruning`);
    }
  }
}

function makeChain(payers: readonly Person[]): { chain: ChainFiles; faucet: Person } {
  const made = makeDevelopmentChain(
    { name: "simulated", parameters: PARAMETERS },
    new SeededRandom(1),
    1_700_000_000_000,
    2,
  );
  const seed = made.keys.faucet.slice();
  const publicKey = ed25519.getPublicKey(seed);
  const faucet = { seed, publicKey, address: addressOfKey(publicKey) };
  // Some rich, some poor, so that payments fail too.
  const gifts = payers.map(({ address }, i) => ({
    address: formatAddress(address),
    amount: `${10n ** BigInt(9 + i)}`,
  }));
  const [rest, ...others] = made.genesis.allocations;
  const given = gifts.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  const allocations = [{ address: rest.address, amount: `${BigInt(rest.amount) - given}` }, ...others, ...gifts];
  return { chain: { genesis: { ...made.genesis, allocations }, keys: made.keys }, faucet };
}

/** Lives the life of one seed; rejects with SimulationFailure where the node broke its word. */
export function simulate(options: SimulationOptions): Promise<SimulationReport> {
  return new Simulation(options).run();
}
