// The topic of one contract: its events alone, in their order, also those of calls by other contracts, resumed without gap or repetition.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toHex, utf8Bytes } from "../../src/base/bytes.js";
import { callContract, registerContract } from "../../src/client/actions.js";
import { Connection } from "../../src/client/connection.js";
import type { SubscriptionMessage } from "../../src/client/subscription.js";
import { loadWebSocket } from "../../src/client/webSocket.js";
import { contractAddress, formatAddress } from "../../src/protocol/address.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { ApiChain } from "./apiChain.js";
import { SocketClient } from "./socketClient.js";

const COUNTER = `
abi.contract("Counter", "1.0.0")
abi.call("add", function(by) event.emit("added", by) event.emit("again", by) end, "by: integer")
abi.call("spoil", function() event.emit("spoiled") error("no") end)
`;
const CALLER = `
abi.contract("Caller", "1.0.0")
abi.call("pass", function(who, by) event.emit("passing") contract.call(who, "add", by) end, "who: address, by: integer")
`;
const TESTS = `test.case("registers", function() test.deploy() end)`;

let chain: ApiChain;

beforeEach(async () => {
  chain = await ApiChain.start();
});

afterEach(() => chain.stop());

async function deploy(source: string): Promise<Uint8Array> {
  const by = chain.accounts[0];
  const contract = { source: utf8Bytes(source), tests: utf8Bytes(TESTS), depositLimit: 1_000n * TTC_UNIT };
  const { id } = await chain.commit([registerContract(by, contract)]);
  return contractAddress(id, 0);
}

function add(contract: Uint8Array, by: bigint) {
  return callContract(chain.accounts[1], { contract, functionName: "add", args: [by] });
}

/** Commits calls of every kind; returns what a subscriber of the counter must hear, by height. */
async function commitCalls(counter: Uint8Array, caller: Uint8Array): Promise<Map<number, unknown[]>> {
  const told = new Map<number, unknown[]>();
  const events = (id: Uint8Array, by: number) =>
    ["added", "again"].map((name) => ({ id: toHex(id), name, args: [by] }));
  const two = await chain.commit([add(counter, 1n), add(counter, 2n)]);
  told.set(chain.height, [...events(two.id, 1), ...events(two.id, 2)]);
  await chain.produce();
  await chain.commit([callContract(chain.accounts[1], { contract: counter, functionName: "spoil" })]);
  const args = [counter, 7n];
  const nested = await chain.commit([
    callContract(chain.accounts[2], { contract: caller, functionName: "pass", args }),
  ]);
  told.set(chain.height, events(nested.id, 7));
  return told;
}

describe("the topic of a contract", () => {
  test("tells its events alone, failed calls none, and those of other contracts' calls too", async () => {
    const [counter, caller] = [await deploy(COUNTER), await deploy(CALLER)];
    const client = await SocketClient.open(chain.socketUrl);
    client.send({ type: "subscribe", request: 1, topic: "contract", address: formatAddress(counter) });
    await client.next("subscribed");
    const told = await commitCalls(counter, caller);
    await client.settled();
    expect(new Map(client.all("contractEvents").map(({ height, events }) => [height, events]))).toEqual(told);
    expect(client.all("contractEvents")).toHaveLength(told.size);
    await client.close();
  });

  test("resumes from any height with what a listener heard at the time", async () => {
    const [counter, caller] = [await deploy(COUNTER), await deploy(CALLER)];
    const first = chain.height + 1;
    const told = await commitCalls(counter, caller);
    const last = chain.height;
    await chain.history.flush();
    for (let from = first; from <= last; from++) {
      const client = await SocketClient.open(chain.socketUrl);
      client.send({ type: "subscribe", request: 1, topic: "contract", address: formatAddress(counter), from });
      await client.next("subscribed");
      const { id } = await chain.commit([add(counter, 9n)]);
      told.set(chain.height, [
        { id: toHex(id), name: "added", args: [9] },
        { id: toHex(id), name: "again", args: [9] },
      ]);
      await client.next("contractEvents", ({ height }) => height === chain.height);
      const heard = client.all("contractEvents").map(({ height, events }) => [height, events]);
      expect(heard).toEqual([...told].filter(([height]) => height >= from));
      await client.close();
    }
  });

  test("needs an address", async () => {
    const client = await SocketClient.open(chain.socketUrl);
    client.send({ type: "subscribe", request: 1, topic: "contract" });
    expect((await client.next("error")).error).toMatchObject({ code: "BAD_REQUEST" });
    await client.close();
  });

  test("reaches the SDK's subscription", async () => {
    const counter = await deploy(COUNTER);
    const connection = await Connection.open({ url: chain.url, webSocket: await loadWebSocket() });
    const subscription = connection.subscribe({ topic: "contract", address: formatAddress(counter), from: 1 });
    const { id } = await chain.commit([add(counter, 3n)]);
    const { value } = (await subscription.next()) as { value: SubscriptionMessage };
    expect(value).toMatchObject({
      type: "contractEvents",
      height: chain.height,
      events: [
        { id: toHex(id), name: "added", args: [3] },
        { id: toHex(id), name: "again", args: [3] },
      ],
    });
    connection.close();
  });
});
