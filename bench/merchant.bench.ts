// The gateway alone, on one thread and one LMDB environment on this machine's disk: how many invoices a second are made and then seen
// paid, and how long after a block's commit its webhooks reach a receiver, at a rate of payments that shops would call high.

import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fromHex, toHex } from "../src/base/bytes.js";
import { systemClock } from "../src/base/clock.js";
import { makeLogger } from "../src/base/logging.js";
import { SeededRandom, systemRandom } from "../src/base/random.js";
import { Account } from "../src/client/account.js";
import { Keyring } from "../src/http/door/keyring.js";
import type { ChainBlock, ChainSource } from "../src/merchant/chain/chainSource.js";
import { Gateway } from "../src/merchant/gateway.js";
import { createInvoice } from "../src/merchant/invoices/createInvoice.js";
import type { InvoiceJson, StoreJson } from "../src/protocol/merchantApiTypes.js";
import type { ChainParameters } from "../src/protocol/parameters.js";
import { encodeReceipt, NO_OPERATION } from "../src/protocol/receipt.js";
import type { Transaction } from "../src/protocol/transaction.js";

const INVOICES = 20_000;
const BLOCK_INVOICES = 500;
const WEBHOOK_SECONDS = 10;
const WEBHOOK_RATE = 500;
const BLOCK_MS = 100;
const RECEIPT = encodeReceipt({ code: 0, operationIndex: NO_OPERATION, fee: 1n, events: [] });

export interface MerchantResult {
  invoices: number;
  createdPerSecond: number;
  paidPerSecond: number;
  /** Both together, one after the other. */
  createdAndPaidPerSecond: number;
  processorUsPerInvoice: number;
  webhooksPerSecond: number;
  webhookMsP50: number;
  webhookMsP99: number;
}

/** A chain of payments and nothing else: what a block's decoding costs is the node's. */
class PaymentsChain implements ChainSource {
  readonly genesisHash = new Uint8Array(32).fill(7);
  readonly parameters = {
    referenceHeightsMax: 1_000_000,
    referenceKeepHeights: 1_000,
    quotes: [],
  } as unknown as ChainParameters;
  height = 1;
  private readonly blocks = new Map<number, ChainBlock>();
  private readonly listeners = new Set<() => void>();

  commit(invoices: readonly InvoiceJson[], payee: Uint8Array, payer: Account): void {
    const transactions = invoices.map(({ parts }): Transaction => {
      const operation = {
        kind: "transfer",
        account: 0,
        to: payee,
        token: "TTC",
        amount: BigInt(parts[0].options[0].amount),
        reference: fromHex(parts[0].reference)!,
      };
      return { id: operation.reference, signers: [payer], operations: [operation] } as unknown as Transaction;
    });
    this.height++;
    this.blocks.set(this.height, {
      height: this.height,
      timeMs: Date.now(),
      receipts: transactions.map(() => RECEIPT),
      transactions,
    });
    for (const listener of this.listeners) {
      listener();
    }
  }

  async block(height: number): Promise<ChainBlock> {
    const block = this.blocks.get(height)!;
    this.blocks.delete(height);
    return block;
  }

  async proofJson(): Promise<unknown> {
    throw new Error("nothing expires here");
  }

  onHeight(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

interface Stage {
  gateway: Gateway;
  chain: PaymentsChain;
  store: StoreJson;
  payee: Account;
  payer: Account;
}

async function openStage(directory: string): Promise<Stage> {
  const random = new SeededRandom(5);
  const chain = new PaymentsChain();
  const gateway = await Gateway.start({
    directory,
    chain,
    clock: systemClock,
    random: systemRandom,
    logger: makeLogger({ level: "silent" }),
    operators: new Keyring(undefined),
    allowPrivateWebhooks: true,
    onFailure: (error) => {
      throw error;
    },
  });
  const payee = Account.random(random);
  const store: StoreJson = {
    id: "sto_bench",
    name: "Bench",
    payee: payee.addressText,
    timeZone: "Asia/Seoul",
    categoryCode: "0000",
    city: "Seoul",
    tokens: ["TTC"],
    heightCreated: 0,
    createdMs: 0,
  };
  gateway.parts.stores.save(store);
  gateway.parts.stores.staff.save({ id: "stf", number: 1, name: "A", role: "cashier", active: true, store: store.id });
  return { gateway, chain, store, payee, payer: Account.random(random) };
}

function makeInvoice({ gateway, store }: Stage, number: number): InvoiceJson {
  const invoice = createInvoice(gateway.parts, {
    store,
    staff: "stf",
    price: { currency: "TTC", amount: `${number + 1}` },
    tokens: ["TTC"],
    expiryHeights: 10_000,
    order: `${number}`,
  });
  // What a command keeps besides, for its answer to be the same for ever.
  const answer = { digest: toHex(gateway.parts.random.bytes(32)), answer: invoice };
  gateway.parts.rows.put("idempotency", `${store.id}/${number}`, answer);
  return invoice;
}

async function applied({ gateway, chain }: Stage): Promise<void> {
  while (gateway.height < chain.height) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await gateway.parts.rows.durable();
}

async function measureInvoices(stage: Stage) {
  const { chain, payee, payer, gateway } = stage;
  const processor = process.cpuUsage();
  const startMs = performance.now();
  const invoices: InvoiceJson[] = [];
  for (let i = 0; i < INVOICES; i += BLOCK_INVOICES) {
    for (let j = i; j < i + BLOCK_INVOICES; j++) {
      invoices.push(makeInvoice(stage, j));
    }
    await gateway.parts.rows.durable();
  }
  const createdMs = performance.now() - startMs;
  for (let i = 0; i < INVOICES; i += BLOCK_INVOICES) {
    chain.commit(invoices.slice(i, i + BLOCK_INVOICES), payee.address, payer);
    await applied(stage);
  }
  const allMs = performance.now() - startMs;
  const used = process.cpuUsage(processor);
  const last = gateway.parts.rows.get<InvoiceJson>("invoice", invoices.at(-1)!.id);
  if (last?.state !== "paid") {
    throw new Error(`expected the last invoice to be paid, got ${last?.state}`);
  }
  const perSecond = (ms: number): number => Math.round((INVOICES * 1_000) / ms);
  return {
    invoices: INVOICES,
    createdPerSecond: perSecond(createdMs),
    paidPerSecond: perSecond(allMs - createdMs),
    createdAndPaidPerSecond: perSecond(allMs),
    processorUsPerInvoice: Math.round((used.user + used.system) / INVOICES),
  };
}

async function measureWebhooks(stage: Stage) {
  const { gateway, chain, store, payee, payer } = stage;
  const committedMs = new Map<string, number>();
  const delays: number[] = [];
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const id = /"invoice":\{"id":"(inv_[0-9a-f]+)"/.exec(Buffer.concat(chunks).toString())![1];
      delays.push(performance.now() - committedMs.get(id)!);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const webhook = {
    id: "whk_bench",
    url,
    events: [],
    state: "active" as const,
    createdMs: 0,
    secretNumber: 0,
    store: store.id,
  };
  gateway.parts.stores.webhooks.save(webhook);
  await gateway.parts.rows.durable();
  gateway.webhooks.open(webhook);
  const perBlock = (WEBHOOK_RATE * BLOCK_MS) / 1_000;
  const total = WEBHOOK_RATE * WEBHOOK_SECONDS;
  const startMs = performance.now();
  for (let made = 0, block = 1; made < total; made += perBlock, block++) {
    const invoices = Array.from({ length: perBlock }, (_, i) => makeInvoice(stage, INVOICES + made + i));
    await gateway.parts.rows.durable();
    const waitMs = startMs + block * BLOCK_MS - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)));
    const nowMs = performance.now();
    for (const { id } of invoices) {
      committedMs.set(id, nowMs);
    }
    chain.commit(invoices, payee.address, payer);
  }
  while (delays.length < total) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const seconds = (performance.now() - startMs) / 1_000;
  receiver.closeAllConnections();
  receiver.close();
  delays.sort((a, b) => a - b);
  const at = (share: number): number => Math.round(delays[Math.floor(delays.length * share)] * 10) / 10;
  return { webhooksPerSecond: Math.round(total / seconds), webhookMsP50: at(0.5), webhookMsP99: at(0.99) };
}

export async function merchantBench(): Promise<MerchantResult> {
  const directory = await mkdtemp(join(tmpdir(), "ttchain-merchant-bench-"));
  const stage = await openStage(directory);
  try {
    return { ...(await measureInvoices(stage)), ...(await measureWebhooks(stage)) };
  } finally {
    await stage.gateway.stop();
    await rm(directory, { recursive: true });
  }
}
