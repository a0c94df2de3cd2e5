// What the API and the metrics say of contracts: which there are, and what calls of each came to, in all and over time.

import { afterAll, beforeAll, expect, test } from "vitest";
import { utf8Bytes } from "../../src/base/bytes.js";
import { callContract, registerContract } from "../../src/client/actions.js";
import { TTChainClient } from "../../src/client/client.js";
import { contractAddress, formatAddress } from "../../src/protocol/address.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { ApiChain, BLOCK_MS, GENESIS_TIME_MS } from "./apiChain.js";
import { SchemaChecker } from "./schemaChecker.js";

const JAR = `
abi.contract("Jar", "1.0.0")
abi.payable("give", function() return 1 end, "", "integer")
abi.call("take", function(amount) token.transfer(chain.sender(), amount) end, "amount: integer")
abi.call("spoil", function() error("no") end)
`;
const TESTS = `test.case("registers", function() test.deploy() end)`;
const MINUTE_MS = 60_000;
const STEP_MINUTES = 2;

let chain: ApiChain;
let client: TTChainClient;
let jar: string;

async function deploy(): Promise<string> {
  const contract = { source: utf8Bytes(JAR), tests: utf8Bytes(TESTS), depositLimit: 1_000n * TTC_UNIT };
  const { id } = await chain.commit([registerContract(chain.accounts[0], contract)]);
  return formatAddress(contractAddress(id, 0));
}

function call(functionName: string, more: object = {}) {
  return chain.commit([callContract(chain.accounts[1], { contract: jar, functionName, ...more })]);
}

beforeAll(async () => {
  chain = await ApiChain.start();
  client = new TTChainClient({ url: chain.url });
  jar = await deploy();
  await call("give", { payment: { token: "TTC", amount: 70n } });
  await call("spoil");
  await chain.produceTo(chain.height + Math.ceil((STEP_MINUTES * MINUTE_MS) / BLOCK_MS));
  await call("take", { args: [30n] });
});

afterAll(() => chain.stop());

test("calls, failures, gas and value are told in all and over time, durable or not", async () => {
  for (let round = 0; round < 2; round++) {
    const { total, series, stepMs, height } = await client.contractActivity(jar, {
      stepMinutes: STEP_MINUTES,
      points: 3,
    });
    expect(height).toBe(chain.height);
    expect(total).toMatchObject({ calls: 3, failures: 1, valueIn: { TTC: "70" }, valueOut: { TTC: "30", TTM: "0" } });
    expect(stepMs).toBe(STEP_MINUTES * MINUTE_MS);
    const last = GENESIS_TIME_MS + height * BLOCK_MS;
    expect(series.map(({ fromMs }) => fromMs)).toEqual([2, 1, 0].map((i) => last - (last % stepMs) - i * stepMs));
    expect(series.map(({ calls }) => calls)).toEqual([0, 2, 1]);
    expect(series.map(({ valueIn }) => valueIn.TTC)).toEqual(["0", "70", "0"]);
    expect(series.reduce((sum, { gasUsed }) => sum + gasUsed, 0)).toBe(total.gasUsed);
    const earlier = await client.contractActivity(jar, {
      stepMinutes: STEP_MINUTES,
      points: 1,
      untilMs: last - stepMs,
    });
    expect(earlier.series).toEqual([series[1]]);
    await chain.history.flush();
  }
});

test("answers have the documented form, and what is no contract has none", async () => {
  const schemas = await SchemaChecker.load(chain.url);
  for (const [path, name] of [
    [`/v1/contracts/${jar}/activity`, "ContractActivity"],
    ["/v1/contracts", "Contracts"],
  ]) {
    const { status, body } = await chain.get(path);
    expect(status).toBe(200);
    expect(schemas.problems({ $ref: `#/components/schemas/${name}` }, body, "$")).toEqual([]);
  }
  expect((await chain.get(`/v1/contracts/${chain.accounts[0].addressText}/activity`)).status).toBe(404);
  for (const query of ["points=0", "points=201", "stepMinutes=0", "untilMs=-1"]) {
    expect((await chain.get(`/v1/contracts/${jar}/activity?${query}`)).status).toBe(400);
  }
  expect((await chain.get("/v1/contracts?before=xyz")).status).toBe(400);
});

test("contracts are listed newest first, page by page", async () => {
  const second = await deploy();
  const first = await client.contracts({ limit: 1 });
  expect(first.contracts).toMatchObject([{ address: second, name: "Jar", version: "1.0.0", calls: 0 }]);
  const rest = await client.contracts({ limit: 1, before: first.next as string });
  expect(rest).toMatchObject({ contracts: [{ address: jar, status: "temporary", calls: 3, failures: 1 }] });
  expect(rest.next).toBeUndefined();
});

test("the metrics tell of single contracts until their labels are used up", async () => {
  const text = await (await fetch(`${chain.url}/metrics`)).text();
  expect(text).toContain(`ttchain_contract_address_calls_total{contract="${jar}",outcome="failed"} 1`);
  expect(text).toContain(
    `ttchain_contract_address_value_units_total{contract="${jar}",token="TTC",direction="out"} 30`,
  );
  for (let i = 0; i < 60; i++) {
    const contract = { source: utf8Bytes(JAR), tests: utf8Bytes(TESTS), depositLimit: 1_000n * TTC_UNIT };
    const [{ error }] = await chain.mempool.submit([
      chain.sign([registerContract(chain.accounts[2 + (i % 2)], contract)], { lane: i }).bytes,
    ]);
    expect(error).toBeUndefined();
  }
  while (chain.mempool.readyCount > 0) {
    await chain.produce();
  }
  const crowded = await (await fetch(`${chain.url}/metrics`)).text();
  const labels = new Set([...crowded.matchAll(/address_gas_total\{contract="(\w+)"\}/g)].map(([, label]) => label));
  expect(labels.size).toBe(51);
  expect(labels).toContain("other");
});
