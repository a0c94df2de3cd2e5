// Runs the engine as a child process and starts it again when it ends: it replays its own log against the living application.
// One that keeps ending at once is a failure of the node.

import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Clock, Timer } from "../../base/clock.js";
import type { Logger } from "../../base/logging.js";

const RESTART_DELAY_MS = 1_000;
/** An engine that lived this long had started well. */
const STARTED_WELL_MS = 20_000;
/** After the application was killed, the engine before may still hold its store for some seconds. */
const QUICK_ENDS_MAX = 15;
const STOP_MS_MAX = 15_000;

export interface EngineProcessOptions {
  /** The engine's program. */
  binary: string;
  /** Its home, with config/ and data/. */
  home: string;
  /** The socket on which it waits for whoever signs for it: one that a killed engine left is in the next one's way. */
  signerSocket?: string | undefined;
  /** What it prints is appended here. */
  logPath: string;
  clock: Clock;
  logger: Logger;
  onFailure: (error: unknown) => void;
}

export class EngineProcess {
  private child: ChildProcess | undefined;
  private log: FileHandle | undefined;
  private restart: Timer | undefined;
  private stopping = false;
  private startedMs = 0;
  private quickEnds = 0;

  constructor(private readonly options: EngineProcessOptions) {}

  /** The process that runs now. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  async start(): Promise<void> {
    this.log = await open(this.options.logPath, "a", 0o600);
    this.launch();
  }

  private launch(): void {
    const { binary, home, signerSocket, clock, logger } = this.options;
    if (signerSocket !== undefined) {
      rmSync(signerSocket, { force: true });
    }
    const output = this.log?.fd ?? "ignore";
    this.startedMs = clock.monotonicMs();
    const child = spawn(binary, ["start", "--home", home], { stdio: ["ignore", output, output] });
    this.child = child;
    child.once("error", (error) => this.options.onFailure(new Error(`the engine can't be started: ${error.message}`)));
    child.once("exit", (code, signal) => {
      this.child = undefined;
      if (!this.stopping) {
        logger.warn({ code, signal }, "the engine ended; starting it again");
        this.scheduleRestart();
      }
    });
  }

  private scheduleRestart(): void {
    const { clock, logPath, onFailure } = this.options;
    this.quickEnds = clock.monotonicMs() - this.startedMs < STARTED_WELL_MS ? this.quickEnds + 1 : 0;
    if (this.quickEnds > QUICK_ENDS_MAX) {
      onFailure(new Error(`the engine ends again and again: ${logPath} says why`));
      return;
    }
    this.restart = clock.setTimer(RESTART_DELAY_MS, () => this.launch());
  }

  /** Asks the engine to end, and ends it where it does not. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.restart?.cancel();
    const { child } = this;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.kill("SIGTERM");
      const timer = this.options.clock.setTimer(STOP_MS_MAX, () => child.kill("SIGKILL"));
      await ended;
      timer.cancel();
    }
    await this.log?.close();
    this.log = undefined;
  }
}
