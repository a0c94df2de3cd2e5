// One simulated life of a node, from one seed: customers pay, watchers watch, a liar lies, and the machine fails in every way
// there is. After each step everything that was said is held against the model. The same seed gives the same life, to the byte.

import { createHash } from "node:crypto";
import { toHex } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { parseAddress, systemAddress } from "../../src/protocol/address.js";
import { genesisHash } from "../../src/protocol/genesis.js";
import { tokenBytes } from "../../src/protocol/tokens.js";
import { genesisChanges } from "../../src/state/genesisState.js";
import type { Person } from "../support/testChain.js";
import { Payments, people, Till, type Wish } from "./customers.js";
import { Liar } from "./liars.js";
import { Machine, type Sabotage } from "./machine.js";
import { PlainModel } from "./plainModel.js";
import { Referee } from "./referee.js";
import { makeChain, PARAMETERS } from "./simulatedChain.js";
import { settle } from "./simulatedClock.js";
import { Troubles } from "./troubles.js";
import { Watcher } from "./watchers.js";
import { Wishes } from "./wishes.js";

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

const FIRST_SEGMENT = "0000000000000001.log";
/** More than come between two looks at the chain. */
const RETAIN_BLOCKS = 30;

type Step = () => Promise<string>;

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
  private readonly wishes: Wishes;
  private readonly troubles: Troubles;
  private readonly trace = createHash("sha256");
  private readonly isPruned: boolean;
  private step = 0;

  constructor(private readonly options: SimulationOptions) {
    this.random = new SeededRandom(options.seed);
    this.payers = people("payer", 6);
    const { chain, faucet } = makeChain(this.payers);
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
    this.wishes = new Wishes(this.random, this.machine, this.model, this.payers, faucet);
    this.troubles = new Troubles(this.random, this.machine, this.isPruned);
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
      [6, "crash soon", () => this.troubles.crashSoon()],
      [3, "kill", () => this.troubles.crash("kill")],
      [3, "power", () => this.troubles.crash("power")],
      [2, "restart", () => this.troubles.restart()],
      [2, "slow disk", () => this.troubles.slowDisk()],
      [1, "full disk", () => this.troubles.fullDisk()],
      [1, "failing sync", () => this.troubles.failSync()],
      [2, "clock jump", () => this.troubles.jumpClock()],
      [2, "rot", () => this.troubles.beginRot()],
      [1, "forgetful store", () => this.troubles.forget()],
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
      const wish = await this.wishes.wish(till, wishes);
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
    const reason = this.troubles.reasonFor(failure);
    if (reason === undefined) {
      throw new Error(`the node gave up on a sound machine: ${String(failure)}`);
    }
    this.note(`gave up (${reason})`);
    await this.troubles.bury(failure, true);
  }

  private async startNode(): Promise<void> {
    for (let attempt = 0; attempt < 4; attempt++) {
      if (attempt > 0 || this.random.chance(2, 3)) {
        this.troubles.heal();
      }
      try {
        await this.machine.start();
        return;
      } catch (error) {
        const reason = this.troubles.reasonFor(error);
        if (reason === undefined) {
          throw new Error(`the node does not start on a sound machine: ${String((error as Error).stack)}`);
        }
        this.note(`did not start (${reason})`);
        await this.troubles.bury(error, false);
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
    this.troubles.mendAll();
    await this.machine.stop().catch(() => undefined);
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

/** Lives the life of one seed; rejects with SimulationFailure where the node broke its word. */
export function simulate(options: SimulationOptions): Promise<SimulationReport> {
  return new Simulation(options).run();
}
