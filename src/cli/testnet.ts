// `ttchain testnet`: a chain of several nodes on this machine, each with an engine of its own, until it is told to stop.

import { type ChildProcess, spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Command } from "commander";
import { systemClock } from "../base/clock.js";
import { systemRandom } from "../base/random.js";
import { expectEngine } from "./expectEngine.js";
import { CommandFailedError } from "./failures.js";
import { wholeNumber } from "./options.js";
import { registerNodes } from "./registerNodes.js";

interface TestnetOptions {
  nodes: number;
  candidates: number;
  data: string;
  firstPort: number;
  roundBlocks?: number;
  remoteSigner?: boolean;
  logLevel: string;
  prepareOnly?: boolean;
  json?: boolean;
}

const READY_MS_MAX = 60_000;
/**
 * Memory for what lives shortly: a payment lives for some hundred milliseconds, and what lives still when this is full is copied. With 64 MB
 * instead of 192, one of four nodes on two cores was in its main thread's collector for 3.0 s of a run and not 2.2. Without helper threads for
 * the collector, whose use where nodes share the processors was not measured.
 */
const COLLECTOR = ["--min-semi-space-size=192", "--max-semi-space-size=192", "--single-threaded-gc"];

/** The homes' directories, made anew where there are none yet. */
async function homesOf(options: TestnetOptions): Promise<string[]> {
  const { isHome, loadProfile, makeTestnet, saveHome } = await import("../nodeHome.js");
  const directory = resolve(options.data);
  if (await isHome(join(directory, "node0"))) {
    const homes: string[] = [];
    for (let i = 0; await isHome(join(directory, `node${i}`)); i++) {
      homes.push(join(directory, `node${i}`));
    }
    return homes;
  }
  const { nodes: delegates, candidates: others, firstPort, roundBlocks, remoteSigner = false } = options;
  const parameters = roundBlocks === undefined ? {} : { roundBlocks };
  const plan = { directory, delegates, others, firstPort, parameters, remoteSigner };
  const homes = makeTestnet(plan, await loadProfile(), systemRandom, systemClock.nowMs());
  for (const home of homes) {
    await saveHome(home, systemRandom, undefined);
  }
  return homes.map((home) => home.directory);
}

/** Starts a node in a process of its own; resolves with its URL when it answers. */
function startNode(home: string, logLevel: string, children: ChildProcess[]): Promise<string> {
  const args = [...COLLECTOR, process.argv[1], "node", "start", "--home", home, "--json", "--log-level", logLevel];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  return new Promise((ready, reject) => {
    const fail = (reason: string): void =>
      reject(new CommandFailedError(`the node of ${home} ${reason}`, { home, reason }));
    const timer = setTimeout(() => fail(`was not ready after ${READY_MS_MAX} ms`), READY_MS_MAX);
    child.once("exit", (code, signal) => fail(`ended with ${signal ?? `code ${code}`}`));
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (line.startsWith("{") && line.includes('"listening"')) {
        clearTimeout(timer);
        ready((JSON.parse(line) as { url: string }).url);
      } else {
        console.log(line);
      }
    });
  });
}

function announce(urls: string[], options: TestnetOptions): void {
  if (options.json) {
    console.log(JSON.stringify({ event: "listening", urls, data: resolve(options.data), pid: process.pid }));
    return;
  }
  console.log(`A chain of ${urls.length} nodes is running.

${urls.map((url, i) => `  node${i}   ${url}/`).join("\n")}
  data    ${resolve(options.data)}

In another shell:
  npx ttchain status --url ${urls[urls.length - 1]}
  npx ttchain wallet new
  npx ttchain faucet --url ${urls[0]}
  npx ttchain delegate list --url ${urls[0]}

Stop with Ctrl+C.`);
}

async function testnet(options: TestnetOptions): Promise<void> {
  const { engineBinary } = await import("../nodeHome.js");
  expectEngine(engineBinary());
  const homes = await homesOf(options);
  if (options.prepareOnly) {
    console.log(homes.join("\n"));
    return;
  }
  const children: ChildProcess[] = [];
  let exitCode = 0;
  let stopping = false;
  const stop = (): void => {
    if (!stopping) {
      stopping = true;
      for (const child of children) {
        child.kill("SIGTERM");
      }
    }
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.on("SIGHUP", stop);
  // Whoever read what this prints is gone, as after a crash of a script: the nodes shall not stay behind.
  process.stdout.on("error", stop);
  try {
    const urls = await Promise.all(homes.map((home) => startNode(home, options.logLevel, children)));
    await registerNodes(homes, urls);
    announce(urls, options);
  } catch (error) {
    if (!stopping) {
      stop();
      throw error;
    }
  }
  await Promise.all(
    children.map(
      (child) =>
        new Promise<void>((resolve) => {
          const ended = (code: number | null): void => {
            exitCode = code === 0 ? exitCode : 1;
            resolve();
          };
          if (child.exitCode !== null || child.signalCode !== null) {
            ended(child.exitCode);
          } else {
            child.once("exit", ended);
          }
        }),
    ),
  );
  process.exitCode = exitCode;
}

export function testnetCommand(): Command {
  return new Command("testnet")
    .description("run a chain of several nodes on this machine, each with its engine")
    .option("-n, --nodes <number>", "nodes that are delegates from the start", wholeNumber(1, 32), 4)
    .option("--candidates <number>", "further nodes, which stand for election", wholeNumber(0, 32), 0)
    .option("-d, --data <directory>", "where the homes are kept; made anew where there are none", ".ttchain-testnet")
    .option("--round-blocks <number>", "blocks of a round, at whose end an election is counted", wholeNumber(3, 65_535))
    .option("--first-port <number>", "the first of four ports for each node", wholeNumber(1_024, 65_000), 7_100)
    .option("--remote-signer", "the nodes sign for their engines, which never have the keys")
    .option("--prepare-only", "write the homes and print their names, start nothing")
    .option("--log-level <level>", "trace, debug, info, warn, error or silent", "warn")
    .option("--json", "print one line of JSON when ready")
    .addHelpText(
      "after",
      `
Examples:
  $ npx ttchain testnet                        four nodes, from port 7100 on
  $ npx ttchain testnet --nodes 1 -d /tmp/one  a chain of one validator under the engine
  $ npx ttchain testnet --candidates 8 --round-blocks 60
                                               votes elect others of twelve nodes every 60 blocks`,
    )
    .action(testnet);
}
