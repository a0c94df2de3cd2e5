// A network of real nodes for tests: each home runs by `ttchain node start` in a process of its own, its engine as a child of that.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { runCommand } from "./nodeProcess.js";

const PROGRAM = join(import.meta.dirname, "../../dist/cli/main.js");
const READY_MS = 60_000;
const PORTS_A_NODE = 4;
const PORT_FIRST = 20_000;
const PORTS_A_RANGE = 60;
const PORT_RANGES = 200;
const ENGINE_LOG_CHARACTERS = 2_000;

/** Whether the engine was built; without it the tests that need it are left out. */
export const engineIsInstalled = existsSync(
  process.env.TTCHAIN_ENGINE ?? join(import.meta.dirname, "../../.engine/cometbft"),
);
if (!engineIsInstalled) {
  console.warn(
    "The engine is not installed: tests of several nodes are left out. npm run engine:install builds it (needs Go).",
  );
}

export interface NodeStatus {
  height: number;
  blockHash: string;
  stateRoot: string;
}

/** The process's children, by their parents' numbers in /proc. */
function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid;
      } catch {
        return false;
      }
    })
    .map(Number);
}

export class TestnetNode {
  private child: ChildProcess | undefined;
  private output = "";

  constructor(
    readonly home: string,
    readonly url: string,
    /** What the program is started with, such as a command that enters a namespace. */
    private readonly prefix: readonly string[] = [],
  ) {}

  /** What the node printed, up to its last 100,000 characters. */
  get log(): string {
    return this.output;
  }

  private get engineLog(): string {
    const file = join(this.home, "engine.log");
    return existsSync(file) ? readFileSync(file, "utf8").slice(-ENGINE_LOG_CHARACTERS) : "it wrote no log";
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves when the node answers. */
  async start(...options: string[]): Promise<void> {
    const parameters = [PROGRAM, "node", "start", "--home", this.home, "--json", "--log-level", "info", ...options];
    const [command, ...rest] = [...this.prefix, process.execPath, ...parameters];
    const child = spawn(command, rest, { stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.home} was not ready: ${this.log}`)), READY_MS);
      const onText = (text: string): void => {
        this.output = (this.output + text).slice(-100_000);
        if (text.includes('"listening"')) {
          clearTimeout(timer);
          resolve();
        }
      };
      child.stdout.setEncoding("utf8").on("data", onText);
      child.stderr.setEncoding("utf8").on("data", onText);
      child.once("exit", (code, signal) => {
        clearTimeout(timer);
        reject(new Error(`${this.home} ended with ${signal ?? code}: ${this.log}`));
      });
    });
  }

  /** The engine's process; undefined between two of them. */
  get enginePid(): number | undefined {
    const pid = this.child?.pid;
    return pid === undefined ? undefined : childrenOf(pid)[0];
  }

  killEngine(): void {
    const pid = this.enginePid;
    if (pid !== undefined) {
      process.kill(pid, "SIGKILL");
    }
  }

  /** Ends the application and waits until it is gone; the engine ends with it. */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      return child?.exitCode ?? null;
    }
    const engine = this.enginePid;
    const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
    child.kill(signal);
    const code = await ended;
    for (let tries = 0; engine !== undefined && existsSync(`/proc/${engine}`) && tries < 100; tries++) {
      await sleep(100);
    }
    return code;
  }

  async json<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.url}${path}`)).json()) as T;
  }

  status(): Promise<NodeStatus> {
    return this.json<NodeStatus>("/v1/status");
  }

  /** Resolves when the node has reached a height. */
  async reach(height: number, withinMs = 60_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const at = await this.status().then(
        (status) => status.height,
        () => -1,
      );
      if (at >= height) {
        return;
      }
      if (performance.now() > deadline) {
        const reached = `${this.home} is at ${at} and did not reach ${height} within ${withinMs} ms`;
        throw new Error(`${reached}: ${this.log}\nits engine: ${this.engineLog}`);
      }
      await sleep(100);
    }
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function listen(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  return new Promise((resolve) => {
    if (server === undefined) {
      resolve(false);
    } else {
      server.close(() => resolve(true));
    }
  });
}

/**
 * The first of `count` ports in a row that are free now. This process listens on the last port of their range as long as it lives, so that
 * no other network is given them while the nodes of this one are down.
 */
export async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < PORT_RANGES; tries++) {
    const first = PORT_FIRST + ((process.pid + tries) % PORT_RANGES) * PORTS_A_RANGE;
    const guard = await listen(first + PORTS_A_RANGE - 1);
    if (guard === undefined) {
      continue;
    }
    const free = await Promise.all(Array.from({ length: count }, (_, i) => isFree(first + i)));
    if (free.every((is) => is)) {
      guard.unref();
      return first;
    }
    guard.close();
  }
  throw new Error("no free ports for a test network");
}

/** Homes of a network, written and not started: first the delegates', then the candidates' that the options ask for. */
export async function prepareTestnet(directory: string, nodes: number, ...options: string[]): Promise<TestnetNode[]> {
  const candidates = Number(options[options.indexOf("--candidates") + 1] ?? 0) || 0;
  const port = await freePorts((nodes + candidates) * PORTS_A_NODE);
  const parameters = [
    "testnet",
    "--prepare-only",
    "--nodes",
    `${nodes}`,
    "--data",
    directory,
    "--first-port",
    `${port}`,
  ];
  const { code, stdout, stderr } = await runCommand([...parameters, ...options]);
  if (code !== 0) {
    throw new Error(`the homes could not be made: ${stderr}`);
  }
  return stdout
    .trim()
    .split("\n")
    .map((home, i) => new TestnetNode(home, `http://127.0.0.1:${port + PORTS_A_NODE * i}`));
}

/** Checks that all nodes have the same block at every height up to the lowest of their heights; returns that. */
export async function expectSameChain(nodes: TestnetNode[]): Promise<number> {
  const heights = await Promise.all(nodes.map(async (node) => (await node.status()).height));
  const height = Math.min(...heights);
  for (let at = 1; at <= height; at++) {
    const blocks = await Promise.all(
      nodes.map((node) => node.json<{ hash: string; result: { stateRoot: string } }>(`/v1/blocks/${at}`)),
    );
    const names = new Set(blocks.map(({ hash, result }) => `${hash} ${result?.stateRoot}`));
    if (names.size !== 1 || blocks[0].hash === undefined) {
      throw new Error(`the nodes differ at height ${at}: ${[...names].join(", ")}`);
    }
  }
  return height;
}
