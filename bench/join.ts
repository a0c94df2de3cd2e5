// `npm run measure:join`: how long a fresh node takes to join a chain of many accounts by a snapshot, from its start to the height that the
// validator then has. Both run on this machine, and the validator goes on meanwhile.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { describeMachine } from "./machine.js";

const PROGRAM = join(import.meta.dirname, "../../../dist/cli/main.js");

interface StatusAnswer {
  height: number;
  stateRoot: string;
}

/** Runs a command of the program to its end; its output. */
async function run(...parameters: string[]): Promise<string> {
  const child = spawn(process.execPath, [PROGRAM, ...parameters], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) {
    throw new Error(`${parameters.join(" ")} ended with ${code}`);
  }
  return output;
}

/** Starts a node; resolves with its URL when it answers. */
function start(children: ChildProcess[], home: string, ...options: string[]): Promise<string> {
  const parameters = [PROGRAM, "node", "start", "--home", home, "--json", ...options];
  const child = spawn(process.execPath, parameters, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the node of ${home} ended with ${code}`)));
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (line.includes('"listening"')) {
        resolve((JSON.parse(line) as { url: string }).url);
      }
    });
  });
}

async function status(url: string): Promise<StatusAnswer> {
  return (await (await fetch(`${url}/v1/status`)).json()) as StatusAnswer;
}

/** The height of the first snapshot from `height` on, once there is one, and its size. */
async function snapshotFrom(home: string, height: number): Promise<{ height: number; bytes: number }> {
  for (;;) {
    for (const file of await readdir(join(home, "snapshots"))) {
      if (file.endsWith(".snapshot") && Number.parseInt(file, 10) >= height) {
        return { height: Number.parseInt(file, 10), bytes: (await stat(join(home, "snapshots", file))).size };
      }
    }
    await sleep(200);
  }
}

async function measure(directory: string, children: ChildProcess[], accounts: string, port: string): Promise<void> {
  const plan = ["--nodes", "1", "--candidates", "1", "--data", directory, "--first-port", port];
  const [validator, joining] = (await run("testnet", "--prepare-only", ...plan)).trim().split("\n");
  const url = await start(children, validator, "--snapshot-every", "20");
  await run("load", "--url", url, "--payees", accounts, "--rate", "10", "--seconds", "1", "--tills", "2", "--json");
  const snapshot = await snapshotFrom(validator, (await status(url)).height);
  const { rpcPort } = JSON.parse(await readFile(join(validator, "node.json"), "utf8")) as { rpcPort: number };
  const servers = `127.0.0.1:${rpcPort},127.0.0.1:${rpcPort}`;
  await run("node", "join", "--home", joining, "--genesis", join(validator, "genesis.json"), "--state-sync", servers);
  const begun = performance.now();
  const joined = await start(children, joining);
  const target = await status(url);
  while ((await status(joined)).height < target.height) {
    await sleep(100);
  }
  const seconds = (performance.now() - begun) / 1000;
  const { processor, cores, node, commit, loadBefore } = describeMachine();
  console.log(`${cores} cores of ${processor}, Node ${node}, commit ${commit}, load average before ${loadBefore}
accounts          ${accounts}
snapshot          of height ${snapshot.height}, ${(snapshot.bytes / 1e6).toFixed(1)} MB
joined            at height ${target.height} after ${seconds.toFixed(1)} s`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      accounts: { type: "string", default: "1000000" },
      "first-port": { type: "string", default: "7680" },
    },
  });
  const directory = await mkdtemp(join(tmpdir(), "ttchain-join-"));
  const children: ChildProcess[] = [];
  try {
    await measure(directory, children, values.accounts, values["first-port"]);
  } finally {
    const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const ended = running.map((child) => new Promise((resolve) => child.once("exit", resolve)));
    for (const child of running) {
      child.kill("SIGTERM");
    }
    await Promise.all(ended);
    await rm(directory, { recursive: true, force: true });
  }
}

await main();
