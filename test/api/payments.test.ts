// Payments over the API: what the history answers, as JSON of the documented shape, and questions of no form.

import { afterAll, beforeAll, expect, test } from "vitest";
import { toHex, utf8Bytes } from "../../src/base/bytes.js";
import { transfer } from "../../src/client/actions.js";
import { TTChainClient } from "../../src/client/client.js";
import { makeReference } from "../../src/client/references.js";
import type { DayTotalsJson, PaymentsJson } from "../../src/protocol/paymentApiTypes.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { ApiChain } from "./apiChain.js";
import { SchemaChecker } from "./schemaChecker.js";

let chain: ApiChain;
let schemas: SchemaChecker;
let reference: Uint8Array;

beforeAll(async () => {
  chain = await ApiChain.start({ accounts: 2 });
  schemas = await SchemaChecker.load(chain.url);
  const [by, shop] = chain.accounts;
  reference = makeReference(900, chain.random, { till: 3, staff: 0, purpose: "sale" });
  await chain.commit([transfer(by, { to: shop.addressText, amount: TTC_UNIT, token: "TTC", reference })]);
  await chain.commit([transfer(by, { to: shop.addressText, amount: 2n, token: "TTC" })], { memo: utf8Bytes("tea") });
});

afterAll(() => chain.stop());

async function paid(query: string): Promise<PaymentsJson> {
  const { status, body } = await chain.get(`/v1/payments?${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(schemas.problems({ $ref: "#/components/schemas/Payments" }, body, "$")).toEqual([]);
  return body as PaymentsJson;
}

test("are found by account, till, token, reference and memo", async () => {
  const shop = chain.accounts[1].addressText;
  const amounts = async (query: string): Promise<string[]> => (await paid(query)).payments.map(({ amount }) => amount);
  expect(await amounts(`account=${shop}`)).toEqual(["2", `${TTC_UNIT}`]);
  expect(await amounts(`account=${shop}&direction=out`)).toEqual([]);
  expect(await amounts(`account=${shop}&till=3`)).toEqual([`${TTC_UNIT}`]);
  expect(await amounts("token=TTC&state=committed")).toEqual(["2", `${TTC_UNIT}`]);
  expect(await amounts(`reference=${toHex(reference)}`)).toEqual([`${TTC_UNIT}`]);
  expect(await amounts(`memo=${toHex(utf8Bytes("tea"))}`)).toEqual(["2"]);
  const page = await paid(`account=${shop}&limit=1`);
  expect(await amounts(`account=${shop}&limit=1&before=${page.next}`)).toEqual([`${TTC_UNIT}`]);
});

test("have totals of days and a place where their store tells how far it is", async () => {
  const shop = chain.accounts[1].addressText;
  const client = new TTChainClient({ url: chain.url });
  const { totals }: DayTotalsJson = await client.paymentDays({
    account: shop,
    fromDay: "2023-11-14",
    toDay: "2023-11-15",
    timeZone: "Asia/Seoul",
  });
  const [inAmount, none] = [`${TTC_UNIT + 2n}`, { outCount: 0, outAmount: "0" }];
  expect(totals).toEqual([{ day: "2023-11-15", token: "TTC", inCount: 2, inAmount, ...none }]);
  expect(await client.paymentIndex()).toEqual({ store: "lmdb", state: "following", height: 2 });
  expect((await client.payments({ account: shop, limit: 5 })).payments).toHaveLength(2);
});

test("questions of no form are refused", async () => {
  const shop = chain.accounts[1].addressText;
  for (const query of [
    "",
    "till=1",
    `account=${shop}&token=TTC`,
    `account=${shop}&till=0`,
    "memo=xy",
    "reference=12",
    `account=${shop}&state=done`,
    "token=TTC&before=1",
  ]) {
    const { status, body } = await chain.get(`/v1/payments?${query}`);
    expect(status, query).toBe(400);
    expect(body).toMatchObject({ error: { code: "BAD_REQUEST" } });
  }
  const { status } = await chain.get("/v1/payments/days?memo=00&fromDay=2023-11-14&toDay=2023-11-14");
  expect(status).toBe(400);
});
