// What the service counts of itself, for Prometheus.

import { createServer, type Server } from "node:http";
import { Counter, Gauge, Registry } from "prom-client";

export class FeedMetrics {
  readonly registry = new Registry();
  readonly sources: Counter<"feed" | "outcome">;
  readonly transactions: Counter<"kind" | "outcome">;
  readonly waiting: Gauge;
  readonly isDelegate: Gauge;
  readonly polled: Gauge;

  constructor() {
    const registers = [this.registry];
    this.sources = new Counter({
      name: "ttchain_feed_sources_total",
      help: "Questions to sources, by feed and what came of them",
      labelNames: ["feed", "outcome"],
      registers,
    });
    this.transactions = new Counter({
      name: "ttchain_feed_transactions_total",
      help: "Answers, deliveries and prices, by what became of them",
      labelNames: ["kind", "outcome"],
      registers,
    });
    this.waiting = new Gauge({
      name: "ttchain_feed_requests_waiting",
      help: "Open requests for feeds of this service that it has not answered",
      registers,
    });
    this.isDelegate = new Gauge({
      name: "ttchain_feed_is_delegate",
      help: "1 while the service's account is a delegate, whose answers count",
      registers,
    });
    this.polled = new Gauge({
      name: "ttchain_feed_last_poll_seconds",
      help: "When the node last told what is asked, since 1970",
      registers,
    });
  }
}

/** Serves /metrics on this machine alone. */
export async function serveFeedMetrics(metrics: FeedMetrics, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    metrics.registry.metrics().then(
      (text) => response.writeHead(200, { "content-type": metrics.registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}
