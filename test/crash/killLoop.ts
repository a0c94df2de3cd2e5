// Kills a real node again and again while a fleet of tills pays through it and contracts are registered, called and asked for: at random
// moments from outside, and at named points between the steps of a block from inside. The fleets' audits then account for every unit,
// payment and contract that was told of, and a node that was never killed executes the whole chain again.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { SeededRandom } from "../../src/base/random.js";
import { verifyChain } from "../../src/verifyChain.js";
import { startProgram } from "../e2e/nodeProcess.js";
import { freePort } from "../support/freePort.js";
import { ContractFleet } from "./contractFleet.js";

const CRASH_POINTS = [
  "calls.afterSend",
  "calls.afterAnswer",
  "record.beforeAppend",
  "record.amidAppend",
  "record.afterSync",
  "log.beforeAppend",
  "log.amidAppend",
  "log.afterAppend",
  "log.afterSync",
  "feed.beforePublish",
  "feed.afterPublish",
  "state.beforeWrite",
  "state.amidWrite",
  "state.afterWrite",
  "history.beforeWrite",
  "history.amidWrite",
  "history.afterWrite",
  "thread.beforeFlush",
  "thread.amidFlush",
  "thread.afterFlush",
  "stateThread.amidPieces",
  "stateThread.beforeWrite",
  "stateThread.amidWrite",
  "stateThread.afterWrite",
];

/** A machine that is kept busy by others takes long. */
const READY_MS = 180_000;
/** A node whose point does not come up in this time is killed from outside. */
const POINT_MS = 3_000;
/** State and history are written some four seconds after such a node's start at the earliest. */
const WRITE_POINT_MS = 8_000;

export interface KillLoopOptions {
  kills: number;
  seed: number;
  /** How long the fleet pays before each audit; every audit costs some seconds. */
  roundSeconds: number;
  rate: number;
  /** Kill points whose names begin so; all by default. */
  points?: string;
  tell?: (line: string) => void;
}

export interface KillLoopReport {
  kills: number;
  /** How many of them at each point; "random" for those from outside. */
  byPoint: Record<string, number>;
  /** Blocks that were in the log and not in the stores when a node came back. */
  recoveredBlocks: number;
  height: number;
  audits: number;
  payments: number;
  /** Contract transactions whose outcome was told of, by kind. */
  contracts: Record<string, number>;
}

interface RunningNode {
  child: ChildProcess;
  url: string;
  height: number;
  recovered: number;
}

function ended(child: ChildProcess): Promise<void> {
  return child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once("exit", () => resolve()));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Starts a node that dies at `point`; undefined where it died before it listened. */
function startNode(directory: string, port: number, point?: string, count?: number): Promise<RunningNode | undefined> {
  const script = join(process.cwd(), "test/crash/crashNode.mjs");
  const parameters = [script, directory, String(port), ...(point === undefined ? [] : [point, String(count)])];
  const child = spawn(process.execPath, parameters, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`the node was not ready after ${READY_MS} ms: ${output}`));
    }, READY_MS);
    const onText = (text: string): void => {
      output += text;
      const line = output.split("\n").find((candidate) => candidate.includes('"listening"') && candidate.endsWith("}"));
      if (line !== undefined) {
        clearTimeout(timer);
        resolve({ child, ...(JSON.parse(line) as Omit<RunningNode, "child">) });
      }
    };
    child.stdout.setEncoding("utf8").on("data", onText);
    child.stderr.setEncoding("utf8").on("data", onText);
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      if (signal === "SIGKILL") {
        resolve(undefined);
      } else {
        reject(new Error(`the node ended with ${code}: ${output}`));
      }
    });
  });
}

interface Load {
  /** Resolves when accounts are funded and payments flow. */
  offering: Promise<void>;
  /** Resolves with the number of payments when the audit passed; rejects where anything is missing. */
  audited: Promise<number>;
}

/** Pays for a while and audits. */
function startLoad(url: string, { rate, roundSeconds }: KillLoopOptions, seed: number): Load {
  const parameters = ["load", "--url", url, "--tills", "20", "--rate", `${rate}`, "--seconds", `${roundSeconds}`];
  const program = join(process.cwd(), "dist/cli/main.js");
  const child = spawn(process.execPath, [program, ...parameters, "--seed", `${seed}`, "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  const offering = new Promise<void>((resolve) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      if (/accepted [1-9]/.test(stderr)) {
        resolve();
      }
    });
  });
  const audited = new Promise<number>((resolve, reject) => {
    child.once("close", (code) => {
      const report = code === 0 ? (JSON.parse(stdout) as { audit: { passed: boolean } }) : undefined;
      if (report?.audit.passed) {
        resolve(rate * roundSeconds);
      } else {
        reject(new Error(`the audit failed (${code}): ${stdout.slice(0, 4_000)} ${stderr.slice(-2_000)}`));
      }
    });
  });
  audited.catch(() => undefined);
  return { offering, audited };
}

/** A subscriber: without one nothing is published. */
function watchBlocks(url: string): WebSocket {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws`);
  socket.on("open", () => socket.send(JSON.stringify({ type: "subscribe", request: 1, topic: "blocks" })));
  socket.on("error", () => undefined);
  return socket;
}

async function heightNow(url: string): Promise<number> {
  return fetch(`${url}/v1/status`)
    .then(async (answer) => ((await answer.json()) as { height: number }).height)
    .catch(() => 0);
}

async function statusOf(url: string): Promise<{ height: number }> {
  return (await fetch(`${url}/v1/status`)).json() as Promise<{ height: number }>;
}

async function rootOf(url: string, height: number): Promise<string> {
  const answer = await (await fetch(`${url}/v1/blocks/${height}`)).json();
  return (answer as { result: { stateRoot: string } }).result.stateRoot;
}

/** Everything that the killed node has stored, page by page. */
async function expectSound(dataDirectory: string): Promise<void> {
  const { sound, damage } = await verifyChain({ dataDirectory });
  if (!sound) {
    throw new Error(`the killed node's ${damage?.part}: ${damage?.message}`);
  }
}

class KillLoop {
  readonly report: KillLoopReport = {
    kills: 0,
    byPoint: {},
    recoveredBlocks: 0,
    height: 0,
    audits: 0,
    payments: 0,
    contracts: {},
  };
  private readonly random: SeededRandom;
  private readonly contracts: ContractFleet;
  private readonly points: readonly string[];

  constructor(
    private readonly options: KillLoopOptions,
    private readonly directory: string,
    private readonly port: number,
  ) {
    this.random = new SeededRandom(options.seed);
    this.contracts = new ContractFleet(options.seed);
    this.points = CRASH_POINTS.filter((point) => point.startsWith(options.points ?? ""));
  }

  private count(point: string): void {
    this.report.kills++;
    this.report.byPoint[point] = (this.report.byPoint[point] ?? 0) + 1;
  }

  /** Starts a node, which may die on its way up; checks that it has everything that was seen before. */
  private async comeBack(point?: string, count?: number): Promise<RunningNode> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const node = await startNode(this.directory, this.port, attempt === 0 ? point : undefined, count);
      if (node === undefined) {
        this.count(point ?? "random");
        continue;
      }
      if (node.height < this.report.height) {
        throw new Error(`the node came back at height ${node.height}, after ${this.report.height} was seen`);
      }
      this.report.recoveredBlocks += node.recovered;
      return node;
    }
    throw new Error("the node does not come back");
  }

  /** Lets one node live until it is killed. */
  private async life(isOver: () => boolean): Promise<void> {
    const usesPoint = this.random.chance(1, 2);
    const point = usesPoint ? this.points[this.random.below(this.points.length)] : undefined;
    const node = await this.comeBack(point, 1 + this.random.below(point?.startsWith("log") ? 20 : 2));
    const isWrite = /^(state|history|thread)/.test(point ?? "");
    const pointMs = isWrite ? WRITE_POINT_MS : POINT_MS;
    const endMs = performance.now() + (usesPoint ? pointMs : 100 + this.random.below(1_500));
    const watcher = point?.startsWith("feed") ? watchBlocks(node.url) : undefined;
    while (performance.now() < endMs && node.child.signalCode === null && !isOver()) {
      this.report.height = Math.max(this.report.height, await heightNow(node.url));
      await sleep(40);
    }
    watcher?.terminate();
    if (isOver()) {
      node.child.kill("SIGKILL");
      await ended(node.child);
      return;
    }
    const byItself = node.child.signalCode !== null;
    node.child.kill("SIGKILL");
    await ended(node.child);
    this.count(byItself && point !== undefined ? point : "random");
  }

  async run(): Promise<KillLoopReport> {
    const { kills, seed, tell } = this.options;
    for (let round = 0; this.report.kills < kills; round++) {
      let node = await this.comeBack();
      const load = startLoad(node.url, this.options, seed + round);
      // The fleet gets its coins and connects in peace: what was only accepted may be lost, and it asks the faucet once.
      await Promise.race([load.offering, load.audited]);
      if (round === 0) {
        await this.contracts.begin(node.url);
      }
      const endMs = performance.now() + this.options.roundSeconds * 1_000;
      const contracts = this.contracts.run(node.url, () => performance.now() >= endMs);
      contracts.catch(() => undefined);
      node.child.kill("SIGKILL");
      await ended(node.child);
      this.count("random");
      while (performance.now() < endMs) {
        await this.life(() => performance.now() >= endMs);
      }
      // In peace, for the audit.
      node = await this.comeBack();
      this.report.payments += await load.audited;
      await contracts;
      await this.contracts.audit(node.url);
      this.report.contracts = { ...this.contracts.counts };
      await this.followWhole(node.url);
      this.report.audits++;
      node.child.kill("SIGKILL");
      await ended(node.child);
      tell?.(`${this.report.kills} kills, ${this.report.audits} audits passed, height ${this.report.height}`);
    }
    await expectSound(this.directory);
    return this.report;
  }

  /** A node that was never killed executes all blocks from the first on: it refuses any whose result is not its own. */
  private async followWhole(url: string): Promise<void> {
    const directory = `${this.directory}-follower-${this.report.audits}`;
    const { height } = await statusOf(url);
    const follower = await startProgram([
      ...["follow", "--json", "--port", "0", "--data", directory, "--peers", url, "--verify", "execute"],
    ]);
    try {
      const endMs = performance.now() + READY_MS;
      while ((await statusOf(follower.url)).height < height) {
        if (follower.process.exitCode !== null || performance.now() > endMs) {
          throw new Error(`the follower stopped before height ${height}`);
        }
        await sleep(100);
      }
      const roots = await Promise.all([url, follower.url].map((one) => rootOf(one, height)));
      if (roots[0] !== roots[1]) {
        throw new Error(`at height ${height} the killed node has root ${roots[0]}, the follower ${roots[1]}`);
      }
    } finally {
      await follower.kill("SIGKILL");
    }
  }
}

/** Runs the loop on a new chain in a temporary directory. Rejects where an audit fails or a node comes back with less than it told. */
export async function killLoop(options: KillLoopOptions): Promise<KillLoopReport> {
  const directory = await mkdtemp(join(tmpdir(), "ttchain-crash-"));
  try {
    return await new KillLoop(options, join(directory, "chain"), await freePort()).run();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
