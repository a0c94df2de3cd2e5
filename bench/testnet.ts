// `npm run bench:testnet`: real validators on this machine under a fleet, with a node's share of the fleet each, and what engines,
// applications and clients took of the processor.

import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { describeMachine } from "./machine.js";

const PROGRAM = join(import.meta.dirname, "../../../dist/cli/main.js");
/** Clock ticks a second of /proc. */
const TICKS = 100;

interface Report {
  committed: number;
  tookSeconds: number;
  fleetCpuSeconds: number;
  commit: { p50: number; p99: number };
  audit: { passed: boolean };
}

interface ProcessTime {
  pid: number;
  parent: number;
  command: string;
  seconds: number;
}

function processTimes(): ProcessTime[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) {
      return [];
    }
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      const seconds = (Number(fields[11]) + Number(fields[12])) / TICKS;
      return [{ pid: Number(name), parent: Number(fields[1]), command, seconds }];
    } catch {
      return [];
    }
  });
}

/** Processor seconds. */
interface Spent {
  applications: number;
  engines: number;
}

/** What the applications and the engines that descend from a process took so far. */
function spent(root: number): Spent {
  const all = processTimes();
  const applications = all.filter(({ parent }) => parent === root);
  const nodes = new Set(applications.map(({ pid }) => pid));
  const engines = all.filter(({ parent }) => nodes.has(parent));
  const sum = (list: ProcessTime[]): number => list.reduce((total, { seconds }) => total + seconds, 0);
  return { applications: sum(applications), engines: sum(engines) };
}

function startTestnet(
  directory: string,
  nodes: string,
  port: string,
): Promise<{ child: ChildProcess; urls: string[] }> {
  const parameters = [PROGRAM, "testnet", "--nodes", nodes, "--data", directory, "--first-port", port, "--json"];
  const child = spawn(process.execPath, parameters, { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the network ended with ${code}`)));
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (line.includes('"listening"')) {
        resolve({ child, urls: (JSON.parse(line) as { urls: string[] }).urls });
      }
    });
  });
}

interface FleetOptions {
  rate: number;
  seconds: string;
  tills: string;
  mileage: string;
}

/** A fleet that signs its payments and waits, and waits again before its audit. */
class Fleet {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(url: string, seed: number, { rate, seconds, tills, mileage }: FleetOptions, more: string[] = []) {
    const size = ["--rate", `${rate}`, "--seconds", seconds, "--tills", tills, "--mileage", mileage];
    const parameters = ["load", "--url", url, "--seed", `${seed}`, ...size, "--wait", "--json", ...more];
    this.child = spawn(process.execPath, [PROGRAM, ...parameters], { stdio: ["pipe", "pipe", "inherit"] });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** The next line that it prints. */
  private async line(): Promise<string> {
    const { done, value } = await this.lines.next();
    if (done) {
      throw new Error(`a fleet ended with ${this.child.exitCode ?? this.child.signalCode}`);
    }
    return value;
  }

  /** Everything that it prints until it ends. */
  private async rest(): Promise<string> {
    const lines: string[] = [];
    for (let next = await this.lines.next(); !next.done; next = await this.lines.next()) {
      lines.push(next.value);
    }
    return lines.join("\n");
  }

  /** Has several offer their payments together, then audit; resolves with their reports and with what nodes spent in between. */
  static async run(fleets: Fleet[], spentSoFar: () => Spent): Promise<Spent & { reports: Report[] }> {
    await Promise.all(fleets.map((fleet) => fleet.line()));
    const before = spentSoFar();
    for (const { child } of fleets) {
      child.stdin!.write("\n");
    }
    await Promise.all(fleets.map((fleet) => fleet.line()));
    const after = spentSoFar();
    for (const { child } of fleets) {
      child.stdin!.end("\n");
    }
    const reports = await Promise.all(fleets.map(async (fleet) => JSON.parse(await fleet.rest()) as Report));
    const applications = after.applications - before.applications;
    return { reports, applications, engines: after.engines - before.engines };
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      nodes: { type: "string", default: "4" },
      rate: { type: "string", default: "8000" },
      seconds: { type: "string", default: "30" },
      tills: { type: "string", default: "200" },
      mileage: { type: "string", default: "0.1" },
      "warm-up": { type: "string", default: "0" },
      "first-port": { type: "string", default: "7600" },
    },
  });
  const directory = await mkdtemp(join(tmpdir(), "ttchain-bench-"));
  const { child, urls } = await startTestnet(directory, values.nodes, values["first-port"]);
  const spentSoFar = (): Spent => spent(child.pid!);
  try {
    const share = Math.ceil(Number(values.rate) / urls.length);
    const { seconds, tills, mileage } = values;
    const warmUp = values["warm-up"];
    const seeds = urls.map(() => randomInt(2 ** 31));
    if (Number(warmUp) > 0) {
      // The same tills: a reference can be paid once in both.
      const size = { rate: Math.ceil(share / 2), seconds: warmUp, tills, mileage };
      const none = ["--references", "0", "--double-pay", "0"];
      await Fleet.run(
        urls.map((url, i) => new Fleet(url, seeds[i], size, none)),
        spentSoFar,
      );
    }
    const fleets = urls.map((url, i) => new Fleet(url, seeds[i], { rate: share, seconds, tills, mileage }));
    const { reports, applications, engines } = await Fleet.run(fleets, spentSoFar);
    const committed = reports.reduce((sum, report) => sum + report.committed, 0);
    const took = Math.max(...reports.map(({ tookSeconds }) => tookSeconds));
    const clients = reports.reduce((sum, { fleetCpuSeconds }) => sum + fleetCpuSeconds, 0);
    const perPayment = (seconds: number): string => `${((seconds / committed) * 1e6).toFixed(0)} µs a payment`;
    const { processor, cores, node, commit, loadBefore } = describeMachine();
    console.log(`${cores} cores of ${processor}, Node ${node}, commit ${commit}, load average before ${loadBefore}
validators        ${urls.length}
asked for         ${values.rate} payments a second for ${values.seconds} s, from ${urls.length} fleets of ${tills} tills, mileage ${mileage}, after ${warmUp} s of half of it
committed         ${committed}, ${Math.round(committed / took)} a second over ${took.toFixed(1)} s
commit p50, p99   ${reports.map(({ commit }) => `${commit.p50.toFixed(0)}, ${commit.p99.toFixed(0)} ms`).join("; ")}
applications      ${applications.toFixed(1)} s of processor, ${perPayment(applications)}
engines           ${engines.toFixed(1)} s of processor, ${perPayment(engines)}
clients           ${clients.toFixed(1)} s of processor, ${perPayment(clients)}
audits            ${reports.every(({ audit }) => audit.passed) ? "passed" : "FAILED"}`);
  } finally {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
    await rm(directory, { recursive: true, force: true });
  }
}

await main();
