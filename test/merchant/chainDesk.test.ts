// Paying once: whatever a node says of bytes that an earlier life of the desk has sent, no second payment is made of them.

import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { Account } from "../../src/client/account.js";
import { ChainDesk, type DeskClient } from "../../src/merchant/desk/chainDesk.js";
import { NotYet, type Step } from "../../src/merchant/desk/order.js";
import { MerchantRows } from "../../src/merchant/rows/merchantRows.js";
import { decodeTransaction } from "../../src/protocol/transaction.js";
import { testChain } from "../client/chainView.js";
import { MemoryStore } from "../support/memoryStore.js";

const purse = Account.random(new SeededRandom(1));
const payee = Account.random(new SeededRandom(2));
const pay: Extract<Step, { kind: "pay" }> = {
  kind: "pay",
  purse: "reserve",
  token: "TTC",
  mint: false,
  shares: [{ to: payee.addressText, units: "500000000" }],
};

/** A node that answers as it is told, and remembers what it was sent. */
class ToldNode {
  readonly sent: string[] = [];
  private sequencePending = 0;
  answer: object = { state: "refused", code: "SEQUENCE_USED" };
  transactionState: object = { state: "unknown" };
  referenceState: object = { state: "open" };

  client(): DeskClient {
    return {
      chain: async () => testChain,
      lane: async () => ({ sequencePending: this.sequencePending++ }),
      submit: async ([bytes]: Uint8Array[]) => {
        this.sent.push(toHex(bytes));
        return [{ id: "", ...this.answer }];
      },
      transaction: async () => ({ id: "", ...this.transactionState }),
      reference: async () => this.referenceState,
    } as unknown as DeskClient;
  }
}

function open(store: MemoryStore, client: DeskClient): ChainDesk {
  return new ChainDesk(client, new Map([["reserve", { account: purse }]]), new MerchantRows(store, () => undefined));
}

describe("a payment of the desk", () => {
  test("whose bytes an earlier life sent is not signed anew because their number is used: they may have used it", async () => {
    const store = new MemoryStore();
    const node = new ToldNode();
    // The first life ends while its bytes are on their way.
    const first = open(store, { ...node.client(), submit: hang });
    void first.pay("k.0", pay).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const second = open(store, node.client());
    await expect(second.pay("k.0", pay)).rejects.toBeInstanceOf(NotYet);
    await expect(second.pay("k.0", pay)).rejects.toBeInstanceOf(NotYet);
    expect(new Set(node.sent).size).toBe(1);
    node.answer = { state: "committed", code: "OK", height: 9 };
    const id = await second.pay("k.0", pay);
    expect(id).toBe(toHex(decodeTransaction(Uint8Array.from(Buffer.from(node.sent[0], "hex"))).id));
    expect(new Set(node.sent).size).toBe(1);
  });

  test("that was made before, as the chain says of its reference, counts as made", async () => {
    const node = new ToldNode();
    node.answer = { state: "failed", code: "REFERENCE_PAID", receipt: { code: "REFERENCE_PAID" } };
    node.referenceState = { state: "paid", transactionId: "ab".repeat(32) };
    expect(await open(new MemoryStore(), node.client()).pay("k.0", pay)).toBe("ab".repeat(32));
  });

  test("is not made again by a desk that has lost its rows, nor one block, nor half the longest life of a reference later", async () => {
    const node = new ToldNode();
    node.answer = { state: "committed", code: "OK", height: 9 };
    const half = Math.min(1_000_000, testChain.parameters.referenceHeightsMax) / 2;
    let height = 5 * half - 1;
    const client = (paid?: string): DeskClient =>
      ({
        ...node.client(),
        chain: async () => ({ ...testChain, height }),
        reference: async ({ reference }: { reference: Uint8Array }) =>
          toHex(reference) === paid ? { state: "paid", transactionId: "ab".repeat(32) } : { state: "open" },
      }) as unknown as DeskClient;
    await open(new MemoryStore(), client()).pay("k.0", pay);
    const [{ reference }] = decodeTransaction(fromHex(node.sent[0])!).operations as { reference?: Uint8Array }[];
    for (const later of [0, 1, half - 1]) {
      height += later;
      const restored = open(new MemoryStore(), client(toHex(reference!)));
      expect(await restored.pay("k.0", pay)).toBe("ab".repeat(32));
    }
    expect(node.sent).toHaveLength(1);
    await open(new MemoryStore(), client(toHex(reference!))).pay("other.0", pay);
    expect(node.sent).toHaveLength(2);
    // Another desk may know another order by this key.
    const others = new Map([["reserve", { account: Account.random(new SeededRandom(3)) }]]);
    const rows = new MerchantRows(new MemoryStore(), () => undefined);
    await new ChainDesk(client(toHex(reference!)), others, rows).pay("k.0", pay);
    expect(node.sent).toHaveLength(3);
  });

  test("that the chain refuses at first sight is refused for good", async () => {
    const node = new ToldNode();
    node.answer = { state: "failed", code: "INSUFFICIENT_BALANCE", receipt: { code: "INSUFFICIENT_BALANCE" } };
    await expect(open(new MemoryStore(), node.client()).pay("k.0", pay)).rejects.toMatchObject({
      code: "CHAIN_REFUSED",
    });
  });
});

function hang(): Promise<never> {
  return new Promise(() => undefined);
}
