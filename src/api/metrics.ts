// What /metrics tells. Each server has a registry of its own; other parts of the node add theirs through
// ApiServices.registerMetrics.

import { performance } from "node:perf_hooks";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { CommittedBlock } from "../storage/committedBlock.js";
import { ContractMetrics } from "./contractMetrics.js";
import { codeText, receiptCode } from "./json/receiptJson.js";
import type { ApiServices, ApiSubmitResult } from "./services.js";

const SECONDS_PER_MS = 1 / 1_000;
const REQUEST_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const BLOCK_TRANSACTIONS = [0, 1, 10, 100, 500, 1_000, 2_500, 5_000, 10_000, 25_000];

/** The time in which the main thread did not wait, beside the processor time of the whole process. */
function countBusyTime(registry: Registry): void {
  new Counter({
    name: "ttchain_main_thread_busy_seconds_total",
    help: "Time in which the main thread did not wait",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(performance.eventLoopUtilization().active * SECONDS_PER_MS);
    },
  });
}

/** How far look-ups reach, and the payments' store behind the chain. */
function showHistory(
  gauge: (name: string, help: string, read: () => number) => void,
  { history, payments, state }: ApiServices,
): void {
  gauge("ttchain_history_height", "Height up to which look-ups reach", () => history.height);
  gauge("ttchain_payments_height", "Height up to which payments can be looked up", () => payments.status().height);
  gauge("ttchain_payments_lag_blocks", "Committed blocks whose payments can't be looked up yet", () =>
    Math.max(0, state.height - payments.status().height),
  );
}

export class ApiMetrics {
  readonly registry = new Registry();
  /** Set by the WebSocket's side. */
  readonly connections: Gauge;
  readonly subscriptions: Gauge<"topic">;
  readonly addressesCutOff: Counter;
  readonly subscribersDropped: Counter;
  private readonly transactions: Counter<"code">;
  private readonly contracts: ContractMetrics;
  private readonly submissions: Counter<"code">;
  private readonly blockTransactions: Histogram;
  private readonly requests: Histogram<"method" | "route" | "status">;

  constructor(services: ApiServices, processMetrics: boolean) {
    const registers = [this.registry];
    if (processMetrics) {
      collectDefaultMetrics({ register: this.registry });
    }
    const gauge = (name: string, help: string, read: () => number): void => {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    };
    countBusyTime(this.registry);
    gauge("ttchain_height", "Height of the latest committed block", () => services.state.height);
    gauge("ttchain_block_time_seconds", "Time of the latest committed block", () => {
      const timeMs = services.blocks.latest?.block.header.timeMs ?? services.genesis.timeMs;
      return timeMs * SECONDS_PER_MS;
    });
    showHistory(gauge, services);
    gauge("ttchain_mempool_transactions", "Transactions that wait for a block", () => services.mempool.count);
    gauge("ttchain_mempool_bytes", "Bytes of the transactions that wait for a block", () => services.mempool.bytes);
    gauge("ttchain_ready", "1 while the node follows its chain", () => (services.ready() ? 1 : 0));
    this.connections = new Gauge({ name: "ttchain_websocket_connections", help: "Open WebSockets", registers });
    this.subscriptions = new Gauge({
      name: "ttchain_websocket_subscriptions",
      help: "Subscriptions by topic",
      labelNames: ["topic"],
      registers,
    });
    this.subscribersDropped = new Counter({
      name: "ttchain_websocket_subscribers_dropped_total",
      help: "Subscribers that read too slowly",
      registers,
    });
    this.addressesCutOff = new Counter({
      name: "ttchain_addresses_cut_off_total",
      help: "Addresses that were cut off for a while because too much from them was for nothing",
      registers,
    });
    this.transactions = new Counter({
      name: "ttchain_transactions_total",
      help: "Committed transactions by their receipt's code",
      labelNames: ["code"],
      registers,
    });
    this.submissions = new Counter({
      name: "ttchain_submissions_total",
      help: "Transactions submitted here, by what became of the submission",
      labelNames: ["code"],
      registers,
    });
    this.blockTransactions = new Histogram({
      name: "ttchain_block_transactions",
      help: "Transactions of a block",
      buckets: BLOCK_TRANSACTIONS,
      registers,
    });
    this.requests = new Histogram({
      name: "ttchain_http_request_duration_seconds",
      help: "From a request's head to its answer",
      labelNames: ["method", "route", "status"],
      buckets: REQUEST_SECONDS,
      registers,
    });
    this.contracts = new ContractMetrics(this.registry);
    services.registerMetrics?.(this.registry);
  }

  onBlock(block: CommittedBlock): void {
    this.blockTransactions.observe(block.transactions.length);
    const counts = new Map<number, number>();
    for (const receipt of block.receipts) {
      const code = receiptCode(receipt);
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    for (const [code, count] of counts) {
      this.transactions.inc({ code: codeText(code) }, count);
    }
    this.contracts.onBlock(block);
  }

  onSubmissions(results: readonly ApiSubmitResult[]): void {
    const counts = new Map<string, number>();
    for (let index = 0; index < results.length; index++) {
      const code = results[index].error?.code ?? "OK";
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    for (const [code, count] of counts) {
      this.submissions.inc({ code }, count);
    }
  }

  onRequest(method: string, route: string, status: number, durationMs: number): void {
    this.requests.observe({ method, route, status }, durationMs * SECONDS_PER_MS);
  }
}
