// What befalls the machine: crashes, a disk that is full, slow, fails or rots, a store that forgets, a clock that jumps; and how all that is mended.

import type { SeededRandom } from "../../src/base/random.js";
import { isDamage } from "../../src/storage/storageErrors.js";
import type { Machine } from "./machine.js";

interface Rot {
  name: string;
  repair: () => void;
}

export class Troubles {
  private rot: Rot | undefined;
  /** What was done to the machine that may make a sound node give up. */
  private excuse: string | undefined;

  constructor(
    private readonly random: SeededRandom,
    private readonly machine: Machine,
    /** Whether old blocks go. */
    private readonly isPruned: boolean,
  ) {}

  /** Why the node may give up with this failure; undefined where there is no reason. */
  reasonFor(failure: unknown): string | undefined {
    return this.rot !== undefined && isDamage(failure) ? `rot in ${this.rot.name}` : this.excuse;
  }

  /** After the node gave up, or did not start, with this failure. */
  async bury(failure: unknown, isRunning: boolean): Promise<void> {
    const rotten = this.rot !== undefined && isDamage(failure);
    if (this.excuse === "crash" || !isRunning) {
      const power = this.excuse === "crash" && this.random.chance(1, 2);
      await this.machine.crash(power ? "power" : "kill");
    } else {
      await this.machine.stop().catch(() => undefined);
    }
    if (rotten) {
      this.mendRot();
    }
  }

  async crashSoon(): Promise<string> {
    const operations = 1 + this.random.below(40);
    this.machine.disk.crashAt = this.machine.disk.operations + operations;
    this.excuse = "crash";
    return `in ${operations} operations`;
  }

  async crash(cause: "kill" | "power"): Promise<string> {
    await this.machine.crash(cause);
    return cause;
  }

  async restart(): Promise<string> {
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

  async slowDisk(): Promise<string> {
    this.machine.diskDelayMs = this.machine.diskDelayMs > 0 ? 0 : 1 + this.random.below(800);
    return `${this.machine.diskDelayMs} ms`;
  }

  async fullDisk(): Promise<string> {
    const { disk } = this.machine;
    const used = disk.paths().reduce((sum, path) => sum + disk.bytes(path).length, 0);
    disk.capacityBytes = used + this.random.below(4_000);
    this.excuse = "full disk";
    return `${disk.capacityBytes - used} bytes left`;
  }

  async failSync(): Promise<string> {
    this.machine.disk.failingSyncs = 1;
    this.excuse = "failing sync";
    return "the next one";
  }

  async jumpClock(): Promise<string> {
    const hours = this.random.below(49) - 24;
    this.machine.clock.wallOffsetMs += hours * 3_600_000;
    return `${hours} h`;
  }

  async forget(): Promise<string> {
    if (this.isPruned) {
      // A store that forgets what it called durable can't be made again from blocks that are gone.
      return "not where blocks are pruned";
    }
    const files = this.random.chance(1, 2) ? this.machine.stateFiles : this.machine.historyFiles;
    files.forgetful = !files.forgetful;
    return `${files.path} ${files.forgetful}`;
  }

  /** Flips one bit somewhere. It is found when it is read, or never comes up; it must never be served. */
  async beginRot(): Promise<string> {
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

  /** The operator's part: the damaged file comes back from a copy, or what can be made again is thrown away. */
  private mendRot(): void {
    this.rot?.repair();
    this.rot = undefined;
  }

  /** What lets a node go on: room, a disk that syncs, no crash to come. */
  heal(): void {
    this.machine.disk.capacityBytes = Number.POSITIVE_INFINITY;
    this.machine.disk.failingSyncs = 0;
    this.machine.disk.crashAt = Number.POSITIVE_INFINITY;
    this.excuse = undefined;
  }

  /** Everything is mended. */
  mendAll(): void {
    this.mendRot();
    this.heal();
    this.machine.diskDelayMs = 0;
  }
}
