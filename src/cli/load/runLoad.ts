// One load run from funding to audit. The order matters: sign before the clock starts, snapshot when nothing moves, then the
// arrivals, then whatever it takes to learn every outcome, and only then the audit.

import { systemClock } from "../../base/clock.js";
import { SeededRandom } from "../../base/random.js";
import { TTChainClient } from "../../client/client.js";
import { delay } from "../../client/delay.js";
import { loadWebSocket } from "../../client/webSocket.js";
import { auditLoad } from "./audit.js";
import { type Fleet, makeFleet } from "./fleet.js";
import { fundFleet, holdingsNeeded } from "./fundFleet.js";
import { fundPayees, payeesCost } from "./fundPayees.js";
import { type ItemContext, LOAD_LANE } from "./itemTransaction.js";
import type { LoadOptions } from "./loadOptions.js";
import { nodeCpuSince, readNodeCpu } from "./nodeCpu.js";
import { MemoryWatch } from "./nodeMemory.js";
import { OpenLoop } from "./openLoop.js";
import { OutcomeAsker } from "./outcomeAsker.js";
import { makePlan, type PlanOptions } from "./plan.js";
import { Progress } from "./progress.js";
import { type LoadReport, makeReport } from "./report.js";
import { LazyItems, presignItems, type SignedItems } from "./signedItems.js";
import { takeSnapshot } from "./snapshot.js";
import { TillConnection } from "./tillConnection.js";
import { deployToken, tokenContractCost } from "./tokenContract.js";
import { Tracker } from "./tracker.js";

const NO_SPECIALS = { doublePay: 0, references: 0, mileage: 0 };
const FLUSH_MS = 10;
/** Blocks come at most so often; counts the heights that a run may take. */
const SPARE_SECONDS = 300;
const LANES_READ_AT_ONCE = 16;
const DRAIN_CHECK_MS = 50;
/** How long a node that was killed may take to come back. */
const AWAY_MS_MAX = 60_000;
/** Accepted, and no word of the end for this long: asked for by id. */
const SILENCE_MS = 5_000;

export interface LoadRun {
  options: LoadOptions;
  url: string;
  /** Whether the chain is this run's own. */
  ownChain: boolean;
  say(line: string): void;
  /** Waits before payments are offered, when everything is signed, and before the audit, when every outcome is known. */
  pause?: (event: "signed" | "settled") => Promise<void>;
}

async function firstSequences(client: TTChainClient, fleet: Fleet): Promise<number[]> {
  const first: number[] = [];
  for (let i = 0; i < fleet.accounts.length; i += LANES_READ_AT_ONCE) {
    const part = fleet.accounts.slice(i, i + LANES_READ_AT_ONCE);
    const lanes = await Promise.all(part.map((account) => client.lane(account.address, LOAD_LANE)));
    first.push(...lanes.map(({ sequencePending }) => sequencePending));
  }
  return first;
}

function planOptions(options: LoadOptions, referenceExpiryHeight: number): PlanOptions {
  const {
    seed,
    tills,
    merchants,
    payees,
    hotShare,
    refunds,
    duplicates,
    doublePay,
    references,
    mileage,
    rate,
    seconds,
  } = options;
  const count = Math.max(1, Math.round(rate * seconds));
  // References and mileage are the ledger's own: a token contract has neither.
  const own = options.contract === undefined ? { doublePay, references, mileage } : NO_SPECIALS;
  return { seed, tills, merchants, payees, hotShare, refunds, duplicates, ...own, count, referenceExpiryHeight };
}

/** The plan on this chain, with everything that its transactions are made of. */
async function prepare(
  { options, say }: LoadRun,
  client: TTChainClient,
  fleet: Fleet,
): Promise<{ items: ItemContext; plan: PlanOptions }> {
  const chain = await client.chain();
  const { blockIntervalMs, validUntilHeightsMax, referenceHeightsMax } = chain.parameters;
  const heights = Math.ceil(((options.seconds + options.drainSeconds + SPARE_SECONDS) * 1_000) / blockIntervalMs);
  const plan = planOptions(options, chain.height + Math.min(heights, referenceHeightsMax - 1));
  say(
    `Planning ${plan.count} transactions of ${options.tills} tills and ${options.merchants} merchants, seed ${options.seed}.`,
  );
  const sequencesFirst = await firstSequences(client, fleet);
  const validUntil = chain.height + Math.min(heights, validUntilHeightsMax - 1);
  const accounts = fleet.accounts;
  const items: ItemContext = { chain, accounts, seed: options.seed, plan: makePlan(plan), sequencesFirst, validUntil };
  if (options.contract !== undefined) {
    // Only so that what the fleet needs is counted right: the contract's address comes with its registration.
    items.contract = new Uint8Array(32);
  }
  return { items, plan };
}

async function openTills(run: LoadRun, context: Parameters<typeof TillConnection.open>[0]): Promise<TillConnection[]> {
  const webSocket = await loadWebSocket();
  const count = Math.min(run.options.connections, run.options.tills + run.options.merchants);
  return Promise.all(Array.from({ length: count }, () => TillConnection.open(context, run.url, webSocket)));
}

/** Waits until every item has ended or is refused for good, or the time is up. */
async function drain(
  run: LoadRun,
  tracker: Tracker,
  asker: OutcomeAsker,
  connections: TillConnection[],
  items: ItemContext,
): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + run.options.drainSeconds * 1_000;
  const isSettled = () => {
    const { sent, accepted, unknown } = tracker.counts;
    return sent + accepted + unknown === 0 && asker.waiting === 0 && connections.every(({ waiting }) => waiting === 0);
  };
  let endedBefore = -1;
  let changedMs = systemClock.monotonicMs();
  while (!isSettled() && systemClock.monotonicMs() < deadlineMs) {
    const { committed, failed, expired } = tracker.counts;
    if (committed + failed + expired !== endedBefore) {
      endedBefore = committed + failed + expired;
      changedMs = systemClock.monotonicMs();
    }
    if (systemClock.monotonicMs() - changedMs > SILENCE_MS) {
      changedMs = systemClock.monotonicMs();
      for (const { index, kind } of items.plan.items) {
        if (kind !== "duplicate" && ["sent", "accepted", "unknown"].includes(tracker.state(index))) {
          asker.ask(index);
        }
      }
    }
    await delay(DRAIN_CHECK_MS);
  }
}

async function offerLoad(run: LoadRun, client: TTChainClient, items: ItemContext, signed: SignedItems) {
  const { options } = run;
  let loop: OpenLoop | undefined;
  const tracker = new Tracker(items.plan.items, (index) => loop?.dueMs(index) ?? 0);
  const connections: TillConnection[] = [];
  const connectionOf = (index: number) => connections[items.plan.items[index].sender % connections.length];
  const { validUntil } = items;
  const asker = new OutcomeAsker({
    client,
    clock: systemClock,
    signed,
    tracker,
    validUntil,
    // What waits is then a duplicate whose end is told, and what was lost is admitted anew.
    onUnfinished: (index) => connectionOf(index).sendAgain(index),
  });
  const context = {
    clock: systemClock,
    items: items.plan.items,
    signed,
    tracker,
    askOutcome: (index: number) => asker.ask(index),
  };
  connections.push(...(await openTills(run, context)));
  const nodeBefore = await readNodeCpu(run.url);
  const memory = new MemoryWatch(run.url);
  const startMs = systemClock.monotonicMs();
  const cpuBefore = process.cpuUsage();
  const flush = () => {
    for (const connection of connections) {
      connection.flush();
    }
  };
  // New items leave when they are due; the timer is for those that are to be sent again.
  const flushTimer = setInterval(flush, FLUSH_MS);
  loop = new OpenLoop(systemClock, {
    rate: options.rate,
    count: items.plan.items.length,
    onDue: (first, end) => {
      for (let index = first; index < end; index++) {
        connectionOf(index).due(index);
      }
      flush();
    },
  });
  const progress = new Progress(loop, tracker, () => connections.reduce((sum, { waiting }) => sum + waiting, 0));
  await loop.finished;
  await drain(run, tracker, asker, connections, items);
  const tookSeconds = (systemClock.monotonicMs() - startMs) / 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  const nodeCpu = nodeCpuSince(nodeBefore, await readNodeCpu(run.url));
  clearInterval(flushTimer);
  progress.stop();
  memory.stop();
  asker.stop();
  for (const connection of connections) {
    connection.close();
  }
  return {
    tracker,
    tookSeconds,
    offered: loop.offered,
    fleetCpuSeconds: (cpu.user + cpu.system) / 1_000_000,
    nodeCpu,
    nodeMemoryMib: memory.seconds,
  };
}

/** A seed for a run that named none: on a shared chain two runs must not use the same accounts. */
export function freshSeed(random: { bytes(length: number): Uint8Array }): number {
  const seed = new DataView(random.bytes(4).buffer).getUint32(0, true);
  return new SeededRandom(seed).uint32();
}

/** The whole run. Throws where it can't be made; a failed audit is in the report. */
export async function runLoad(run: LoadRun): Promise<LoadReport> {
  const { options, url, ownChain, say } = run;
  // A node that is away from the start is no node that comes back.
  await new TTChainClient({ url }).status();
  const client = new TTChainClient({ url, patienceMs: AWAY_MS_MAX });
  const fleet = makeFleet(options);
  const { items, plan } = await prepare(run, client, fleet);
  say("Funding the fleet.");
  const contractCost = options.contract === undefined ? 0n : tokenContractCost(fleet);
  const funderCost = contractCost + (options.payees > 0 ? await payeesCost(client, options) : 0n);
  await fundFleet(client, fleet, holdingsNeeded(items), funderCost);
  if (options.payees > 0) {
    say(`Making ${options.payees} accounts that are paid.`);
    await fundPayees(client, url, fleet, options);
  }
  if (options.contract === "token") {
    say("Registering the token contract and sharing its coins out.");
    items.contract = await deployToken(client, fleet);
  }
  const signStartMs = performance.now();
  const signed = options.presign ? await presignItems(items, plan) : new LazyItems(items);
  if (options.presign) {
    say(`Signed ${plan.count} transactions in ${((performance.now() - signStartMs) / 1_000).toFixed(1)} s.`);
  }
  const addresses = [...fleet.accounts, fleet.funder].map((account) => account.addressText);
  await run.pause?.("signed");
  const before = await takeSnapshot(client, addresses);
  say(`Offering ${options.rate} transactions a second for ${options.seconds} s.`);
  const { tracker, ...offering } = await offerLoad(run, client, items, signed);
  await run.pause?.("settled");
  say("Auditing.");
  const { verifyIds, rate, seconds, seed } = options;
  const audit = await auditLoad(
    { client, items, signed, tracker, before, ownChain: ownChain && options.payees === 0, verifyIds },
    addresses,
  );
  return makeReport(tracker, { rate, seconds, seed, ...offering }, audit);
}
