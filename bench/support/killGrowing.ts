// Kills a process that commits blocks to a chain of growth, at a moment as bad as any: when the log is about as far ahead of the state's
// store as it comes to be, which is while a flush is under way.

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { GrowthOptions } from "./growthAccounts.js";
import type { GrowthProgress } from "./growthChain.js";

/** What growthChild.ts is to do in a directory that nobody else has open. */
export interface GrowthTask extends GrowthOptions {
  directory: string;
  /** Of a block. */
  transactions: number;
  /** Blocks after which it is killed whatever lies ahead of the stores. */
  blocksMost: number;
  /** What a block counts on the clock that tells the stores when to follow; the machine's own clock where undefined. */
  msPerBlock?: number;
}

/** How long the process is only watched: until so many flushes of the state, or so many blocks, whichever is first. */
export interface WatchBounds {
  flushes: number;
  blocks: number;
}

export interface Killed {
  /** What the process told last. */
  progress: GrowthProgress;
  /** The most blocks by which the log was ahead of the state's store while the process was only watched. */
  leadMost: number;
  /** Flushes of the state that ended before the kill. */
  flushes: number;
  blocks: number;
}

/** Of the largest lead that was watched, what the kill waits for; less with each flush that ends before that comes again. */
const LEAD_SHARE = 0.9;
const LESS_A_FLUSH = 0.1;

/** Follows what the process tells, and knows when the moment has come. */
class Watcher {
  leadMost = 0;
  flushes = 0;
  blocks = 0;
  private stateHeight: number | undefined;
  private share = LEAD_SHARE;

  constructor(
    private readonly bounds: WatchBounds,
    private readonly blocksMost: number,
  ) {}

  /** Whether to kill it now, a block after the last call. */
  isNow({ height, stateHeight }: GrowthProgress): boolean {
    const isWatching = this.flushes < this.bounds.flushes && this.blocks < this.bounds.blocks;
    this.blocks++;
    if (stateHeight > (this.stateHeight ?? stateHeight)) {
      this.flushes++;
      this.share -= isWatching ? 0 : LESS_A_FLUSH;
    }
    this.stateHeight = stateHeight;
    const lead = height - stateHeight;
    if (isWatching) {
      this.leadMost = Math.max(this.leadMost, lead);
      return false;
    }
    return lead >= this.share * this.leadMost || this.blocks >= this.blocksMost;
  }
}

/** Runs `script` (the built growthChild) on the task until the moment has come, and ends it with SIGKILL. Rejects where it ends by itself. */
export function killGrowing(script: URL, task: GrowthTask, bounds: WatchBounds): Promise<Killed> {
  const child = fork(fileURLToPath(script), [JSON.stringify(task)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const watcher = new Watcher(bounds, task.blocksMost);
  let killed: Killed | undefined;
  return new Promise((resolve, reject) => {
    child.on("message", (message) => {
      const progress = message as GrowthProgress;
      if (killed === undefined && watcher.isNow(progress)) {
        child.kill("SIGKILL");
        const { leadMost, flushes, blocks } = watcher;
        killed = { progress, leadMost, flushes, blocks };
      }
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (killed !== undefined && signal === "SIGKILL") {
        resolve(killed);
      } else {
        reject(
          new Error(`expected the chain's process to live until it is killed, got its end with ${signal ?? code}`),
        );
      }
    });
  });
}
