// An invoice's life, from the price to the last refund, as the gateway tells it from the chain's blocks.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromHex } from "../../src/base/bytes.js";
import { transfer } from "../../src/client/actions.js";
import { parseEmvCode } from "../../src/client/emvCode.js";
import { parsePaymentUri } from "../../src/client/paymentUri.js";
import type {
  AbsenceJson,
  CheckoutJson,
  InvoiceJson,
  RefundJson,
  UnassignedJson,
  WebhookJson,
} from "../../src/protocol/merchantApiTypes.js";
import { type Answer, MerchantStage } from "./merchantStage.js";

let stage: MerchantStage;

beforeAll(async () => {
  stage = await MerchantStage.start();
});

afterAll(() => stage.stop());

function pay(invoice: InvoiceJson, wanted: { part?: number; amount?: string; payer?: number } = {}) {
  const { part = 0, payer = 0 } = wanted;
  const { reference, options } = invoice.parts[part];
  const amount = wanted.amount ?? options[0].amount;
  return stage.chain.commit([
    transfer(stage.chain.accounts[payer], {
      to: invoice.payee,
      token: options[0].token,
      amount: BigInt(amount),
      reference: fromHex(reference)!,
    }),
  ]);
}

describe("an invoice", () => {
  test("is open, then paid by exactly its amount, and says by which transaction", async () => {
    const invoice = await stage.invoice({ order: "A-1", label: "Two coffees" });
    expect(invoice).toMatchObject({ state: "open", payable: true, order: "A-1", payments: [] });
    const { id } = await pay(invoice);
    const paid = await stage.read(invoice.id);
    expect(paid).toMatchObject({ state: "paid", payments: [{ transactionId: Buffer.from(id).toString("hex") }] });
    expect(paid.heightPaid).toBe(stage.chain.height);
  });

  test("in won asks what the locked quote says, in each token, rounded up", async () => {
    const { body } = await stage.post<InvoiceJson>("/v1/merchant/invoices", {
      price: { currency: "KRW", amount: "12345" },
      tokens: ["TTM", "TTC", "TTMI"],
    });
    // A TTM is a won; 100 of it are a TTC of 10^8 units, and so are 100 TTMI.
    expect(body.parts[0].options.map(({ token, amount }) => [token, amount])).toEqual([
      ["TTM", "12345"],
      ["TTC", "12345000000"],
      ["TTMI", "12345"],
    ]);
    expect(body.parts[0].options[1].quote).toMatchObject({ source: "chain", units: "100000000", price: "100" });
  });

  test("its URI and its EMV code ask for the same payment", async () => {
    const invoice = await stage.invoice({ order: "주문 7" });
    const request = parsePaymentUri(invoice.parts[0].uri);
    expect(request).toMatchObject({ payee: invoice.payee, token: "TTC", amount: 100_000_000n });
    const { body } = await stage.get<CheckoutJson>(`/v1/merchant/checkout/${invoice.id}`, "");
    const code = parseEmvCode(body.emv!);
    expect(code.request).toMatchObject({
      payee: invoice.payee,
      token: "TTC",
      amount: 100_000_000n,
      chain: request.chain,
    });
    expect(code.request.reference).toEqual(request.reference);
    expect(code).toMatchObject({ merchantName: "Corner shop", billNumber: "7" });
  });

  test("paid in part asks for the rest, in any of its tokens; the rest makes it paid", async () => {
    const invoice = await stage.invoice();
    await pay(invoice, { amount: "40000000" });
    const part = await stage.read(invoice.id);
    expect(part.state).toBe("paid_in_part");
    const { body } = await stage.get<CheckoutJson>(`/v1/merchant/checkout/${invoice.id}`, "");
    expect(body.due).toEqual([["60000000"]]);
    await pay(invoice, { amount: "60000000", payer: 1 });
    expect((await stage.read(invoice.id)).state).toBe("paid");
  });

  test("paid with too much is overpaid until the excess went back", async () => {
    const invoice = await stage.invoice();
    await pay(invoice, { amount: "130000000" });
    expect((await stage.read(invoice.id)).state).toBe("overpaid");
    await refund(invoice, "30000000");
    const settled = await stage.read(invoice.id);
    expect(settled).toMatchObject({ state: "paid", refunds: [{ state: "sent" }] });
    const types = (await stage.events()).filter(({ data }) => data.invoice?.id === invoice.id).map(({ type }) => type);
    expect(types).toEqual(["invoice.paid", "invoice.overpaid", "invoice.excess_refunded"]);
  });

  test("is refunded in part, then whole, never by more than came in", async () => {
    const invoice = await stage.invoice();
    await pay(invoice);
    await refund(invoice, "40000000");
    expect((await stage.read(invoice.id)).state).toBe("refunded_in_part");
    const path = `/v1/merchant/invoices/${invoice.id}/refunds`;
    const refused = await stage.post<{ error: { code: string } }>(path, { token: "TTC", amount: "60000001" });
    expect(refused).toMatchObject({ status: 422, body: { error: { code: "REFUND_TOO_LARGE" } } });
    await refund(invoice, "60000000");
    expect((await stage.read(invoice.id)).state).toBe("refunded");
  });

  test("of instalments is paid when each part is, each with a reference of its own", async () => {
    const invoice = await stage.invoice({
      instalments: [
        { amount: "30000000", expiryHeights: 500 },
        { amount: "70000000", expiryHeights: 1_000 },
      ],
    });
    await pay(invoice, { part: 1 });
    expect((await stage.read(invoice.id)).state).toBe("paid_in_part");
    await pay(invoice, { part: 0 });
    expect((await stage.read(invoice.id)).state).toBe("paid");
  });

  test("that nobody pays expires with proofs that nobody did and nobody can", async () => {
    const invoice = await stage.invoice({ expiryHeights: 10 });
    const { heightExpiry } = invoice.parts[0];
    await stage.chain.produceTo(heightExpiry - 1);
    expect(await stage.read(invoice.id)).toMatchObject({ state: "open", payable: true });
    await stage.chain.produceTo(heightExpiry);
    expect(await stage.read(invoice.id)).toMatchObject({ state: "expired", payable: false });
    await stage.chain.produce();
    let absence: Answer<AbsenceJson>;
    do {
      absence = await stage.get<AbsenceJson>(`/v1/merchant/invoices/${invoice.id}/absence`);
    } while (absence.status !== 200);
    expect(absence.body.height).toBeGreaterThanOrEqual(heightExpiry);
    expect(absence.body.proofs).toMatchObject([{ part: 0, token: "TTC", proof: { value: null } }]);
  });

  test("is not paid by the store's own payment to itself, which moves nothing", async () => {
    const invoice = await stage.invoice();
    await pay(invoice, { payer: 3 });
    expect((await stage.read(invoice.id)).state).toBe("open");
  });

  test("lists of a state come newest first, page by page", async () => {
    const ids = [];
    for (let i = 0; i < 3; i++) {
      ids.push((await stage.invoice({ order: `page-${i}` })).id);
    }
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const query: string = next === undefined ? "" : `&before=${encodeURIComponent(next)}`;
      const { body } = await stage.get<{ invoices: InvoiceJson[]; next?: string }>(
        `/v1/merchant/invoices?state=open&limit=1${query}`,
      );
      seen.push(...body.invoices.map(({ id }) => id));
      next = body.next;
    } while (next !== undefined && seen.length < 3);
    expect(seen).toEqual(ids.toReversed());
  });
});

async function refund(invoice: InvoiceJson, amount: string): Promise<void> {
  const path = `/v1/merchant/invoices/${invoice.id}/refunds`;
  const { status, body } = await stage.post<RefundJson>(path, { token: "TTC", amount, reason: "brought back" });
  expect(status, JSON.stringify(body)).toBe(200);
  await stage.chain.commit([
    transfer(stage.payee, { to: body.to, amount: BigInt(amount), reference: fromHex(body.reference)! }),
  ]);
}

describe("a payment without an invoice", () => {
  test("is kept apart with its reason, and counts once somebody assigns it", async () => {
    const invoice = await stage.invoice();
    const memo = new TextEncoder().encode("for order 9");
    await stage.chain.commit([transfer(stage.chain.accounts[1], { to: invoice.payee, amount: 100_000_000n })], {
      memo,
    });
    await stage.applied();
    const { body } = await stage.get<{ payments: UnassignedJson[] }>("/v1/merchant/unassigned?limit=100");
    const found = body.payments.at(-1)!;
    expect(found).toMatchObject({ reason: "no_reference", amount: "100000000", memo: "for order 9" });
    const path = `/v1/merchant/invoices/${invoice.id}/assign`;
    const assigned = await stage.post<InvoiceJson>(path, { payment: found.id });
    expect(assigned.body).toMatchObject({ state: "paid", payments: [{ id: found.id }] });
    const again = await stage.post(path, { payment: found.id });
    expect(again.status).toBe(400);
  });

  test("that completes and exceeds an invoice when it is assigned tells both, as a payment with the reference does", async () => {
    const invoice = await stage.invoice();
    await stage.chain.commit([transfer(stage.chain.accounts[1], { to: invoice.payee, amount: 100_000_007n })]);
    await stage.applied();
    const paidHeight = stage.chain.height;
    await stage.chain.produce();
    const { body } = await stage.get<{ payments: UnassignedJson[] }>("/v1/merchant/unassigned?limit=100");
    const path = `/v1/merchant/invoices/${invoice.id}/assign`;
    const assigned = await stage.post<InvoiceJson>(path, { payment: body.payments.at(-1)!.id });
    expect(assigned.body).toMatchObject({ state: "overpaid", heightPaid: paidHeight });
    const told = (await stage.events()).filter(({ data }) => data.invoice?.id === invoice.id);
    expect(told.map(({ type }) => type)).toEqual(["invoice.paid", "invoice.overpaid"]);
  });

  test("with the invoice's reference and a token that it doesn't take is not counted", async () => {
    const invoice = await stage.invoice();
    const { chain } = stage;
    await chain.commit([
      { by: chain.issuer, operation: { kind: "mint", token: "TTM", to: chain.accounts[0].address, amount: 500n } },
    ]);
    await chain.commit([
      transfer(chain.accounts[0], {
        to: invoice.payee,
        token: "TTM",
        amount: 100n,
        reference: fromHex(invoice.parts[0].reference)!,
      }),
    ]);
    expect((await stage.read(invoice.id)).state).toBe("open");
    const last = (await stage.events()).at(-1)!;
    expect(last).toMatchObject({ type: "payment.unassigned", data: { payment: { reason: "token_not_accepted" } } });
  });
});

describe("a request", () => {
  test("that is repeated with its key makes nothing twice and gives the same answer", async () => {
    const body = { price: { currency: "TTC", amount: "5" } };
    const [first, second] = await Promise.all([
      stage.post<InvoiceJson>("/v1/merchant/invoices", body, { idempotencyKey: "same" }),
      stage.post<InvoiceJson>("/v1/merchant/invoices", body, { idempotencyKey: "same" }),
    ]);
    await stage.chain.produce();
    const third = await stage.post<InvoiceJson>("/v1/merchant/invoices", body, { idempotencyKey: "same" });
    expect(second.body).toEqual(first.body);
    expect(third.body).toEqual(first.body);
  });

  test("for a webhook shows the same to the byte again, whatever became of the webhook since", async () => {
    const url = "http://127.0.0.1:9/";
    const make = () => stage.post<WebhookJson>("/v1/merchant/webhooks", { url }, { idempotencyKey: "hook" });
    const renew = () => stage.post(`/v1/merchant/webhooks/${made.body.id}/secret`, {}, { idempotencyKey: "renew" });
    const made = await make();
    const renewed = await renew();
    await stage.post(`/v1/merchant/webhooks/${made.body.id}/secret`, {});
    await stage.post(`/v1/merchant/webhooks/${made.body.id}`, { active: false });
    expect(JSON.stringify(await make())).toBe(JSON.stringify(made));
    expect(JSON.stringify(await renew())).toBe(JSON.stringify(renewed));
  });

  test("with the key of another is refused, and so is one without", async () => {
    const options = { idempotencyKey: "taken" };
    await stage.post("/v1/merchant/tills", { name: "Till 1" }, options);
    const other = await stage.post<{ error: { code: string } }>("/v1/merchant/tills", { name: "Till 2" }, options);
    expect(other).toMatchObject({ status: 409, body: { error: { code: "IDEMPOTENCY_CONFLICT" } } });
    const none = await stage.post("/v1/merchant/tills", { name: "Till 3" }, { idempotencyKey: "" });
    expect(none.status).toBe(400);
  });
});
