// Each route's answer, on a chain with some of everything, checked against the schema that /openapi.json gives for it.

import { Gauge, type Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toHex, utf8Bytes } from "../../src/base/bytes.js";
import { Account } from "../../src/client/account.js";
import { burn, createToken, mint, replaceKey, setFrozen, transfer } from "../../src/client/actions.js";
import { encodeBatchFrame } from "../../src/client/batchFrame.js";
import type { SignedTransaction } from "../../src/client/buildTransaction.js";
import { makeReference } from "../../src/client/references.js";
import type {
  AccountJson,
  BlockJson,
  BlocksJson,
  HistoryJson,
  StatusJson,
  SubmissionsJson,
  TokenHoldersJson,
  TokensJson,
  TransactionStateJson,
} from "../../src/protocol/apiTypes.js";
import { decodeBlock } from "../../src/protocol/block.js";
import { defaultGasSchedule } from "../../src/protocol/gasSchedule.js";
import { NAME_DEFAULTS, nameParametersJson } from "../../src/protocol/nameParameters.js";
import { createdTokenId } from "../../src/protocol/tokens.js";
import { ApiChain } from "./apiChain.js";
import { SchemaChecker } from "./schemaChecker.js";

let chain: ApiChain;
let schemas: SchemaChecker;
let payment: SignedTransaction;
let failed: SignedTransaction;
let token: string;
let successor: Account;

beforeAll(async () => {
  const registerMetrics = (registry: Registry): void => {
    new Gauge({ name: "another_part_of_the_node", help: "A metric of another part", registers: [registry] }).set(7);
  };
  chain = await ApiChain.start({ services: { registerMetrics } });
  schemas = await SchemaChecker.load(chain.url);
  const [alice, bob] = chain.accounts;
  payment = await chain.commit([transfer(alice, { to: bob.address, amount: 5_000_000_000n })], {
    memo: utf8Bytes("coffee"),
  });
  await chain.commit([mint(chain.issuer, { token: "TTM", to: alice.address, amount: 1_000_000n })]);
  const face = {
    symbol: "GOLD",
    name: "Gold",
    decimals: 2,
    supply: 1_000n,
    mintable: true,
    burnable: true,
    freezable: true,
  };
  const created = await chain.commit([createToken(alice, face)]);
  token = createdTokenId(created.id, 0);
  await chain.commit([transfer(alice, { to: bob.address, amount: 400n, token })]);
  await chain.commit([setFrozen(alice, { token, target: bob.address, frozen: true })]);
  await chain.commit([burn(alice, { token, amount: 100n })]);
  failed = await chain.commit([transfer(bob, { to: alice.address, amount: 1n, token })]);
  successor = Account.random(chain.random);
  await chain.commit([replaceKey(chain.accounts[2], successor)], {}, [successor]);
});

afterAll(() => chain.stop());

async function read<T>(path: string, route: string): Promise<T> {
  const { status, body } = await chain.get(path);
  expect(status, JSON.stringify(body)).toBe(200);
  schemas.expectAnswer("get", route, body);
  return body as T;
}

describe("the chain's routes", () => {
  test("status tells height, hash and root of the latest block", async () => {
    const status = await read<StatusJson>("/v1/status", "/v1/status");
    expect(status.height).toBe(chain.height);
    expect(status.blockHash).toBe(toHex(chain.blocks.latest!.hash));
    expect(status.stateRoot).toBe(toHex(chain.state.root));
    expect(status.chain.genesisHash).toBe(toHex(chain.genesisHash));
  });

  test("genesis and parameters agree", async () => {
    const genesis = await read<typeof chain.genesis>("/v1/genesis", "/v1/genesis");
    expect(genesis).toEqual(chain.genesis);
    expect(await read("/v1/parameters", "/v1/parameters")).toEqual({
      ...genesis.parameters,
      quotes: [...genesis.parameters.quotes].sort((a, b) => (a.token < b.token ? -1 : 1)),
      names: nameParametersJson(NAME_DEFAULTS),
      gas: defaultGasSchedule,
    });
  });

  test("delegates name whose turn is next", async () => {
    const { delegates, next } = await read<{ delegates: unknown[]; next: number }>("/v1/delegates", "/v1/delegates");
    expect(delegates).toHaveLength(3);
    expect(next).toBe(chain.height % 3);
  });
});

describe("blocks", () => {
  test("come newest first, below a height and up to a limit", async () => {
    const { blocks } = await read<BlocksJson>("/v1/blocks?before=5&limit=3", "/v1/blocks");
    expect(blocks.map((block) => block.height)).toEqual([4, 3, 2]);
  });

  test("are found by height and by hash", async () => {
    const block = await read<BlockJson>("/v1/blocks/1", "/v1/blocks/{block}");
    expect(block.transactions.map(({ id, code }) => [id, code])).toEqual([[toHex(payment.id), "OK"]]);
    expect(await read(`/v1/blocks/${block.hash}`, "/v1/blocks/{block}")).toEqual(block);
  });

  test("are served as bytes", async () => {
    const response = await fetch(`${chain.url}/v1/blocks/1/raw`);
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    expect(decodeBlock(new Uint8Array(await response.arrayBuffer()))).toEqual(chain.blocks.kept.get(1)!.block);
  });
});

describe("a transaction", () => {
  test("that is committed shows its receipt and itself", async () => {
    const found = await read<TransactionStateJson>(`/v1/transactions/${toHex(payment.id)}`, "/v1/transactions/{id}");
    expect(found).toMatchObject({ state: "committed", height: 1, index: 0, receipt: { code: "OK", number: 0 } });
    expect(found).toMatchObject({ transaction: { bytes: toHex(payment.bytes), memo: toHex(utf8Bytes("coffee")) } });
  });

  test("that failed in its block says why and where", async () => {
    const found = await read(`/v1/transactions/${toHex(failed.id)}`, "/v1/transactions/{id}");
    expect(found).toMatchObject({
      state: "failed",
      receipt: { code: "BALANCE_FROZEN", number: 310, operationIndex: 0 },
    });
  });

  test("that nobody knows is unknown, and expired once its valid-until height has passed", async () => {
    const id = "ab".repeat(32);
    const route = "/v1/transactions/{id}";
    expect(await read(`/v1/transactions/${id}`, route)).toEqual({ id, state: "unknown" });
    expect(await read(`/v1/transactions/${id}?validUntil=${chain.height}`, route)).toMatchObject({ state: "expired" });
    expect(await read(`/v1/transactions/${id}?validUntil=${chain.height + 1}`, route)).toMatchObject({
      state: "unknown",
    });
  });
});

describe("an account", () => {
  test("shows its balances and created tokens", async () => {
    const bob = chain.accounts[1];
    const account = await read<AccountJson>(`/v1/accounts/${bob.addressText}`, "/v1/accounts/{address}");
    expect(account.exists).toBe(true);
    expect(account.tokens).toEqual([{ token, amount: "400", frozen: true }]);
    expect(account.tokenCount).toBe(1);
  });

  test("whose key was replaced shows the key that rules it", async () => {
    const path = `/v1/accounts/${chain.accounts[2].addressText}`;
    const account = await read<AccountJson>(path, "/v1/accounts/{address}");
    expect(account.publicKey).toBe(toHex(successor.publicKey));
  });

  test("that does not exist holds nothing", async () => {
    const stranger = Account.random(chain.random);
    const account = await read<AccountJson>(`/v1/accounts/${stranger.addressText}`, "/v1/accounts/{address}");
    expect(account).toMatchObject({ exists: false, balances: { TTC: "0", TTM: "0", TTMI: "0" }, tokens: [] });
  });

  test("tells the next sequence of a lane, in the state and after what waits", async () => {
    const carol = chain.accounts[3];
    const path = `/v1/accounts/${carol.addressText}/lanes/9`;
    const route = "/v1/accounts/{address}/lanes/{lane}";
    expect(await read(path, route)).toEqual({ lane: 9, sequenceNext: 0, sequencePending: 0 });
    const waiting = chain.sign([transfer(carol, { to: chain.accounts[0].address, amount: 1_000n })], { lane: 9 });
    await chain.mempool.submit([waiting.bytes]);
    expect(await read(path, route)).toEqual({ lane: 9, sequenceNext: 0, sequencePending: 1 });
    expect(await read(`/v1/transactions/${toHex(waiting.id)}`, "/v1/transactions/{id}")).toMatchObject({
      state: "pending",
    });
  });

  test("has a history in pages, newest first, without gap or repetition", async () => {
    const path = `/v1/accounts/${chain.accounts[0].addressText}/history`;
    const route = "/v1/accounts/{address}/history";
    const all = await read<HistoryJson>(`${path}?limit=100`, route);
    expect(all.next).toBeUndefined();
    const paged: unknown[] = [];
    let cursor = "";
    do {
      const page: HistoryJson = await read<HistoryJson>(`${path}?limit=2${cursor}`, route);
      paged.push(...page.entries);
      cursor = page.next === undefined ? "" : `&before=${page.next}`;
    } while (cursor !== "");
    expect(paged).toEqual(all.entries);
    expect(all.entries.at(-1)).toMatchObject({
      height: 1,
      direction: "out",
      kind: "transfer",
      counterparty: chain.accounts[1].addressText,
      amount: "5000000000",
      token: "TTC",
      feeToken: "TTC",
      memo: toHex(utf8Bytes("coffee")),
    });
  });
});

describe("tokens", () => {
  test("are listed in pages, the chain's own first", async () => {
    const first = await read<TokensJson>("/v1/tokens?limit=2", "/v1/tokens");
    expect(first.tokens.map((entry) => entry.symbol)).toEqual(["TTC", "TTM"]);
    const rest = await read<TokensJson>(`/v1/tokens?limit=2&after=${first.next}`, "/v1/tokens");
    expect(rest.tokens.map((entry) => entry.symbol)).toEqual(["TTMI", "GOLD"]);
    expect(rest.next).toBeUndefined();
  });

  test("show face, rights and supply", async () => {
    expect(await read(`/v1/tokens/${token}`, "/v1/tokens/{id}")).toMatchObject({
      token,
      symbol: "GOLD",
      supply: "900",
      freezable: true,
      issuers: [chain.accounts[0].addressText],
    });
  });
});

describe("a created token's holders", () => {
  test("are listed in pages, those who hold nothing any more left out", async () => {
    const path = "/v1/tokens/{id}/holders";
    const all = await read<TokenHoldersJson>(`/v1/tokens/${token}/holders`, path);
    const total = all.holders.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
    expect(total).toBe(900n);
    expect(all.next).toBeUndefined();
    const first = await read<TokenHoldersJson>(`/v1/tokens/${token}/holders?limit=1`, path);
    expect(first.holders).toEqual(all.holders.slice(0, 1));
    const rest = await read<TokenHoldersJson>(`/v1/tokens/${token}/holders?after=${first.next}`, path);
    expect(rest.holders).toEqual(all.holders.slice(1));
  });

  test("are not listed for the chain's own tokens, nor for one that is not there", async () => {
    expect((await chain.get("/v1/tokens/TTC/holders")).body).toMatchObject({ error: { code: "UNAVAILABLE" } });
    expect((await chain.get(`/v1/tokens/${"ab".repeat(32)}/holders`)).body).toMatchObject({
      error: { code: "NOT_FOUND" },
    });
  });
});

describe("references", () => {
  test("are open, then paid", async () => {
    const [alice, bob] = chain.accounts;
    const reference = makeReference(chain.height + 100, chain.random);
    const query = `payee=${bob.addressText}&token=TTC&amount=777000&reference=${toHex(reference)}`;
    expect(await read(`/v1/references?${query}`, "/v1/references")).toMatchObject({ state: "open" });
    const paid = await chain.commit([transfer(alice, { to: bob.address, amount: 777_000n, reference })]);
    expect(await read(`/v1/references?${query}`, "/v1/references")).toMatchObject({
      state: "paid",
      heightPaid: chain.height,
      transactionId: toHex(paid.id),
    });
  });

  test("are expired after their height", async () => {
    const reference = makeReference(chain.height, chain.random);
    const query = `payee=${chain.accounts[1].addressText}&token=TTC&amount=5&reference=${toHex(reference)}`;
    expect(await read(`/v1/references?${query}`, "/v1/references")).toMatchObject({ state: "expired" });
  });
});

describe("submitting", () => {
  test("a binary batch tells of each transaction", async () => {
    const [alice, bob] = chain.accounts;
    const good = chain.sign([transfer(alice, { to: bob.address, amount: 100_000n })]);
    const bad = chain.sign([transfer(bob, { to: alice.address, amount: 100_000n })]).bytes.slice();
    bad[bad.length - 1] ^= 1;
    const { status, body } = await chain.post(
      "/v1/transactions",
      encodeBatchFrame(1, [good.bytes, good.bytes, bad, good.bytes.slice(0, 9)], false),
    );
    expect(status).toBe(200);
    schemas.expectAnswer("post", "/v1/transactions", body);
    const { results } = body as SubmissionsJson;
    expect(results.map(({ code, state }) => [code, state])).toEqual([
      ["OK", "pending"],
      ["DUPLICATE", "pending"],
      ["BAD_SIGNATURE", "refused"],
      ["MALFORMED", "refused"],
    ]);
    await chain.produce();
    const again = await chain.post("/v1/transactions", { transactions: [toHex(good.bytes)] });
    expect((again.body as SubmissionsJson).results[0]).toMatchObject({
      id: toHex(good.id),
      code: "ALREADY_COMMITTED",
      state: "committed",
      height: chain.height,
    });
  });

  test("what is in a block already is told so, even after its valid-until height", async () => {
    const [alice, bob] = chain.accounts;
    const actions = [transfer(alice, { to: bob.address, amount: 100_000n })];
    const signed = await chain.commit(actions, { validUntil: chain.height + 2 });
    await chain.produceTo(chain.height + 3);
    const { body } = await chain.post("/v1/transactions", { transactions: [toHex(signed.bytes)] });
    expect((body as SubmissionsJson).results[0]).toMatchObject({ code: "ALREADY_COMMITTED", state: "committed" });
  });

  test("with wait=committed answers with the receipt", async () => {
    const [alice, bob] = chain.accounts;
    const signed = chain.sign([transfer(alice, { to: bob.address, amount: 250_000n })]);
    const answer = chain.post("/v1/transactions?wait=committed&timeoutMs=50000", {
      transactions: [toHex(signed.bytes)],
    });
    while (chain.mempool.count === 0 || chain.mempool.pending(signed.id) === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await chain.produce();
    const { body } = await answer;
    schemas.expectAnswer("post", "/v1/transactions", body);
    expect((body as SubmissionsJson).results[0]).toMatchObject({
      code: "OK",
      state: "committed",
      height: chain.height,
      receipt: { code: "OK" },
    });
  });

  test("with wait=committed gives up after the time it was given", async () => {
    const signed = chain.sign([transfer(chain.accounts[0], { to: chain.accounts[1].address, amount: 250_000n })]);
    const { body } = await chain.post("/v1/transactions?wait=committed&timeoutMs=20", {
      transactions: [toHex(signed.bytes)],
    });
    expect((body as SubmissionsJson).results[0]).toMatchObject({ code: "OK", state: "pending" });
  });
});

describe("what operators ask", () => {
  test("health, and readiness as the node says", async () => {
    expect((await chain.get("/healthz")).body).toEqual({ ok: true });
    expect((await chain.get("/readyz")).status).toBe(200);
    chain.isReady = false;
    expect(await chain.get("/readyz")).toMatchObject({ status: 503, body: { ready: false } });
    chain.isReady = true;
  });

  test("metrics in Prometheus' format", async () => {
    await chain.get("/v1/blocks/1");
    const response = await fetch(`${chain.url}/metrics`);
    expect(response.headers.get("content-type")).toContain("text/plain");
    const text = await response.text();
    expect(text).toContain(`ttchain_height ${chain.height}`);
    expect(text).toContain("another_part_of_the_node 7");
    expect(text).toMatch(/ttchain_transactions_total\{code="BALANCE_FROZEN"\} 1/);
    expect(text).toMatch(
      /ttchain_http_request_duration_seconds_count\{method="get",route="\/v1\/blocks\/\{block\}",status="200"\}/,
    );
  });
});
