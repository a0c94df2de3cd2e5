// A chain for one run: a node in a child process on a free port, with its data in a temporary directory that goes with it.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CommandFailedError } from "../failures.js";

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 30_000;
/** The end of what the node wrote, for the message when it dies. */
const LOG_CHARS_KEPT = 2_000;

/**
 * As `npm start` runs the node: room for what lives between a payment's arrival and its block, which would be copied twice otherwise, and
 * from the start room that many payments a second will take, lest all garbage is collected ten times in the first second.
 */
const NODE_FLAGS = ["--min-semi-space-size=16", "--max-semi-space-size=64", "--initial-old-space-size=256"];

export interface OwnChain {
  url: string;
  /** Ends the node gracefully and removes its data. */
  stop(): Promise<void>;
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  await ended;
  clearTimeout(timer);
}

/** The URL of the ready node, from the line of JSON that it prints. */
function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = "";
    const fail = (reason: string) =>
      reject(new CommandFailedError(`the node of this run ${reason}\n${log}`, { reason, log }));
    const timer = setTimeout(() => fail(`was not ready after ${START_MS_MAX} ms`), START_MS_MAX);
    child.stderr?.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-LOG_CHARS_KEPT);
    });
    child.once("error", (error) => fail(`can't be started: ${error.message}`));
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      fail(`ended with ${signal ?? `code ${code}`} before it was ready`);
    });
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (line.startsWith("{") && line.includes('"listening"')) {
        clearTimeout(timer);
        resolve((JSON.parse(line) as { url: string }).url);
      } else {
        log = `${log}${line}\n`.slice(-LOG_CHARS_KEPT);
      }
    });
  });
}

/** Starts the node. Throws CommandFailedError, with the end of its log, where it does not come up. */
export async function startOwnChain(): Promise<OwnChain> {
  const directory = await mkdtemp(join(tmpdir(), "ttchain-load-"));
  const main = join(dirname(fileURLToPath(import.meta.url)), "..", "main.js");
  const child = spawn(
    process.execPath,
    [...NODE_FLAGS, main, "start", "--data", directory, "--port", "0", "--json", "--log-level", "warn"],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  // A run that ends by a signal must not leave the node behind.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    await stopChild(child);
    process.removeListener("exit", kill);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    return { url: await readyUrl(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
