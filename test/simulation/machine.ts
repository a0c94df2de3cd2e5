// One simulated machine: a disk, two stores, a clock and a network, and the process on it, which is the real node from its
// composition root down. The process can be stopped, killed or lose its power; disk and stores stay.

import { join } from "node:path";
import type { Disk } from "../../src/base/disk.js";
import { makeLogger } from "../../src/base/logging.js";
import { SeededRandom } from "../../src/base/random.js";
import type { ChainFiles } from "../../src/consensus/solo/chainFiles.js";
import type { DevelopmentKeys } from "../../src/consensus/solo/developmentChain.js";
import { Node } from "../../src/node.js";
import type { NodeEnvironment, NodeOptions } from "../../src/nodeParts.js";
import { VerifyPool } from "../../src/pool/verifyPool.js";
import { SimulatedCrash, SimulatedDisk } from "../storage/simulatedDisk.js";
import { SimulatedClock, settle } from "./simulatedClock.js";
import { type HttpAnswer, SimulatedNetwork } from "./simulatedNetwork.js";
import { SimulatedStore, SimulatedStoreFiles } from "./simulatedStore.js";

export const DATA_DIRECTORY = "/data";

/** What a test build may put around the parts that the machine hands to the node. */
export interface Sabotage {
  disk?: (disk: Disk, random: SeededRandom) => Disk;
}

/** Everything about one run of the process; what belongs to an earlier one is dead. */
class Process {
  alive = true;
  failure: unknown;
  node: Node | undefined;
  network = new SimulatedNetwork();
}

let pool: Promise<VerifyPool> | undefined;

/** One for all processes: it keeps nothing from one batch to the next, and its tables take long to make. */
function sharedPool(): Promise<VerifyPool> {
  pool ??= VerifyPool.start({ workers: 0, keyTableCacheBytes: 0 });
  return pool;
}

/** A disk that is of no use to a process that is gone. */
function aliveOnly(disk: Disk, process: Process): Disk {
  const guard = <T>(operation: () => Promise<T>): Promise<T> =>
    process.alive ? operation() : Promise.reject(new SimulatedCrash("the process is gone"));
  return {
    open: (path, mode) => guard(() => disk.open(path, mode)),
    rename: (from, to) => guard(() => disk.rename(from, to)),
    remove: (path) => guard(() => disk.remove(path)),
    list: (directory) => guard(() => disk.list(directory)),
    makeDirectory: (path) => guard(() => disk.makeDirectory(path)),
    syncDirectory: (path) => guard(() => disk.syncDirectory(path)),
  };
}

export class Machine {
  readonly clock = new SimulatedClock();
  readonly disk: SimulatedDisk;
  readonly stateFiles: SimulatedStoreFiles;
  readonly historyFiles: SimulatedStoreFiles;
  /** Milliseconds that each operation of the disk takes at most; 0 for none. */
  diskDelayMs = 0;
  starts = 0;
  private process: Process | undefined;

  constructor(
    private readonly random: SeededRandom,
    private readonly chain: ChainFiles,
    private readonly options: Partial<NodeOptions> = {},
    private readonly sabotage: Sabotage = {},
  ) {
    this.disk = new SimulatedDisk(new SeededRandom(random.uint32()), { turn: () => this.diskTurn() });
    this.stateFiles = new SimulatedStoreFiles(join(DATA_DIRECTORY, "state"), new SeededRandom(random.uint32()));
    this.historyFiles = new SimulatedStoreFiles(join(DATA_DIRECTORY, "history"), new SeededRandom(random.uint32()));
  }

  private async diskTurn(): Promise<void> {
    if (this.diskDelayMs > 0) {
      const delayMs = this.random.below(this.diskDelayMs + 1);
      await new Promise<void>((resolve) => this.clock.setTimer(this.process ?? this, delayMs, resolve));
    }
  }

  get isRunning(): boolean {
    return this.process?.node !== undefined;
  }

  /** Why the node said that it can't go on; undefined while it can. */
  get failure(): unknown {
    return this.process?.failure;
  }

  /** Whether the power fails or the process is being killed just now. */
  get isCrashing(): boolean {
    return this.disk.isCrashed;
  }

  get network(): SimulatedNetwork | undefined {
    return this.process?.network;
  }

  /** Starts the process; rejects as the node does, and then nothing runs. */
  async start(): Promise<void> {
    const process = new Process();
    this.process = process;
    this.starts++;
    const disk = aliveOnly(this.disk, process);
    const storeOf = (directory: string): SimulatedStore => {
      const files = directory === this.stateFiles.path ? this.stateFiles : this.historyFiles;
      return new SimulatedStore(files, this.disk, () => process.alive);
    };
    const environment: NodeEnvironment = {
      clock: this.clock.viewOf(process),
      disk: this.sabotage.disk?.(disk, this.random) ?? disk,
      random: new SeededRandom(this.random.uint32()),
      logger: makeLogger({ level: "silent" }),
      onFailure: (error) => {
        process.failure ??= error ?? new Error("failed without an error");
      },
      openStore: storeOf,
      lockDirectory: async () => ({ release: async () => undefined }),
      openChain: async () => ({ genesis: this.chain.genesis, keys: copyKeys(this.chain.keys) }),
      uws: process.network.uws,
      verifyPool: await sharedPool(),
    };
    try {
      process.node = await this.pump(Node.start(nodeOptions(this.options), environment), process);
    } catch (error) {
      this.bury(process);
      throw error;
    }
  }

  /** Lets the process work until `promise` is settled, its timers included. */
  private async pump<T>(promise: Promise<T>, process: Process): Promise<T> {
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    promise.then(mark, mark);
    for (let turns = 0; !settled && turns < 20_000; turns++) {
      await settle(4);
      if (!settled && turns % 8 === 7) {
        await this.clock.fireNext();
      }
    }
    if (!settled) {
      process.alive = false;
      throw new Error("the node hangs: nothing is under way, and it neither starts nor stops");
    }
    return promise;
  }

  private bury(process: Process): void {
    process.alive = false;
    this.clock.forget(process);
    process.network.cut();
    if (this.process === process) {
      this.process = undefined;
    }
  }

  /** Ends the node as an operator does; rejects where that fails. */
  async stop(): Promise<void> {
    const { process } = this;
    if (process?.node === undefined) {
      return;
    }
    try {
      await this.pump(process.node.stop(), process);
    } finally {
      this.bury(process);
      this.restartDisk("kill");
    }
  }

  /** The process ends at once: killed, or with the whole machine as its power fails. */
  async crash(cause: "kill" | "power"): Promise<void> {
    this.disk.crash();
    await settle();
    if (this.process !== undefined) {
      this.bury(this.process);
    }
    await settle();
    this.restartDisk(cause);
  }

  /** What a process wrote and did not sync stays for the next, and a later power failure may still take it. */
  private restartDisk(cause: "kill" | "power"): void {
    this.disk.restart(cause === "power" ? "power" : "exit");
    for (const files of [this.stateFiles, this.historyFiles]) {
      cause === "power" ? files.losePower() : files.settleAll();
    }
  }

  /** Asks the node; undefined where it doesn't answer. */
  async get(path: string): Promise<HttpAnswer | undefined> {
    const { process } = this;
    if (process?.node === undefined || !process.network.isListening) {
      return undefined;
    }
    let answer: HttpAnswer | undefined;
    void process.network.get(path).then((given) => {
      answer = given;
    });
    for (let turns = 0; answer === undefined && turns < 200; turns++) {
      await settle(1);
      if (answer === undefined && turns % 8 === 7 && this.diskDelayMs > 0) {
        await this.clock.fireNext();
      }
    }
    return answer;
  }
}

/** The node wipes what it is given. */
function copyKeys({ delegates, faucet }: DevelopmentKeys): DevelopmentKeys {
  return {
    delegates: delegates.map((seed) => seed.slice()),
    ...(faucet === undefined ? {} : { faucet: faucet.slice() }),
  };
}

function nodeOptions(options: Partial<NodeOptions>): NodeOptions {
  return {
    dataDirectory: DATA_DIRECTORY,
    host: "127.0.0.1",
    port: 0,
    workers: 0,
    delegates: 4,
    historyHeights: 20,
    segmentBytes: 24_000,
    stateCacheBytes: 1 << 18,
    keyTableCacheBytes: 0,
    originsAllowed: [],
    version: "0.0.0",
    ...options,
  };
}
