// A gateway whose payments are derived again from the blocks: every row is the same to the byte, whatever people and payers did in which
// order, and nothing is told again. Rows that were damaged are right again.

import { rm } from "node:fs/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex } from "../../src/base/bytes.js";
import { systemClock } from "../../src/base/clock.js";
import { makeLogger } from "../../src/base/logging.js";
import { systemRandom } from "../../src/base/random.js";
import { transfer } from "../../src/client/actions.js";
import type { ChainBlock, ChainSource } from "../../src/merchant/chain/chainSource.js";
import { Gateway } from "../../src/merchant/gateway.js";
import { NodeChainSource } from "../../src/nodeChainSource.js";
import {
  type InvoiceJson,
  MERCHANT_EVENTS,
  type RefundJson,
  type UnassignedJson,
} from "../../src/protocol/merchantApiTypes.js";
import type { BlockStore } from "../../src/storage/blockStore.js";
import type { KeyValueStore } from "../../src/storage/keyValueStore.js";
import { MemoryStore } from "../support/memoryStore.js";
import { MerchantStage, openGateway, Receiver } from "./merchantStage.js";

const TABLES = [
  ...["meta", "store", "till", "staff", "key", "payee", "invoice", "invoiceByStore", "reference", "absence", "expiry"],
  ...["unassigned", "assignment", "idempotency", "event", "eventId", "webhook", "delivery", "attempt", "claimed"],
];

function snapshot(store: KeyValueStore): string[] {
  const decoder = new TextDecoder();
  return TABLES.flatMap((table) =>
    [...store.range(table, {})].map(({ key, value }) => `${table} ${decoder.decode(key)} ${decoder.decode(value)}`),
  );
}

/** Survives the gateway that it is opened by. */
class KeptStore extends MemoryStore {
  override async close(): Promise<void> {}
}

class Story {
  private readonly invoices: InvoiceJson[] = [];
  private readonly refunds: RefundJson[] = [];

  private constructor(
    readonly stage: MerchantStage,
    readonly store: KeptStore,
  ) {}

  static async begin(): Promise<Story> {
    const store = new KeptStore();
    const stage = await MerchantStage.start({ openStore: () => store }, { withStore: false });
    const { chain, payee } = stage;
    // Paid before the store was, which counts for nothing.
    await chain.commit([transfer(chain.accounts[0], { to: payee.address, amount: 5n })]);
    await chain.commit([
      { by: chain.issuer, operation: { kind: "mint", token: "TTM", to: chain.accounts[0].address, amount: 10_000n } },
    ]);
    await stage.applied();
    await stage.makeStore();
    return new Story(stage, store);
  }

  private pick<T>(list: readonly T[], at: number): T | undefined {
    return list[at % Math.max(1, list.length)];
  }

  async step({ kind, at, amount }: { kind: string; at: number; amount: number }): Promise<void> {
    const { chain, payee } = this.stage;
    const payer = chain.accounts[at % 3];
    const invoice = this.pick(this.invoices, at);
    if (kind === "invoice" || invoice === undefined) {
      const halves = [
        { amount: "4", expiryHeights: 10 + (at % 9) },
        { amount: "4", expiryHeights: 10 + (amount % 9) },
      ];
      const shape = at % 2 === 0 ? { instalments: halves } : { expiryHeights: 10 + (at % 30) };
      this.invoices.push(await this.stage.invoice({ price: { currency: "TTC", amount: "8" }, ...shape }));
    } else if (kind === "pay" || kind === "foreign") {
      const { reference, heightExpiry } = invoice.parts[at % invoice.parts.length];
      if (heightExpiry > chain.height) {
        const token = kind === "pay" ? "TTC" : "TTM";
        const payment = { to: payee.address, token, amount: BigInt(amount), reference: fromHex(reference)! };
        await chain.commit([transfer(kind === "pay" ? payer : chain.accounts[0], payment)]);
      }
    } else if (kind === "plain") {
      await chain.commit([transfer(payer, { to: payee.address, amount: BigInt(amount) })]);
    } else if (kind === "assign") {
      await this.stage.applied();
      const { body } = await this.stage.get<{ payments: UnassignedJson[] }>("/v1/merchant/unassigned?limit=100");
      const free = body.payments.filter(({ assigned }) => assigned === undefined);
      const payment = this.pick(free, amount)?.id ?? "none";
      await this.stage.post(`/v1/merchant/invoices/${invoice.id}/assign`, { payment });
    } else if (kind === "ask") {
      const path = `/v1/merchant/invoices/${invoice.id}/refunds`;
      const { payments, refunds } = await this.stage.read(invoice.id);
      const sum = (list: { token: string; amount: string }[]) =>
        list.reduce((total, { token, amount: units }) => total + (token === "TTC" ? Number(units) : 0), 0);
      const units = amount > 6 ? sum(payments) - sum(refunds) : amount;
      const { status, body } = await this.stage.post<RefundJson>(path, { token: "TTC", amount: `${units}` });
      if (status === 200) {
        this.refunds.push(body);
      }
    } else if (kind === "refund") {
      const refund = this.refunds.pop();
      if (refund !== undefined) {
        const { to, reference } = refund;
        await chain.commit([transfer(payee, { to, amount: BigInt(refund.amount), reference: fromHex(reference)! })]);
      }
    } else {
      await chain.produceTo(chain.height + (at % 8) + 1);
    }
  }

  chainSource(): ChainSource {
    const { genesisHash, state, feed, blocks } = this.stage.chain;
    return new NodeChainSource({ genesisHash, state, feed, blocks: blocks as unknown as BlockStore });
  }

  rebuild(chain = this.chainSource()) {
    return Gateway.rebuild({
      directory: this.stage.directory,
      chain,
      clock: systemClock,
      random: systemRandom,
      logger: makeLogger({ level: "silent" }),
      onFailure: (error) => {
        throw error;
      },
      openStore: () => this.store,
    });
  }

  /** What an open gateway would still do by itself is done. */
  async settle(): Promise<void> {
    await this.stage.applied();
    const wanted = () => [...this.stage.gateway.parts.rows.below("absence", "wanted/")].length;
    while (wanted() > 0) {
      await this.stage.chain.produce();
      await this.stage.applied();
    }
    await this.stage.gateway.stop();
  }

  async end(): Promise<void> {
    await this.stage.chain.stop();
    await rm(this.stage.directory, { recursive: true });
  }
}

const kinds = ["invoice", "pay", "pay", "foreign", "plain", "assign", "assign", "ask", "refund", "wait"];
type Step = Parameters<Story["step"]>[0];

/** Everything that can happen to an invoice, once at least. */
const WHOLE_STORY: Step[] = [
  { kind: "invoice", at: 29, amount: 1 },
  { kind: "pay", at: 0, amount: 3 },
  { kind: "plain", at: 1, amount: 2 },
  { kind: "pay", at: 0, amount: 9 },
  { kind: "foreign", at: 0, amount: 2 },
  { kind: "assign", at: 0, amount: 0 },
  { kind: "ask", at: 0, amount: 2 },
  { kind: "refund", at: 0, amount: 1 },
  { kind: "ask", at: 0, amount: 12 },
  { kind: "refund", at: 0, amount: 1 },
  { kind: "invoice", at: 1, amount: 1 },
  { kind: "pay", at: 1, amount: 8 },
  { kind: "ask", at: 1, amount: 1 },
  { kind: "refund", at: 1, amount: 1 },
  { kind: "invoice", at: 0, amount: 1 },
  { kind: "pay", at: 2, amount: 3 },
  { kind: "invoice", at: 3, amount: 1 },
  ...[7, 7, 7, 7].map((at) => ({ kind: "wait", at, amount: 1 })),
];

const step = fc.record({
  kind: fc.constantFrom(...kinds),
  at: fc.nat(50),
  amount: fc.integer({ min: 1, max: 12 }),
});

test("is the same to the byte after any story, also where it was killed in the middle", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 25, maxLength: 40 }), fc.nat(60), async (steps, reads) => {
      const story = await Story.begin();
      for (const wanted of steps) {
        await story.step(wanted);
      }
      await story.settle();
      const before = snapshot(story.store);
      for (const [, type] of before.join("\n").matchAll(/"type":"([a-z._]+)"|(?=assignment )/g)) {
        seen.add(type ?? "assignment");
      }
      const chain = story.chainSource();
      let left = reads;
      const block = async (height: number): Promise<ChainBlock> => {
        if (--left < 0) {
          throw new Error("killed");
        }
        return chain.block(height);
      };
      const dying: ChainSource = Object.create(chain, { block: { value: block } }) as ChainSource;
      await story.rebuild(dying).catch((error: Error) => expect(error.message).toBe("killed"));
      expect(await story.rebuild()).toMatchObject({ height: story.stage.chain.height });
      expect(snapshot(story.store)).toEqual(before);
      await story.end();
    }),
    { numRuns: 30, examples: [[WHOLE_STORY, 9]] },
  );
  const told = MERCHANT_EVENTS.filter((type) => !type.startsWith("webhook"));
  expect([...seen].toSorted()).toEqual([...told, "assignment"].toSorted());
});

test("mends what was damaged, tells what was lost and nothing else, and a start ends what was begun", async () => {
  const story = await Story.begin();
  const { stage, store } = story;
  const receiver = await Receiver.start();
  await stage.post("/v1/merchant/webhooks", { url: receiver.url });
  const pay = { kind: "pay", at: 1, amount: 8 };
  for (let i = 0; i < 3; i++) {
    await story.step({ kind: "invoice", at: 1 + 2 * i, amount: 1 });
  }
  await story.step(pay);
  await story.step({ ...pay, at: 3 });
  await stage.applied();
  await receiver.expect(2);
  while ([...stage.gateway.parts.rows.range("delivery", {})].length > 0) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await story.settle();
  const before = snapshot(store).filter((row) => !row.startsWith("attempt"));
  const [row] = [...store.range("invoice", {})].filter(({ value }) =>
    new TextDecoder().decode(value).includes('"paid"'),
  );
  const invoice = JSON.parse(new TextDecoder().decode(row.value)) as InvoiceJson;
  const damaged = { ...invoice, state: "open", payments: [] };
  await store.write([{ table: "invoice", key: row.key, value: new TextEncoder().encode(JSON.stringify(damaged)) }]);
  const { gateway } = stage;
  const cursor = JSON.stringify(stage.chain.height);
  const mark = new TextEncoder().encode(`{"state":"emptying","height":${cursor}}`);
  await store.write([{ table: "meta", key: new TextEncoder().encode("rebuild"), value: mark }]);
  const again = await openGateway(stage.directory, stage.chain, { openStore: () => store });
  expect(again.height).toBe(gateway.height);
  await stage.chain.produce();
  await again.parts.rows.durable();
  await again.stop();
  expect(receiver.received).toHaveLength(2);
  const after = snapshot(store).filter((text) => !text.startsWith("attempt") && !text.startsWith("meta cursor"));
  expect(after).toEqual(before.filter((text) => !text.startsWith("meta cursor")));

  // An event that no row has any more is told, and only that one.
  const [lost] = [...store.range("eventId", {})];
  await store.write([{ table: "eventId", key: lost.key, value: undefined }]);
  await story.rebuild();
  const last = await openGateway(stage.directory, stage.chain, { openStore: () => store });
  await receiver.expect(3);
  expect(receiver.events[2].id).toBe(new TextDecoder().decode(lost.key));
  await last.stop();
  await receiver.stop();
  await story.end();
});

test("is refused where blocks that are needed are gone, and then by every start until they are there", async () => {
  const story = await Story.begin();
  await story.step({ kind: "invoice", at: 1, amount: 1 });
  await story.step({ kind: "pay", at: 1, amount: 8 });
  await story.step({ kind: "wait", at: 3, amount: 1 });
  await story.settle();
  const { blocks } = story.stage.chain;
  blocks.prune(story.stage.chain.height);
  await expect(story.rebuild()).rejects.toMatchObject({ code: "HEIGHT_NOT_KEPT" });
  await expect(
    openGateway(story.stage.directory, story.stage.chain, { openStore: () => story.store }),
  ).rejects.toMatchObject({ code: "HEIGHT_NOT_KEPT" });
  await story.end();
});
