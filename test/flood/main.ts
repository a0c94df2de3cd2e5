// npm run flood -- [--rate N] [--seconds S] [--addresses 100] [--rounds 3]: what honest customers get through, alone and while attackers
// flood the node with signatures that no key made. Rounds of both take turns, so that a busy machine is as busy for one as for the other.
// Ends with 1 where honest throughput under the flood is below 90 % of that alone.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type RunningNode, startNode, startProgram } from "./runningNode.js";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "3000" },
    seconds: { type: "string", default: "10" },
    addresses: { type: "string", default: "100" },
    rounds: { type: "string", default: "3" },
    workers: { type: "string", default: "1" },
  },
});
const SHARE_MIN = 0.9;
const PERCENT = 100;
const US_PER_SECOND = 1_000_000;
/** The load prepares, drains and audits besides its measured part; the attackers end sooner where they are told. */
const FLOOD_SECONDS_MORE = 120;

interface Measured {
  committedPerSecond: number;
  p99Ms: number;
  /** Of the node, in microseconds. */
  processorUsAPayment: number;
}

interface LoadReport {
  committed: number;
  committedPerSecond: number;
  commit: { p99: number };
  audit: { passed: boolean };
}

async function measure(node: RunningNode, seed: number): Promise<Measured> {
  let text = "";
  const parameters = [
    "load",
    "--url",
    node.url,
    "--rate",
    values.rate,
    "--seconds",
    values.seconds,
    "--seed",
    `${seed}`,
  ];
  const before = node.processorSeconds();
  const child = startProgram([...parameters, "--tills", "200", "--connections", "8", "--presign", "--json"], (line) => {
    text += `${line}\n`;
  });
  await new Promise((resolve) => child.once("close", resolve));
  const report = JSON.parse(text) as LoadReport;
  if (!report.audit.passed) {
    throw new Error("the audit of the honest payments failed");
  }
  const processorUsAPayment = (US_PER_SECOND * (node.processorSeconds() - before)) / report.committed;
  return { committedPerSecond: report.committedPerSecond, p99Ms: report.commit.p99, processorUsAPayment };
}

/** Starts the attackers; resolves when they attack. */
function startFlood(url: string): Promise<{ child: ChildProcess; counts: () => string }> {
  const seconds = Number(values.seconds) + FLOOD_SECONDS_MORE;
  const parameters = ["--url", url, "--addresses", values.addresses, "--seconds", `${seconds}`];
  const child = spawn(process.execPath, [join(import.meta.dirname, "flooder.js"), ...parameters], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  return new Promise((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.includes("attacking")) {
        resolve({ child, counts: () => text.trim().split("\n").at(-1) ?? "" });
      }
    });
  });
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];
const alone: Measured[] = [];
const flooded: Measured[] = [];
let told = "";
for (let round = 0; round < Number(values.rounds); round++) {
  for (const isFlooded of round % 2 === 0 ? [false, true] : [true, false]) {
    // A new node each time: attackers that were cut off before would be so still.
    const node = await startNode("--workers", values.workers);
    const flood = isFlooded ? await startFlood(node.url) : undefined;
    const measured = await measure(node, 1 + round);
    (isFlooded ? flooded : alone).push(measured);
    console.log(
      `round ${round + 1} ${isFlooded ? "flooded" : "alone  "}: ${Math.round(measured.committedPerSecond)} payments/s, p99 ${Math.round(measured.p99Ms)} ms, ${Math.round(measured.processorUsAPayment)} µs of the node's processors a payment`,
    );
    if (flood !== undefined) {
      const ended = new Promise((resolve) => flood.child.once("close", resolve));
      flood.child.kill("SIGTERM");
      await ended;
      told = flood.counts();
    }
    await node.end();
  }
}
const rate = (runs: Measured[]): number => median(runs.map(({ committedPerSecond }) => committedPerSecond));
const share = rate(flooded) / rate(alone);
console.log(
  `honest payments: ${Math.round(rate(alone))}/s alone, ${Math.round(rate(flooded))}/s while ${values.addresses} addresses flood: ${Math.round(share * PERCENT)} %\n` +
    `the flood of the last round: ${told}`,
);
process.exitCode = share >= SHARE_MIN ? 0 : 1;
