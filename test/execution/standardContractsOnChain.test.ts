// Every standard contract on a chain, by the SDK over the product's own API: registered, called, asked.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { utf8Bytes } from "../../src/base/bytes.js";
import type { Account } from "../../src/client/account.js";
import { type Action, callContract, registerContract } from "../../src/client/actions.js";
import { TTChainClient } from "../../src/client/client.js";
import { Sender } from "../../src/client/sender.js";
import type { Outcome } from "../../src/client/sendTransaction.js";
import { contractAddress } from "../../src/protocol/address.js";
import type { LvmValue } from "../../src/protocol/lvmValue.js";
import { ed25519, sha256 } from "../../src/wasm/crypto.js";
import { ApiChain } from "../api/apiChain.js";

const CONTRACTS = join(import.meta.dirname, "../../contracts");
const FAR = 1_000_000;
const DIGEST = sha256(utf8Bytes("a document"));

let chain: ApiChain;
let client: TTChainClient;
let producing: ReturnType<typeof setInterval>;
const senders = new Map<Account, Sender>();

beforeAll(async () => {
  chain = await ApiChain.start();
  client = new TTChainClient({ url: chain.url });
  producing = setInterval(() => {
    if (chain.mempool.readyCount > 0) {
      chain.produce().catch(() => {});
    }
  }, 10);
});

afterAll(async () => {
  clearInterval(producing);
  await chain.stop();
});

async function send(account: Account, action: Action): Promise<{ id: Uint8Array; outcome: Outcome }> {
  const sender = senders.get(account) ?? new Sender(client, account);
  senders.set(account, sender);
  const { transaction, outcome } = await sender.send([action]);
  return { id: transaction.id, outcome };
}

/** A registered contract, as its users see it. */
class Deployed {
  constructor(readonly address: Uint8Array) {}

  async call(by: Account, functionName: string, args: LvmValue[] = [], amount = 0n): Promise<string> {
    const payment = amount > 0n ? { payment: { amount } } : {};
    const call = { contract: this.address, functionName, args, gasLimit: 2_000_000, ...payment };
    return (await send(by, callContract(by, call))).outcome.code;
  }

  view(functionName: string, args: LvmValue[] = []): Promise<LvmValue> {
    return client.viewContract(this.address, functionName, args);
  }
}

async function deploy(name: string, args: LvmValue[], by: Account): Promise<Deployed> {
  const read = (file: string) => new Uint8Array(readFileSync(join(CONTRACTS, name, file)));
  const contract = {
    source: read("contract.lua"),
    tests: read("tests.lua"),
    args,
    depositLimit: 10n ** 9n,
  };
  const { id, outcome } = await send(by, registerContract(by, contract));
  expect(outcome.code).toBe("OK");
  return new Deployed(contractAddress(id, 0));
}

/** What each contract is registered with, and a first use of it by its owner and another person. */
const STORIES: Record<string, (owner: Account, ann: Account) => Promise<void>> = {
  auction: async (owner, ann) => {
    const auction = await deploy("auction", [], owner);
    expect(await auction.call(owner, "open", [100n, 10n, BigInt(FAR)], 5n)).toBe("OK");
    expect(await auction.call(ann, "bid", [], 99n)).toBe("LVM_RUNTIME_ERROR");
    expect(await auction.call(ann, "bid", [], 100n)).toBe("OK");
    expect(((await auction.view("show")) as Map<string, LvmValue>).get("bid")).toBe(100n);
  },
  crowdfunding: async (owner, ann) => {
    const fund = await deploy("crowdfunding", [owner.address, 1000n, BigInt(FAR)], owner);
    expect(await fund.call(ann, "pledge", [], 400n)).toBe("OK");
    expect(await fund.view("pledgeOf", [ann.address])).toBe(400n);
  },
  escrow: async (owner, ann) => {
    const escrow = await deploy("escrow", [], owner);
    expect(await escrow.call(owner, "open", [ann.address, 7n, "TTC", BigInt(FAR)], 5n)).toBe("OK");
    expect(await escrow.call(ann, "offer", [1n], 7n)).toBe("OK");
    expect(await escrow.call(owner, "confirm", [1n])).toBe("OK");
    expect(await escrow.view("deal", [1n])).toBeNull();
  },
  mileage: async (owner) => {
    const mileage = await deploy("mileage", ["TTMI", "TTC", 500_000n, 10n], owner);
    expect(await mileage.call(owner, "fund", [], 1_000n)).toBe("OK");
    expect(await mileage.view("quote", [10n])).toBe(5n);
  },
  multisig: async (owner, ann) => {
    const wallet = await deploy("multisig", [[owner.address, ann.address], 2n], owner);
    expect(await wallet.call(owner, "deposit", [], 50n)).toBe("OK");
    expect(await wallet.call(owner, "proposePayment", [ann.address, 50n])).toBe("OK");
    expect(await wallet.call(ann, "approve", [1n])).toBe("OK");
    expect((await client.account(ann.address)).balances.TTC).toBeGreaterThan(0n);
  },
  nft: async (owner, ann) => {
    const pieces = await deploy("nft", ["Pictures", "PIC"], owner);
    expect(await pieces.call(owner, "mint", [owner.address, "ttc://1", DIGEST, 500n])).toBe("OK");
    expect(await pieces.call(owner, "offer", [1n, 1_000n])).toBe("OK");
    expect(await pieces.call(ann, "buy", [1n], 1_000n)).toBe("OK");
    expect(await pieces.view("countOf", [ann.address])).toBe(1n);
  },
  property: async (owner, ann) => {
    const listings = await deploy("property", [], owner);
    expect(await listings.call(owner, "setRegistrar", [owner.address, true])).toBe("OK");
    expect(await listings.call(owner, "register", ["A-1", ann.address])).toBe("OK");
    const listing = ["A 1", "sale", 5n, "TTC", "three rooms", DIGEST, BigInt(FAR)];
    expect(await listings.call(ann, "list", listing)).toBe("OK");
    expect(await listings.call(ann, "list", listing)).toBe("LVM_RUNTIME_ERROR");
  },
  provenance: async (owner, ann) => {
    const goods = await deploy("provenance", [], owner);
    expect(await goods.call(owner, "setRole", ["maker", owner.address, true])).toBe("OK");
    expect(await goods.call(owner, "register", ["SN-1", "a bag", DIGEST])).toBe("OK");
    expect(await goods.call(owner, "hand", ["SN-1", ann.address])).toBe("OK");
    expect(await goods.call(ann, "accept", ["SN-1", "mine", null])).toBe("OK");
    expect(await goods.view("history", ["SN-1", 1n])).toHaveLength(2);
  },
  revenueShare: async (owner, ann) => {
    const shares = await deploy(
      "revenueShare",
      [
        [owner.address, ann.address],
        [30n, 70n],
      ],
      owner,
    );
    expect(await shares.call(ann, "pay", [], 1_000n)).toBe("OK");
    expect(await shares.view("credit", [ann.address, "TTC"])).toBe(700n);
    expect(await shares.call(ann, "take", ["TTC"])).toBe("OK");
  },
  survey: async (owner, ann) => {
    const survey = await deploy("survey", [], owner);
    expect(await survey.call(owner, "create", ["Tea?", ["yes", "no"], BigInt(FAR)])).toBe("OK");
    const people = chain.accounts.slice(0, 3);
    const ring = people.map(({ publicKey }) => publicKey);
    expect(await survey.call(owner, "addGroup", [1n, ring])).toBe("OK");
    expect(await survey.call(owner, "open", [1n])).toBe("OK");
    const toSign = (await survey.view("toSign", [1n, 2n])) as Map<string, Uint8Array>;
    const [scope, message] = ["scope", "message"].map((field) => toSign.get(field) as Uint8Array);
    // Somebody else carries the answer, so that nobody sees who gave it.
    const answer = [1n, 1n, 2n, people[2].signRing({ scope, message, ring })];
    expect(await survey.call(ann, "answer", answer)).toBe("OK");
    expect(await survey.call(ann, "answer", [1n, 1n, 2n, people[2].signRing({ scope, message, ring })])).toBe(
      "LVM_RUNTIME_ERROR",
    );
    expect(await survey.view("results", [1n])).toEqual([0n, 1n]);
  },
  ticket: async (owner, ann) => {
    const far = BigInt(chain.blocks.latest?.block.header.timeMs ?? 0) + 10n ** 9n;
    const ticket = await deploy("ticket", ["Concert", 3n, 100n, 110n, far, far + 1_000n], owner);
    expect(await ticket.call(ann, "buy", [1n], 100n)).toBe("OK");
    expect(await ticket.call(owner, "setGate", [owner.address, true])).toBe("OK");
    const pass = (await ticket.view("pass", [1n])) as Uint8Array;
    const signature = ed25519.sign(pass, ann.exportSecretKey());
    expect(await ticket.call(owner, "admit", [1n, ann.publicKey, signature])).toBe("OK");
    expect(await ticket.call(owner, "admit", [1n, ann.publicKey, signature])).toBe("LVM_RUNTIME_ERROR");
  },
  token: async (owner, ann) => {
    const coin = await deploy("token", ["Village coin", "VIL", 2n, 1_000n], owner);
    expect(await coin.call(owner, "transfer", [ann.address, 400n])).toBe("OK");
    expect(await coin.view("balanceOf", [ann.address])).toBe(400n);
  },
  vehicle: async (owner, ann) => {
    const history = await deploy("vehicle", [], owner);
    expect(await history.call(owner, "setRole", ["office", owner.address, true])).toBe("OK");
    const vehicle = ["KMHXX00XXXX000001", ann.address, 12n, "new"];
    expect(await history.call(owner, "register", vehicle)).toBe("OK");
    expect(await history.call(owner, "register", vehicle)).toBe("LVM_RUNTIME_ERROR");
  },
  vesting: async (owner, ann) => {
    const threeYearsMs = 94_608_000_000n;
    const until = BigInt(chain.blocks.latest?.block.header.timeMs ?? 0) + threeYearsMs;
    const vesting = await deploy("vesting", [], owner);
    expect(await vesting.call(owner, "grant", [ann.address, 30n, until], 1_000n)).toBe("OK");
    expect(await vesting.view("free", [1n])).toBe(700n);
    expect(await vesting.call(ann, "release", [1n])).toBe("OK");
    expect(await vesting.call(ann, "release", [1n])).toBe("LVM_RUNTIME_ERROR");
  },
  voucher: async (owner, ann) => {
    const secret = sha256(utf8Bytes("a voucher"));
    const key = ed25519.getPublicKey(secret);
    const voucher = await deploy("voucher", [], owner);
    expect(await voucher.call(owner, "setShop", [ann.address, true])).toBe("OK");
    expect(await voucher.call(owner, "give", [key, 10n ** 15n], 1_000n)).toBe("OK");
    const message = (await voucher.view("message", [key, ann.address, 300n])) as Uint8Array;
    expect(await voucher.call(ann, "spend", [key, 300n, ed25519.sign(message, secret)])).toBe("OK");
    expect(((await voucher.view("show", [key])) as Map<string, LvmValue>).get("left")).toBe(700n);
  },
};

test("there is a story for every standard contract", () => {
  expect(Object.keys(STORIES).sort()).toEqual(readdirSync(CONTRACTS));
});

test.each(Object.keys(STORIES))("%s works on a chain", async (name) => {
  await STORIES[name](chain.accounts[0], chain.accounts[1]);
});
