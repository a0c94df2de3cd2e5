// `npm run bench`: hot paths beside their twins and rivals in one run, then the whole node under the fleet.

import { parseArgs } from "node:util";
import { benchContracts } from "./contracts.bench.js";
import { ed25519Bench } from "./ed25519.bench.js";
import { endToEndBench } from "./endToEnd.bench.js";
import { type GrowthResult, growthBench } from "./growth.bench.js";
import { historyBench, type StoreResult } from "./history.bench.js";
import { benchHostCalls } from "./hostCalls.bench.js";
import { benchLedger } from "./ledger.bench.js";
import { benchLvm } from "./lvm.bench.js";
import { describeMachine } from "./machine.js";
import { merchantBench } from "./merchant.bench.js";
import type { BenchRow } from "./row.js";
import { sha256Bench } from "./sha256.bench.js";
import { type StageRow, stagesBench } from "./stages.bench.js";
import { benchStateTree } from "./stateTree.bench.js";

const AREAS: Record<string, () => Promise<BenchRow[]>> = {
  sha256: sha256Bench,
  ed25519: ed25519Bench,
  state: benchStateTree,
  ledger: benchLedger,
  lvm: benchLvm,
  hostcalls: benchHostCalls,
  contracts: benchContracts,
};

/** Areas with tables of their own. */
const OTHER_AREAS = ["stages", "growth", "history", "load", "merchant"];

const HELP = `Measures the hot paths beside their rivals, and the whole node under load.

Usage: npm run bench -- [options]

  --only <areas>     comma-separated: ${Object.keys(AREAS).join(", ")}, stages, load, growth, history, merchant
  --rate <number>    transactions a second of the load (default 500)
  --seconds <number> how long the load runs (default 20)
  --tills <number>   tills of the fleet (default 200)
  --accounts <n>     accounts of the chain of stages and growth (default 100000)
  --payments <n>     payments committed by growth (default 1000000)
  --account-payments <n> payments of the account whose first page history reads (default 200000)
  --state-cache-mb <n> memory for pages of growth's state (default 256)
  --json             print one JSON document
  --help

Examples:
  npm run bench
  npm run bench -- --only sha256,ed25519
  npm run bench -- --only load --rate 2000 --seconds 10 --json`;

const NS = { us: 1_000, ms: 1_000_000 };

function formatTime(ns: number): string {
  if (ns >= NS.ms) {
    return `${(ns / NS.ms).toFixed(2)} ms`;
  }
  return ns >= NS.us ? `${(ns / NS.us).toFixed(2)} µs` : `${ns.toFixed(0)} ns`;
}

function printRows(area: string, rows: BenchRow[]): void {
  console.log(`\n${area}`);
  let before = "";
  for (const row of rows) {
    if (row.name !== before) {
      console.log(`  ${row.name}: ${formatTime(row.nsPerOperation)}`);
      before = row.name;
    }
    console.log(
      `    ${row.rival.padEnd(44)} ${formatTime(row.rivalNsPerOperation).padStart(12)}   ${row.ratio.toFixed(2)} x`,
    );
  }
}

function printStages(rows: StageRow[], accounts: string): void {
  console.log(`\nstages, processor time of all threads, blocks of 5,000 transfers among ${accounts} accounts`);
  for (const { stage, usPerTransaction } of rows) {
    console.log(`  ${stage.padEnd(28)} ${usPerTransaction.toFixed(2).padStart(8)} µs a transaction`);
  }
}

function printGrowth({ accounts, fundedInSeconds, rows, restart }: GrowthResult): void {
  console.log(`\ngrowth: ${accounts} accounts, made in ${fundedInSeconds.toFixed(1)} s`);
  for (const { payments, usPerPayment, processorUsPerPayment, residentMb, ownMb, heapMb, diskMb } of rows) {
    console.log(
      `  after ${payments} payments: ${usPerPayment.toFixed(1)} µs each (${processorUsPerPayment.toFixed(1)} of processors, all threads), ${residentMb} MB resident (own ${ownMb}, heap ${heapMb}), ${diskMb} MB on disk`,
    );
  }
  const { tookMs, processorMs, statePayments, historyPayments, lackedMost } = restart;
  console.log(
    `  killed and restarted in ${Math.round(tookMs)} ms (${Math.round(processorMs)} of processors), ${statePayments} payments replayed into the state (at most ${lackedMost} were to be before), ${historyPayments} into the history`,
  );
}

function printHistory(results: StoreResult[]): void {
  console.log("\nhistory: payments among 100,000 accounts, and the first page of an account");
  for (const { store, paymentsASecond, processorUsPerPayment, firstPageMs, accountPayments } of results) {
    console.log(
      `  ${store.padEnd(26)} ${paymentsASecond} payments a second (${processorUsPerPayment.toFixed(1)} µs of this process each); first of ${accountPayments} in ${firstPageMs.half.toFixed(2)} ms, 99 % within ${firstPageMs.almostAll.toFixed(2)} ms`,
    );
  }
  if (results.length === 1) {
    console.log("  Cassandra was left out: npm run cassandra:install fetches it");
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      rate: { type: "string", default: "500" },
      seconds: { type: "string", default: "20" },
      tills: { type: "string", default: "200" },
      accounts: { type: "string", default: "100000" },
      payments: { type: "string", default: "1000000" },
      "account-payments": { type: "string", default: "200000" },
      "state-cache-mb": { type: "string", default: "256" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const wanted = values.only?.split(",") ?? [...Object.keys(AREAS), ...OTHER_AREAS];
  const unknown = wanted.filter((area) => AREAS[area] === undefined && !OTHER_AREAS.includes(area));
  if (unknown.length > 0) {
    throw new Error(
      `expected areas of ${Object.keys(AREAS).join(", ")}, ${OTHER_AREAS.join(", ")}, got ${unknown.join(", ")}`,
    );
  }
  const machine = describeMachine();
  if (!values.json) {
    const { processor, cores, memoryGiB, node, commit, loadBefore } = machine;
    console.log(
      `${processor}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, commit ${commit}, load before ${loadBefore}`,
    );
    console.log("Ours first; the last column is the rival's time divided by ours.");
  }
  const results: Record<string, unknown> = {};
  for (const area of wanted) {
    if (area === "stages") {
      const stages = await stagesBench({ accounts: Number(values.accounts), transactions: 5_000, rounds: 7 });
      results.stages = stages;
      if (!values.json) {
        printStages(stages, values.accounts);
      }
    } else if (area === "history") {
      const history = await historyBench({
        payments: Number(values.payments),
        ofOne: Number(values["account-payments"]),
        seconds: Number(values.seconds),
      });
      results.history = history;
      if (!values.json) {
        printHistory(history);
      }
    } else if (area === "growth") {
      const growth = await growthBench({
        accounts: Number(values.accounts),
        payments: Number(values.payments),
        stateCacheMb: Number(values["state-cache-mb"]),
      });
      results.growth = growth;
      if (!values.json) {
        printGrowth(growth);
      }
    } else if (area === "load") {
      const load = { rate: Number(values.rate), seconds: Number(values.seconds), tills: Number(values.tills) };
      results.load = await endToEndBench(load);
      if (!values.json) {
        console.log("\nload (the whole node and the fleet on this machine)");
        console.log(JSON.stringify(results.load, undefined, 1));
      }
    } else if (area === "merchant") {
      results.merchant = await merchantBench();
      if (!values.json) {
        console.log("\nmerchant (the gateway alone, one thread, rows on this machine's disk)");
        console.log(JSON.stringify(results.merchant, undefined, 1));
      }
    } else {
      const rows = await AREAS[area]();
      results[area] = rows;
      if (!values.json) {
        printRows(area, rows);
      }
    }
  }
  if (values.json) {
    console.log(JSON.stringify({ machine, results }));
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
