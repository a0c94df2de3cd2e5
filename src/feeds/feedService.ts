// A delegate's answers to contracts' requests, its share of the deliveries, and its word on prices. An ordinary client of the chain: it
// asks a node what is open and sends transactions. Everything that it needs to know is on the chain, so that it may be stopped,
// moved and started again at any time: what it has answered it finds there.

import { compareBytes, concatBytes, fromHex, toHex } from "../base/bytes.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logging.js";
import type { Account } from "../client/account.js";
import type { Action } from "../client/actions.js";
import type { TTChainClient } from "../client/client.js";
import { delay } from "../client/delay.js";
import { answerOracle, deliverOracle } from "../client/oracleActions.js";
import { Sender } from "../client/sender.js";
import type { OracleRequestJson } from "../protocol/contractApiTypes.js";
import { DELEGATE_NAME_BYTES } from "../protocol/oracleLeaves.js";
import { sha256 } from "../wasm/sha256.js";
import { type DelegateView, delegateOf } from "./delegateOf.js";
import type { FeedsConfig } from "./feedConfig.js";
import { FeedMetrics } from "./feedMetrics.js";
import { FeedReader } from "./feedReader.js";
import { tellPrices } from "./tellPrices.js";

/** A lane of its own, so that the account's owner can pay beside it. */
const FEED_LANE = 4_801;
/** A request that too few answer is delivered as nothing from so many heights on (docs/lvm.md). */
const REQUEST_HEIGHTS_MAX = 1_000;
/** Heights that each delegate in turn has for a delivery before the next one tries too. */
const TURN_HEIGHTS = 3;
const SENDS_MAX = 16;
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 60_000;

export interface FeedServiceOptions {
  client: TTChainClient;
  /** The delegate's own account, or its candidate's. */
  account: Account;
  config: FeedsConfig;
  clock: Clock;
  logger: Logger;
  pollMs: number;
}

interface Attempts {
  count: number;
  nextMs: number;
}

/** Place of the delegate among those that may deliver the request: another order for each. */
function turnOf(request: Uint8Array, { delegates, own }: DelegateView): number {
  const orderOf = (publicKey: Uint8Array) => sha256(concatBytes(request, publicKey));
  const mine = orderOf(own as Uint8Array);
  return delegates.filter(({ publicKey }) => compareBytes(orderOf(publicKey), mine) < 0).length;
}

export class FeedService {
  readonly metrics = new FeedMetrics();
  private readonly sender: Sender;
  private readonly reader: FeedReader;
  private readonly answers = new Map<string, Attempts>();
  private readonly deliveries = new Map<string, Attempts>();
  /** The height at which a request was first seen to be ready. */
  private readonly readySince = new Map<string, number>();
  private readonly priceHeights = new Map<string, number>();
  private stopping = false;
  private ended: Promise<void> = Promise.resolve();

  constructor(private readonly options: FeedServiceOptions) {
    const { client, account, clock, logger } = options;
    this.sender = new Sender(client, account);
    this.reader = new FeedReader(clock, logger, this.metrics);
  }

  start(): void {
    this.ended = this.run();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.ended;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.poll();
      } catch (error) {
        // A node that is away, busy or wrong: nothing is lost, as everything is asked anew.
        this.options.logger.warn({ err: error }, "the node did not answer: trying again");
      }
      await delay(this.options.pollMs);
    }
  }

  /** One look at what is asked, and answers to it. */
  async poll(): Promise<void> {
    const { client, account, clock, config } = this.options;
    const view = await delegateOf(client, account);
    this.metrics.isDelegate.set(view.own === undefined ? 0 : 1);
    this.metrics.polled.set(clock.nowMs() / 1_000);
    if (view.own === undefined) {
      return;
    }
    const { height, requests } = await this.openRequests();
    this.forget(requests);
    const ready = requests.filter((open) => this.isReady(open, view, height));
    const unanswered = requests.filter((open) => !ready.includes(open) && this.isMine(open, view.own as Uint8Array));
    this.metrics.waiting.set(unanswered.length);
    const due = unanswered.filter(({ request }) => this.isDue(this.answers, request)).slice(0, SENDS_MAX);
    await Promise.all(due.map((open) => this.answer(open)));
    const turns = ready.filter(({ request }) => this.isTurn(request, view, height));
    const deliveries = turns.filter(({ request }) => this.isDue(this.deliveries, request)).slice(0, SENDS_MAX);
    await Promise.all(deliveries.map((open) => this.deliver(open)));
    const send = (action: Action) => this.send("price", action);
    await tellPrices({ client, account, config, reader: this.reader, heights: this.priceHeights, send });
  }

  private async openRequests(): Promise<{ height: number; requests: OracleRequestJson[] }> {
    const requests: OracleRequestJson[] = [];
    let page = await this.options.client.oracleRequests();
    const { height } = page;
    requests.push(...page.requests);
    // Older ones have been delivered, or can be by anybody who cares.
    const oldest = height - 2 * REQUEST_HEIGHTS_MAX;
    while (page.next !== undefined && (page.nextHeight ?? 0) > oldest) {
      page = await this.options.client.oracleRequests({ before: page.next });
      requests.push(...page.requests);
    }
    return { height, requests };
  }

  /** Lets go of what was known of requests that are over. */
  private forget(requests: readonly OracleRequestJson[]): void {
    const open = new Set(requests.map(({ request }) => request));
    for (const known of [this.answers, this.deliveries, this.readySince]) {
      for (const request of known.keys()) {
        if (!open.has(request)) {
          known.delete(request);
        }
      }
    }
  }

  private isMine({ feed, answers }: OracleRequestJson, own: Uint8Array): boolean {
    const name = toHex(own.slice(0, DELEGATE_NAME_BYTES));
    return this.options.config.feeds.has(feed) && !answers.some(({ delegate }) => delegate === name);
  }

  private isDue(tries: Map<string, Attempts>, request: string): boolean {
    return this.options.clock.monotonicMs() >= (tries.get(request)?.nextMs ?? 0);
  }

  private tryLater(tries: Map<string, Attempts>, request: string): void {
    const count = (tries.get(request)?.count ?? 0) + 1;
    const waitMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** (count - 1));
    tries.set(request, { count, nextMs: this.options.clock.monotonicMs() + waitMs });
  }

  /** Whether the request can be delivered: more answers add nothing. */
  private isReady({ answers, height: asked }: OracleRequestJson, view: DelegateView, height: number): boolean {
    const powers = new Map(
      view.delegates.map(({ publicKey, power }) => [toHex(publicKey.slice(0, DELEGATE_NAME_BYTES)), power]),
    );
    const all = view.delegates.reduce((sum, { power }) => sum + power, 0);
    const answered = answers.reduce((sum, { delegate }) => sum + (powers.get(delegate) ?? 0), 0);
    return answered * 3 > all * 2 || height > asked + REQUEST_HEIGHTS_MAX;
  }

  /** Whether this delegate's turn to deliver has come. */
  private isTurn(request: string, view: DelegateView, height: number): boolean {
    const since = this.readySince.get(request) ?? height;
    this.readySince.set(request, since);
    return height >= since + TURN_HEIGHTS * turnOf(fromHex(request) as Uint8Array, view);
  }

  private async answer({ request, feed, key }: OracleRequestJson): Promise<void> {
    const config = this.options.config.feeds.get(feed);
    const value = config && (await this.reader.value(feed, config));
    this.tryLater(this.answers, request);
    if (value !== undefined) {
      const { account, logger } = this.options;
      const isDone = await this.send(
        "answer",
        answerOracle(account, { request: fromHex(request) as Uint8Array, value }),
      );
      logger.info({ feed, key, request, value: value.toString(), isDone }, "answered a request");
    }
  }

  private async deliver({ request, feed, callbackGas }: OracleRequestJson): Promise<void> {
    const { account, logger } = this.options;
    const delivery = { request: fromHex(request) as Uint8Array, callbackGas };
    this.tryLater(this.deliveries, request);
    const isDone = await this.send("delivery", deliverOracle(account, delivery));
    logger.info({ feed, request, isDone }, "delivered an answer");
  }

  /** Whether the transaction was committed. */
  private async send(kind: "answer" | "delivery" | "price", action: Action): Promise<boolean> {
    try {
      const { outcome } = await this.sender.send([action], { lane: FEED_LANE });
      this.metrics.transactions.inc({ kind, outcome: outcome.state });
      if (outcome.state !== "committed") {
        this.options.logger.warn({ kind, code: outcome.code }, `the ${kind} was not taken: ${outcome.message ?? ""}`);
      }
      return outcome.state === "committed";
    } catch (error) {
      this.metrics.transactions.inc({ kind, outcome: "unknown" });
      this.options.logger.warn({ kind, err: error }, `what became of the ${kind} is not known`);
      return false;
    }
  }
}
