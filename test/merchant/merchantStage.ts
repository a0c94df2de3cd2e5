// A chain whose blocks the test makes, with a gateway on the same port, and a receiver of webhooks that does what it is told.

import type { TemplatedApp } from "uWebSockets.js";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.js";
import { makeLogger } from "../../src/base/logging.js";
import { systemRandom } from "../../src/base/random.js";
import type { Door } from "../../src/http/door/door.js";
import { Keyring } from "../../src/http/door/keyring.js";
import { Gateway, type GatewayOptions } from "../../src/merchant/gateway.js";
import { mountMerchant } from "../../src/merchant/mountMerchant.js";
import { NodeChainSource } from "../../src/nodeChainSource.js";
import type { InvoiceJson, MerchantEventJson, StoreJson } from "../../src/protocol/merchantApiTypes.js";
import type { BlockStore } from "../../src/storage/blockStore.js";
import { ApiChain } from "../api/apiChain.js";

export interface Answer<T> {
  status: number;
  body: T;
}

export class MerchantStage {
  /** The store's owner's key. */
  key = "";
  store!: StoreJson;
  private requests = 0;

  private constructor(
    readonly directory: string,
    readonly chain: ApiChain,
    readonly gateway: Gateway,
  ) {}

  static async start(options: Partial<GatewayOptions> = {}, { withStore = true } = {}): Promise<MerchantStage> {
    const directory = await mkdtemp(join(tmpdir(), "ttchain-merchant-"));
    const chain = await ApiChain.start({
      server: {
        mount: (app: TemplatedApp, door: Door) => {
          mounting = (gateway) => {
            const { clock, logger } = gateway.parts;
            const parts = { clock, logger, version: "0.0.0-test", originsAllowed: [], isSecure: false };
            mountMerchant(app, door, { gateway }, parts);
          };
        },
      },
    });
    const gateway = await openGateway(directory, chain, options);
    mounting?.(gateway);
    const stage = new MerchantStage(directory, chain, gateway);
    if (withStore) {
      await stage.makeStore();
    }
    return stage;
  }

  /** The account that the store is paid at. */
  get payee() {
    return this.chain.accounts[3];
  }

  async makeStore(): Promise<void> {
    const body = { name: "Corner shop", payee: this.payee.addressText, tokens: ["TTC", "TTM"] };
    const answer = await this.post<{ store: StoreJson; secret: string }>("/v1/merchant/stores", body, { key: "" });
    this.key = answer.body.secret;
    this.store = answer.body.store;
  }

  async get<T>(path: string, key = this.key): Promise<Answer<T>> {
    const headers: Record<string, string> = key === "" ? {} : { authorization: `Bearer ${key}` };
    const response = await fetch(this.chain.url + path, { headers });
    return { status: response.status, body: (await response.json()) as T };
  }

  async post<T>(
    path: string,
    body: unknown,
    { key = this.key, idempotencyKey = `request-${++this.requests}` } = {},
  ): Promise<Answer<T>> {
    const response = await fetch(this.chain.url + path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "idempotency-key": idempotencyKey,
        ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as T };
  }

  async invoice(body: object = {}): Promise<InvoiceJson> {
    const answer = await this.post<InvoiceJson>("/v1/merchant/invoices", {
      price: { currency: "TTC", amount: "100000000" },
      ...body,
    });
    if (answer.status !== 200) {
      throw new Error(JSON.stringify(answer.body));
    }
    return answer.body;
  }

  async read(id: string): Promise<InvoiceJson> {
    await this.applied();
    return (await this.get<InvoiceJson>(`/v1/merchant/invoices/${id}`)).body;
  }

  /** Waits until the gateway has applied the chain's latest block, durably. */
  async applied(): Promise<void> {
    while (this.gateway.height < this.chain.height) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await this.gateway.parts.rows.durable();
  }

  async events(after = 0): Promise<MerchantEventJson[]> {
    await this.applied();
    return (await this.get<{ events: MerchantEventJson[] }>(`/v1/merchant/events?after=${after}&limit=100`)).body
      .events;
  }

  async stop(): Promise<void> {
    await this.chain.stop();
    await this.gateway.stop();
    await rm(this.directory, { recursive: true });
  }
}

let mounting: ((gateway: Gateway) => void) | undefined;

export function openGateway(directory: string, chain: ApiChain, options: Partial<GatewayOptions>): Promise<Gateway> {
  const { genesisHash, state, feed } = chain;
  return Gateway.start({
    directory,
    chain: new NodeChainSource({ genesisHash, state, feed, blocks: chain.blocks as unknown as BlockStore }),
    clock: systemClock,
    random: systemRandom,
    logger: makeLogger({ level: "silent" }),
    operators: new Keyring(undefined),
    allowPrivateWebhooks: true,
    onFailure: (error) => {
      throw error;
    },
    ...options,
  });
}

/** What a receiver got, in order. */
export interface Received {
  headers: IncomingMessage["headers"];
  body: string;
}

/** A shop's own server: keeps what it gets, answers as `status` says. */
export class Receiver {
  readonly received: Received[] = [];
  status: (got: Received) => number = () => 204;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const got = { headers: request.headers, body: Buffer.concat(chunks).toString() };
        receiver.received.push(got);
        response.writeHead(receiver.status(got)).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  get events(): MerchantEventJson[] {
    return this.received.map(({ body }) => JSON.parse(body) as MerchantEventJson);
  }

  async expect(count: number): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (this.received.length < count) {
      if (Date.now() > deadline) {
        throw new Error(`expected ${count} webhooks, got ${this.received.length}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
