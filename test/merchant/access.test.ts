// Who may do what at the gateway, and that its OpenAPI document and its answers agree.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MERCHANT_ROUTES, MERCHANT_SOCKET_PATH } from "../../src/merchant/routes/merchantRoutes.js";
import {
  INVOICE_STATES,
  type InvoiceJson,
  MERCHANT_EVENTS,
  MERCHANT_SCOPES,
  type MerchantKeyJson,
  STAFF_ROLES,
  type StaffJson,
  type StaffRole,
  type TillJson,
} from "../../src/protocol/merchantApiTypes.js";
import { SchemaChecker } from "../api/schemaChecker.js";
import { MerchantStage } from "./merchantStage.js";

let stage: MerchantStage;
const keys = new Map<StaffRole, string>();
const people = new Map<StaffRole, StaffJson>();

beforeAll(async () => {
  stage = await MerchantStage.start();
  for (const role of STAFF_ROLES) {
    const person = await stage.post<StaffJson>("/v1/merchant/staff", { name: `A ${role}`, role });
    people.set(role, person.body);
    const body = { name: "phone", staff: person.body.id };
    keys.set(role, (await stage.post<{ secret: string }>("/v1/merchant/keys", body)).body.secret);
  }
});

afterAll(() => stage.stop());

const SALE = { price: { currency: "TTC", amount: "7" } };

describe("a role", () => {
  const cases: [string, (key: string) => Promise<{ status: number }>, StaffRole[]][] = [
    ["look", (key) => stage.get("/v1/merchant/invoices", key), ["owner", "manager", "cashier", "viewer"]],
    ["sell", (key) => stage.post("/v1/merchant/invoices", SALE, { key }), ["owner", "manager", "cashier"]],
    ["make tills", (key) => stage.post("/v1/merchant/tills", { name: "T" }, { key }), ["owner", "manager"]],
    ["see webhooks", (key) => stage.get("/v1/merchant/webhooks", key), ["owner", "manager"]],
    ["see people", (key) => stage.get("/v1/merchant/staff", key), ["owner"]],
  ];
  test.each(cases)("may %s exactly where the table says so", async (_, ask, allowed) => {
    for (const role of STAFF_ROLES) {
      const { status } = await ask(keys.get(role)!);
      expect(status, role).toBe(allowed.includes(role) ? 200 : 403);
    }
  });

  test("may refund only from manager on", async () => {
    const { id } = await stage.invoice();
    for (const role of STAFF_ROLES) {
      const body = { token: "TTC", amount: "1" };
      const { status } = await stage.post(`/v1/merchant/invoices/${id}/refunds`, body, { key: keys.get(role)! });
      expect(status, role).toBe(role === "owner" || role === "manager" ? 400 : 403);
    }
  });
});

describe("a key", () => {
  test("that is none, or none at all, opens nothing", async () => {
    expect((await stage.get("/v1/merchant/invoices", "")).status).toBe(401);
    const forged = `${keys.get("owner")!.slice(0, -1)}0`;
    expect((await stage.get("/v1/merchant/invoices", `${forged}`)).status).toBe(
      forged === keys.get("owner") ? 200 : 401,
    );
    expect((await stage.get("/v1/merchant/invoices", "tsk_nonsense")).status).toBe(401);
  });

  test("is shown again to the same request, and worthless once it is revoked", async () => {
    const body = { name: "spare", staff: people.get("viewer")!.id };
    const options = { idempotencyKey: "spare key" };
    const first = await stage.post<{ key: MerchantKeyJson; secret: string }>("/v1/merchant/keys", body, options);
    expect((await stage.post("/v1/merchant/keys", body, { idempotencyKey: "spare-key" })).status).toBe(200);
    expect(first.status).toBe(400);
    const made = await stage.post<{ key: MerchantKeyJson; secret: string }>("/v1/merchant/keys", body, {
      idempotencyKey: "spare-key",
    });
    expect((await stage.get("/v1/merchant/invoices", made.body.secret)).status).toBe(200);
    await stage.post(`/v1/merchant/keys/${made.body.key.id}/revoke`, {});
    expect((await stage.get("/v1/merchant/invoices", made.body.secret)).status).toBe(401);
  });

  test("loses what its holder's role loses", async () => {
    const { id } = people.get("cashier")!;
    await stage.post(`/v1/merchant/staff/${id}`, { role: "viewer", active: true });
    expect((await stage.post("/v1/merchant/invoices", SALE, { key: keys.get("cashier")! })).status).toBe(403);
    await stage.post(`/v1/merchant/staff/${id}`, { role: "cashier", active: false });
    expect((await stage.get("/v1/merchant/invoices", keys.get("cashier")!)).status).toBe(401);
  });

  test("of one store sees nothing of another", async () => {
    const invoice = await stage.invoice();
    const body = { name: "Next door", payee: stage.chain.accounts[2].addressText };
    const other = await stage.post<{ secret: string }>("/v1/merchant/stores", body, { key: "" });
    expect(other.status).toBe(200);
    expect((await stage.get(`/v1/merchant/invoices/${invoice.id}`, other.body.secret)).status).toBe(404);
    const { body: list } = await stage.get<{ invoices: InvoiceJson[] }>("/v1/merchant/invoices", other.body.secret);
    expect(list.invoices).toEqual([]);
    const tills = await stage.get<{ tills: TillJson[] }>("/v1/merchant/tills", other.body.secret);
    expect(tills.body.tills).toEqual([]);
  });
});

test("a store keeps an owner, and an address of its own", async () => {
  const staff = await stage.get<{ staff: StaffJson[] }>("/v1/merchant/staff");
  const owners = staff.body.staff.filter(({ role }) => role === "owner");
  expect(owners).toHaveLength(2);
  await stage.post(`/v1/merchant/staff/${owners[1].id}`, { role: "viewer", active: true });
  const last = await stage.post(`/v1/merchant/staff/${owners[0].id}`, { role: "owner", active: false });
  expect(last.status).toBe(400);
  const twice = { name: "Twin", payee: stage.payee.addressText };
  expect((await stage.post("/v1/merchant/stores", twice, { key: "" })).status).toBe(400);
});

describe("the OpenAPI document", () => {
  test("describes exactly the routes served, and the answers keep to it", async () => {
    const schemas = await SchemaChecker.load(stage.chain.url, "/v1/merchant/openapi.json");
    const described = Object.entries(schemas.document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    const served = [...MERCHANT_ROUTES.map(({ method, path }) => `${method} ${path}`), `get ${MERCHANT_SOCKET_PATH}`];
    expect(described.toSorted()).toEqual(served.toSorted());
    for (const [, name] of JSON.stringify(schemas.document).matchAll(/#\/components\/schemas\/(\w+)/g)) {
      expect(schemas.document.components.schemas).toHaveProperty(name);
    }
    const invoice = await stage.invoice({ mileage: { token: "TTMI", amount: "3" }, metadata: { table: "4" } });
    const answers: [string, string][] = [
      ["Invoice", `/v1/merchant/invoices/${invoice.id}`],
      ["Invoices", "/v1/merchant/invoices"],
      ["Checkout", `/v1/merchant/checkout/${invoice.id}`],
      ["OwnStore", "/v1/merchant/store"],
      ["SettlementStore", "/v1/merchant/settlement"],
      ["StaffList", "/v1/merchant/staff"],
      ["Keys", "/v1/merchant/keys"],
      ["Tills", "/v1/merchant/tills"],
      ["Webhooks", "/v1/merchant/webhooks"],
      ["Events", "/v1/merchant/events"],
      ["UnassignedList", "/v1/merchant/unassigned"],
      ["GatewayStatus", "/v1/merchant/status"],
    ];
    for (const [schema, path] of answers) {
      const { status, body } = await stage.get(path);
      expect(status, path).toBe(200);
      expect(schemas.problems({ $ref: `#/components/schemas/${schema}` }, body, "$"), path).toEqual([]);
    }
  });

  test.each(MERCHANT_ROUTES.map(({ method, path }) => [method, path]))(
    "%s %s refuses a bad request with its code",
    async (method, path) => {
      const url = stage.chain.url + path.replace(/\{\w+\}/g, "x");
      const response = await fetch(url, { method: method.toUpperCase(), ...(method === "post" ? { body: "[1" } : {}) });
      expect([200, 400, 401, 404, 415]).toContain(response.status);
    },
  );
});

test("docs/merchant.md names every route, event, state and scope", () => {
  const text = readFileSync(new URL("../../docs/merchant.md", import.meta.url), "utf8");
  for (const { method, path } of MERCHANT_ROUTES) {
    expect(text).toContain(`\`${method.toUpperCase()} ${path}\``);
  }
  for (const name of [...MERCHANT_EVENTS, ...INVOICE_STATES, ...STAFF_ROLES, ...MERCHANT_SCOPES]) {
    expect(text).toContain(name);
  }
});
