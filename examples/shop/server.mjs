// A shop of one page: three things to buy, an invoice for each order, the gateway's checkout page, and a webhook that marks the order
// as paid. Everything that a real shop needs of the gateway is here; the rest of a real shop is not.
//
//   npx ttchain start                                             in one shell
//   node examples/shop/server.mjs [gateway] [port] [payee]        in another, then open http://127.0.0.1:7330
//
// Without a payee it makes a fresh account, whose key it throws away: for trying out only.

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname } from "node:path";
import { Account, MerchantClient, verifyWebhook } from "ttchain";

const gateway = process.argv[2] ?? "http://127.0.0.1:7070";
const port = Number(process.argv[3] ?? 7330);
const payee = process.argv[4];
const home = `http://127.0.0.1:${port}`;
// What must outlive the shop's process: its key, the webhook's secret, orders, and the events that it has handled.
const FILE = process.env.SHOP_FILE ?? ".shop/shop.json";
const BODY_CHARACTERS_MAX = 65_536;

const GOODS = [
  { name: "Americano", won: 4_500 },
  { name: "Cheesecake", won: 6_800 },
  { name: "Beans, 200 g", won: 14_000 },
];

async function load() {
  try {
    return JSON.parse(await readFile(FILE, "utf8"));
  } catch {
    return { name: `shop-${Date.now()}`, orders: [], handled: [] };
  }
}

const shop = await load();

/** Whole or not at all, so that a killed shop has its orders. */
async function save() {
  await mkdir(dirname(FILE), { recursive: true });
  await writeFile(`${FILE}.new`, JSON.stringify(shop), { mode: 0o600 });
  await rename(`${FILE}.new`, FILE);
}

async function register() {
  const address = payee ?? Account.random().addressText;
  // The keys of these requests are the shop's own name: started twice, it still has one store and one webhook.
  shop.payee ??= address;
  await save();
  const operator = new MerchantClient({ url: gateway });
  const { secret } = await operator.createStore(
    { name: "Bada Coffee", payee: shop.payee, categoryCode: "5814", tokens: ["TTM", "TTC"] },
    { idempotencyKey: `${shop.name}/store` },
  );
  shop.key = secret;
  const client = new MerchantClient({ url: gateway, key: secret });
  const webhook = await client.createWebhook(
    { url: `${home}/webhook`, events: ["invoice.paid", "invoice.expired"] },
    { idempotencyKey: `${shop.name}/webhook` },
  );
  shop.webhookSecret = webhook.secret;
  await save();
}

if (shop.key === undefined || shop.webhookSecret === undefined) {
  await register();
}
const client = new MerchantClient({ url: gateway, key: shop.key, patienceMs: 60_000 });

async function order(goods) {
  const number = shop.orders.length + 1;
  const entry = { number, name: goods.name, won: goods.won, state: "open", paidTimes: 0 };
  shop.orders.push(entry);
  await save();
  const invoice = await client.createInvoice(
    {
      price: { currency: "KRW", amount: `${goods.won}` },
      order: `${number}`,
      label: goods.name,
      returnUrl: `${home}/orders/${number}`,
    },
    { idempotencyKey: `${shop.name}/order/${number}` },
  );
  entry.invoice = invoice.id;
  await save();
  return entry;
}

/** Each event once, whatever the network did: its id is remembered with what it changed. */
async function handle(event) {
  const { invoice } = event.data;
  const entry = shop.orders.find(({ number }) => `${number}` === invoice?.order);
  if (entry === undefined || shop.handled.includes(event.id)) {
    return;
  }
  shop.handled.push(event.id);
  entry.state = invoice.state;
  entry.paidTimes += event.type === "invoice.paid" ? 1 : 0;
  await save();
}

function page(title, body) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>body{font:16px/1.5 system-ui;max-width:36rem;margin:2rem auto;padding:0 1rem}button,a.pay{font:inherit;padding:.5rem 1rem}</style>
<h1>${title}</h1>${body}</html>`;
}

function shelf() {
  const rows = GOODS.map(
    ({ name, won }, index) =>
      `<form method="post" action="/buy/${index}"><p>${name}, ₩${won.toLocaleString("en")} <button>Buy ${name}</button></p></form>`,
  );
  return page("Bada Coffee", rows.join(""));
}

function orderPage({ number, name, won, state, invoice, paidTimes }) {
  return page(
    `Order ${number}`,
    `<p>${name}, ₩${won.toLocaleString("en")}</p><p>State: <strong id="state" data-paid-times="${paidTimes}">${state}</strong></p>
<p id="thanks" hidden>Thank you!</p>
<p><a class="pay" href="${gateway}/checkout/${invoice}" data-ttchain-invoice="${invoice}">Pay</a> <a href="/orders/${number}">Refresh</a> <a href="/">Shop</a></p>
<script src="${gateway}/ttchain-checkout.js"></script>
<script>addEventListener("ttchain:paid", () => { document.getElementById("thanks").hidden = false; });</script>`,
  );
}

async function read(request) {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += chunk;
    if (body.length > BODY_CHARACTERS_MAX) {
      throw new Error("the body is too large");
    }
  }
  return body;
}

async function answer(request) {
  const { method, url } = request;
  const buying = /^\/buy\/(\d)$/.exec(url);
  const looking = /^\/orders\/(\d+)$/.exec(url);
  if (method === "POST" && url === "/webhook") {
    await handle(verifyWebhook(shop.webhookSecret, request.headers, await read(request)));
    return { status: 204 };
  }
  if (method === "POST" && buying !== null && GOODS[buying[1]] !== undefined) {
    const { number } = await order(GOODS[buying[1]]);
    return { status: 303, headers: { location: `/orders/${number}` } };
  }
  const found = looking === null ? undefined : shop.orders[looking[1] - 1];
  const html = url === "/" ? shelf() : found && orderPage(found);
  return html === undefined
    ? { status: 404, body: page("Not here", "") }
    : { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: html };
}

createServer((request, response) => {
  answer(request).then(
    ({ status, headers, body }) => response.writeHead(status, headers).end(body),
    (error) => {
      console.error(error.message);
      response.writeHead(400).end();
    },
  );
}).listen(port, "127.0.0.1", () => console.log(`the shop is open at ${home}`));
