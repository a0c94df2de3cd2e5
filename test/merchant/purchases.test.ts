// Invoices paid with mileage: the wallet asks, signs first, and the store's desk signs what pays the invoice and nothing else, once.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../src/base/bytes.js";
import type { Account } from "../../src/client/account.js";
import { type Action, transfer } from "../../src/client/actions.js";
import { buildBody } from "../../src/client/buildTransaction.js";
import { TTChainClient } from "../../src/client/client.js";
import { MerchantClient } from "../../src/client/merchantClient.js";
import { buildPurchase } from "../../src/client/purchase.js";
import type { MileageDesk } from "../../src/merchant/mileage/mileageDesk.js";
import { MileageSigner } from "../../src/merchant/mileage/mileageSigner.js";
import { MerchantRows } from "../../src/merchant/rows/merchantRows.js";
import { CodedError } from "../../src/protocol/errors.js";
import type { InvoiceJson, MileageOfferJson } from "../../src/protocol/merchantApiTypes.js";
import { encodeBody, encodeTransaction } from "../../src/protocol/transaction.js";
import { MemoryStore } from "../support/memoryStore.js";
import { MerchantStage } from "./merchantStage.js";

const RULES = {
  grades: [{ name: "Family", spentUnitsMin: 0n, earnBasisPoints: 1_000 }],
  earnUnitsMax: 500n,
  priceUnitsMin: 1_000n,
  spendBasisPoints: 5_000,
  spendStepUnits: 10n,
  earnOnSpent: false,
};

let stage: MerchantStage;
let shop: MerchantClient;
let client: TTChainClient;
let ann: Account;
let signer: MileageSigner;
let sequence = 0;
/** What the desk does with a purchase. */
let deskSigns = (bytes: Uint8Array): Promise<{ bytes: Uint8Array }> => signer.sign(bytes);

const desk: MileageDesk = {
  async terms(payer, price, spent) {
    const { store } = signer.signs;
    const face = {
      priceToken: "TTM",
      mileageToken: "TTMI",
      store: store.addressText,
      storeKey: toHex(store.publicKey),
    };
    return { ...(await signer.quote(payer, price, spent)), ...face };
  },
  sign: async (bytes) => (await deskSigns(bytes)).bytes,
};

beforeAll(async () => {
  stage = await MerchantStage.start({ mileageDesk: desk });
  const { chain, payee } = stage;
  shop = new MerchantClient({ url: chain.url, key: stage.key });
  client = new TTChainClient({ url: chain.url });
  ann = chain.accounts[0];
  const rows = new MerchantRows(new MemoryStore(), () => undefined);
  signer = new MileageSigner({ rules: RULES, store: payee, priceToken: "TTM", mileageToken: "TTMI", rows, client });
  for (const [token, to] of [
    ["TTM", ann],
    ["TTMI", ann],
    ["TTMI", payee],
  ] as const) {
    const operation = { kind: "mint", token, to: to.address, amount: 100_000n } as const;
    await chain.commit([{ by: chain.issuer, operation }]);
  }
});

afterAll(() => stage.stop());

function sell(mileage = "300", expiryHeights = 400): Promise<InvoiceJson> {
  const price = { currency: "TTM", amount: "4000" };
  return shop.createInvoice({
    price,
    tokens: ["TTM", "TTMI"],
    expiryHeights,
    mileage: { token: "TTMI", amount: mileage },
  });
}

async function purchase(offer: MileageOfferJson, validHeights = 50) {
  const view = await client.chain();
  const validUntil = view.height + validHeights;
  return buildPurchase(view, ann, offer, { lane: 7, sequence, validUntil });
}

/** A purchase of these actions, signed by its payer. */
async function forged(actions: Action[], { signature }: { signature?: Uint8Array } = {}): Promise<Uint8Array> {
  const view = await client.chain();
  const body = encodeBody(buildBody(view, { actions, sender: ann, lane: 7, sequence, validUntil: view.height + 50 }));
  return encodeTransaction(body, [signature ?? ann.signBody(view.genesisHash, body), new Uint8Array(64)]);
}

async function commit(bytes: Uint8Array): Promise<void> {
  expect(await client.submit([bytes])).toMatchObject([{ state: "pending" }]);
  await stage.chain.produce();
  sequence++;
}

describe("a purchase with mileage", () => {
  test("pays the invoice and gives its mileage in one step", async () => {
    const invoice = await sell();
    const offer = await shop.mileageOffer(invoice.id, ann.addressText);
    // A tenth of the price by the rules, of which the invoice promises 300.
    expect(offer).toMatchObject({ grade: "Family", price: "4000", paid: "4000", earned: "300", spendable: "2000" });
    const before = await client.account(ann.address);
    const { bytes, id } = await shop.signPurchase(invoice.id, (await purchase(offer)).bytes);
    await commit(bytes);
    expect(await stage.read(invoice.id)).toMatchObject({ state: "paid", payments: [{ transactionId: id }] });
    const after = await client.account(ann.address);
    expect((after.balances.TTMI ?? 0n) - (before.balances.TTMI ?? 0n)).toBe(300n);
    await expect(shop.mileageOffer(invoice.id, ann.addressText)).rejects.toMatchObject({ code: "INVOICE_NOT_PAYABLE" });
  });

  test("takes mileage towards the price, and then earns on the rest", async () => {
    const invoice = await sell();
    const offer = await shop.mileageOffer(invoice.id, ann.addressText, 1_500n);
    expect(offer).toMatchObject({ spent: "1500", paid: "2500", earned: "250" });
    await commit((await shop.signPurchase(invoice.id, (await purchase(offer)).bytes)).bytes);
    const paid = await stage.read(invoice.id);
    expect([paid.state, ...paid.payments.map(({ token, amount }) => `${amount} ${token}`)]).toEqual([
      "paid",
      "2500 TTM",
      "1500 TTMI",
    ]);
    await expect(shop.mileageOffer((await sell()).id, ann.addressText, 2_010n)).rejects.toThrow(/at most 2000/);
  });

  test("gets the same signature again, and no other purchase one before it can't be committed any more", async () => {
    const invoice = await sell();
    const whole = await shop.mileageOffer(invoice.id, ann.addressText);
    const part = await shop.mileageOffer(invoice.id, ann.addressText, 1_000n);
    const first = await purchase(whole, 5);
    const signed = await shop.signPurchase(invoice.id, first.bytes);
    expect(await shop.signPurchase(invoice.id, first.bytes)).toEqual(signed);
    // Other amounts have another mark on the chain: both would be taken, and give mileage twice.
    const second = await purchase(part);
    const pending = { code: "PURCHASE_PENDING", details: { height: first.validUntil } };
    await expect(shop.signPurchase(invoice.id, second.bytes)).rejects.toMatchObject(pending);
    await stage.chain.produceTo(first.validUntil);
    await stage.applied();
    await commit((await shop.signPurchase(invoice.id, second.bytes)).bytes);
    expect((await stage.read(invoice.id)).state).toBe("paid");
    const again = await purchase(whole);
    await expect(shop.signPurchase(invoice.id, again.bytes)).rejects.toMatchObject({ code: "INVOICE_NOT_PAYABLE" });
  });

  test("asked for twice at once is one question to the desk, whose no to another would free the invoice", async () => {
    const invoice = await sell();
    const first = await purchase(await shop.mileageOffer(invoice.id, ann.addressText));
    const other = await purchase(await shop.mileageOffer(invoice.id, ann.addressText, 1_000n));
    const plain = deskSigns;
    const asked = [0, 0];
    const told: (() => void)[] = [];
    // To the first question it says yes, to the second no, after that.
    deskSigns = async (bytes) => {
      const isFirst = asked[0] === 0;
      asked[isFirst ? 0 : 1]++;
      await new Promise<void>((resolve) => told.push(resolve));
      if (!isFirst) {
        throw new CodedError("RATE_LIMITED");
      }
      return signer.sign(bytes);
    };
    const { bytes } = first;
    const both = [shop.signPurchase(invoice.id, bytes), shop.signPurchase(invoice.id, bytes).catch(() => undefined)];
    while (told.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await shop.invoice(invoice.id);
    told[0]();
    const signed = await both[0];
    told[1]?.();
    await both[1];
    deskSigns = plain;
    await expect(shop.signPurchase(invoice.id, other.bytes)).rejects.toMatchObject({ code: "PURCHASE_PENDING" });
    expect(asked).toEqual([1, 0]);
    await commit(signed!.bytes);
    expect((await stage.read(invoice.id)).state).toBe("paid");
  });

  test("that pays more mileage than is due gets no signature", async () => {
    const invoice = await sell();
    const { reference } = await shop.mileageOffer(invoice.id, ann.addressText);
    const payment = { to: stage.payee.address, token: "TTMI", amount: 4_010n, reference: fromHex(reference)! };
    const bytes = await forged([{ ...transfer(ann, payment), alsoSigning: [stage.payee] }]);
    await expect(shop.signPurchase(invoice.id, bytes)).rejects.toThrow(/4000 units of TTMI, what is due, got 4010/);
  });

  test("that pays less or elsewhere, or gives more, gets no signature, and leaves the invoice to another", async () => {
    const invoice = await sell("300");
    const offer = await shop.mileageOffer(invoice.id, ann.addressText);
    const store = stage.payee;
    const reference = fromHex(offer.reference)!;
    const pay = (amount: bigint, more: object = {}) =>
      transfer(ann, { to: store.address, token: "TTM", amount, reference, ...more });
    const give = (amount: bigint, token = "TTMI") => transfer(store, { to: ann.address, token, amount });
    const { reference: _, ...plain } = { to: store.address, token: "TTM", amount: 4_000n, reference };
    const wrong: Action[][] = [
      [pay(3_999n), give(300n)],
      [pay(4_001n), give(300n)],
      [transfer(ann, plain), give(300n)],
      [pay(4_000n, { reference: fromHex("ff".repeat(32)) }), give(300n)],
      [pay(4_000n, { to: stage.chain.accounts[1].address }), give(300n)],
      [pay(4_000n), give(301n)],
      [pay(4_000n), give(200n), give(100n)],
      [pay(4_000n), give(300n), give(5n, "TTC")],
      [give(300n)],
      [pay(4_000n)],
    ];
    for (const actions of wrong) {
      const bytes = await forged(actions);
      await expect(shop.signPurchase(invoice.id, bytes)).rejects.toMatchObject({ code: "MALFORMED" });
    }
    const unsigned = await forged([pay(4_000n), give(300n)], { signature: new Uint8Array(64).fill(1) });
    await expect(shop.signPurchase(invoice.id, unsigned)).rejects.toMatchObject({ code: "BAD_SIGNATURE" });
    await commit((await shop.signPurchase(invoice.id, (await purchase(offer)).bytes)).bytes);
    expect((await stage.read(invoice.id)).state).toBe("paid");
  });

  test("that the desk's rules refuse leaves the invoice to another", async () => {
    const invoice = await sell("900");
    const offer = await shop.mileageOffer(invoice.id, ann.addressText);
    expect(offer.earned).toBe("400");
    const greedy = await purchase({ ...offer, earned: "401" });
    await expect(shop.signPurchase(invoice.id, greedy.bytes)).rejects.toThrow(/at most 400 of mileage earned/);
    await commit((await shop.signPurchase(invoice.id, (await purchase(offer)).bytes)).bytes);
    expect((await stage.read(invoice.id)).state).toBe("paid");
  });

  test("of an invoice without mileage, or at a gateway without a desk, is refused with its reason", async () => {
    const plain = await shop.createInvoice({ price: { currency: "TTM", amount: "4000" } });
    await expect(shop.mileageOffer(plain.id, ann.addressText)).rejects.toMatchObject({ code: "NOT_FOUND" });
    const alone = await MerchantStage.start();
    const invoice = await alone.invoice({ mileage: { token: "TTMI", amount: "3" } });
    const path = `/v1/merchant/checkout/${invoice.id}/mileage/offers`;
    const answer = await alone.post(path, { payer: ann.addressText });
    expect(answer).toMatchObject({ status: 503, body: { error: { code: "MILEAGE_UNAVAILABLE" } } });
    await alone.stop();
  });
});
