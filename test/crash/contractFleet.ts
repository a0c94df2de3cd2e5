// Contract transactions for the kill loop: several lanes register contracts (good ones, and ones that fail their tests), call them, have
// them make others, ask the delegates for data and the chain for seeds. It remembers each outcome that it was told of; the audit asks the
// node for all of them again.

import { utf8Bytes } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { Account } from "../../src/client/account.js";
import { type Action, callContract, registerContract } from "../../src/client/actions.js";
import { TTChainClient } from "../../src/client/client.js";
import { NodeUnreachableError } from "../../src/client/requestJson.js";
import { Sender } from "../../src/client/sender.js";
import type { Outcome } from "../../src/client/sendTransaction.js";
import { waitForCommit } from "../../src/client/waitForCommit.js";
import { contractAddress, deployedAddress, formatAddress } from "../../src/protocol/address.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { sha256 } from "../../src/wasm/sha256.js";

const SOURCE = utf8Bytes(`
abi.contract("Crash counter", "1.0.0")
local total = state.value("total")
local notes = state.map("notes")
abi.constructor(function(start) total:set(start or 0) end, "start: integer?")
abi.call("add", function(n) total:set(total:get() + n) notes[n] = total:get() event.emit("added", n) end, "n: integer")
abi.call("work", function(n) local x = n for i = 1, 60000 do x = x * 3 + i end notes[n] = x end, "n: integer")
abi.call("refuse", function(n) total:set(total:get() + n) error("not this one") end, "n: integer")
abi.call("make", function(salt) return contract.deploy(chain.contract(), salt, #salt) end, "salt: string", "address")
abi.call("ask", function(key) oracle.request("price", key, "told", 20000) end, "key: string")
abi.call("told", function(key, value) notes[key] = value end, "key: string, value: integer?")
abi.call("draw", function() return chain.askSeed() end, "", "integer")
abi.view("total", function() return total:get() end, "", "integer")
abi.view("seed", function(height) return chain.seed(height) end, "height: integer", "string")
`);
const PASSING = utf8Bytes(
  `test.case("adds", function() test.deploy(2) test.call("add", 3) assert(test.view("total") == 5) end)`,
);
const FAILING = utf8Bytes(`test.case("is wrong", function() test.deploy(2) assert(test.view("total") == 3) end)`);
const LANES = 4;
const GIFT = 1_000_000n * TTC_UNIT;
const DEPOSIT_MAX = 200n * TTC_UNIT;
const ASK_AGAIN_MS = 100;
/** "work" takes so much gas that a worker runs it where there is one. */
const ORDERS = ["add", "add", "work", "work", "refuse", "make", "ask", "draw", "register", "fail"] as const;

/** With four delegates. */
const SEED_HEIGHTS = 2n;

type Order = (typeof ORDERS)[number];

interface Told {
  id: string;
  order: Order;
  outcome: Outcome;
}

async function whileAway<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NodeUnreachableError)) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }
}

function expectSame(what: string, expected: unknown, found: unknown): void {
  if (expected !== found) {
    throw new Error(`${what}: expected ${expected}, found ${found}`);
  }
}

export class ContractFleet {
  /** How many outcomes were told of, by order. */
  readonly counts: Partial<Record<Order, number>> = {};
  private readonly random: SeededRandom;
  private readonly account: Account;
  private contract: Uint8Array = new Uint8Array(0);
  /** What the contract's sum must be. */
  private total = 0n;
  private serial = 0;
  private told: Told[] = [];
  /** Contracts that must be there with their first sum, by address. */
  private readonly made = new Map<string, bigint>();
  private readonly absent: string[] = [];
  private readonly asked = new Set<string>();
  private readonly draws: bigint[] = [];

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.account = Account.fromSecretKey(this.random.bytes(32));
  }

  /** Takes coins and registers the contract; nothing is killed meanwhile. */
  async begin(url: string): Promise<void> {
    const client = new TTChainClient({ url });
    const gift = await waitForCommit(client, await client.faucet(this.account.address, { token: "TTC", amount: GIFT }));
    expectSame("the gift", "committed", gift.state);
    const { transaction, outcome } = await new Sender(client, this.account).send([this.registration(PASSING, 0n)]);
    expectSame("the first contract", "OK", outcome.code);
    this.contract = contractAddress(transaction.id, 0);
  }

  private registration(tests: Uint8Array, start: bigint): Action {
    return registerContract(this.account, { source: SOURCE, tests, args: [start], depositLimit: DEPOSIT_MAX });
  }

  private call(functionName: string, argument?: bigint | string): Action {
    return callContract(this.account, {
      contract: this.contract,
      functionName,
      args: argument === undefined ? [] : [typeof argument === "string" ? utf8Bytes(argument) : argument],
      gasLimit: 500_000,
      depositLimit: DEPOSIT_MAX,
    });
  }

  /** Sends in all lanes until `isOver`, and until the last outcome is known. */
  async run(url: string, isOver: () => boolean): Promise<void> {
    const client = new TTChainClient({ url });
    const sender = new Sender(client, this.account);
    const lanes = Array.from({ length: LANES }, async (_, lane) => {
      while (!isOver()) {
        await this.carryOut(sender, lane + 1, ORDERS[this.random.below(ORDERS.length)]);
      }
    });
    await Promise.all(lanes);
  }

  private async carryOut(sender: Sender, lane: number, order: Order): Promise<void> {
    const number = BigInt(++this.serial);
    const salt = `${number}`;
    const action = {
      add: () => this.call("add", number),
      work: () => this.call("work", number),
      refuse: () => this.call("refuse", number),
      make: () => this.call("make", salt),
      ask: () => this.call("ask", salt),
      draw: () => this.call("draw"),
      register: () => this.registration(PASSING, number),
      fail: () => this.registration(FAILING, number),
    }[order]();
    const { transaction, outcome } = await whileAway(() => sender.send([action], { lane }));
    const code = { refuse: "LVM_RUNTIME_ERROR", fail: "LVM_TEST_FAILED" }[order as string] ?? "OK";
    expectSame(`${order} ${number}`, code, outcome.code);
    this.counts[order] = (this.counts[order] ?? 0) + 1;
    this.told.push({ id: Buffer.from(transaction.id).toString("hex"), order, outcome });
    const registered = formatAddress(contractAddress(transaction.id, 0));
    if (order === "add") {
      this.total += number;
    } else if (order === "make") {
      const address = deployedAddress(this.contract, sha256(SOURCE), utf8Bytes(salt));
      this.made.set(formatAddress(address), BigInt(salt.length));
    } else if (order === "register") {
      this.made.set(registered, number);
    } else if (order === "fail") {
      this.absent.push(registered);
    } else if (order === "ask") {
      this.asked.add(salt);
    } else if (order === "draw") {
      this.draws.push(BigInt(outcome.height as number));
    }
  }

  /** Throws where the node lacks anything that it told of. Nothing is killed meanwhile. */
  async audit(url: string): Promise<void> {
    const client = new TTChainClient({ url });
    for (const { id, order, outcome } of this.told) {
      const now = await client.transaction(id);
      expectSame(`the state of ${order} ${id}`, outcome.state, now.state);
      expectSame(`the height of ${order} ${id}`, outcome.height, "height" in now ? now.height : undefined);
    }
    this.told = [];
    const sum = await client.viewContract(formatAddress(this.contract), "total", []);
    expectSame("the contract's sum", this.total, sum);
    for (const [address, start] of this.made) {
      expectSame(`the sum of ${address}`, start, await client.viewContract(address, "total", []));
    }
    this.made.clear();
    await this.auditDraws(client);
    for (const address of this.absent.splice(0)) {
      const code = await client.contract(address).then(
        () => "there",
        (error: { code?: string }) => error.code,
      );
      expectSame(`the contract ${address} that failed its tests`, "NOT_FOUND", code);
    }
    await this.auditRequests(client);
  }

  /** Every seed that was asked for is there as soon as its height has passed. */
  private async auditDraws(client: TTChainClient): Promise<void> {
    for (const asked of this.draws.splice(0)) {
      const height = asked + SEED_HEIGHTS;
      while (BigInt((await client.status()).height) <= height) {
        await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      }
      const seed = await client.viewContract(formatAddress(this.contract), "seed", [height]);
      expectSame(`the bytes of the seed of height ${height}`, 32, seed instanceof Uint8Array ? seed.length : undefined);
    }
  }

  private async auditRequests(client: TTChainClient): Promise<void> {
    const open = new Set<string>();
    for (let before: string | undefined, first = true; first || before !== undefined; first = false) {
      const page = await client.oracleRequests(before === undefined ? {} : { before });
      for (const { key } of page.requests) {
        open.add(key);
      }
      before = page.next;
    }
    for (const key of this.asked) {
      expectSame(`request ${key}`, true, open.has(key));
    }
  }
}
