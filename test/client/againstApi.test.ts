// The SDK against the product's own API, execution and state: what is sent arrives, what is read is right, and what a light
// client is told is proven or refused.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { Account } from "../../src/client/account.js";
import { burn, createToken, mint, payWithMileage, replaceKey, setFrozen, transfer } from "../../src/client/actions.js";
import { TTChainClient } from "../../src/client/client.js";
import { Connection } from "../../src/client/connection.js";
import { makeReference } from "../../src/client/references.js";
import { Sender } from "../../src/client/sender.js";
import { type TrustedDelegates, verifyStateProof, verifyTransactionProof } from "../../src/client/verifyProof.js";
import { waitForCommit } from "../../src/client/waitForCommit.js";
import { parseAddress } from "../../src/protocol/address.js";
import { accountKey } from "../../src/protocol/stateLeaves.js";
import { createdTokenId } from "../../src/protocol/tokens.js";
import { ApiChain } from "../api/apiChain.js";

let chain: ApiChain;
let client: TTChainClient;
let connections: Connection[];
let producing: ReturnType<typeof setInterval>;

beforeEach(async () => {
  chain = await ApiChain.start();
  client = new TTChainClient({ url: chain.url, genesisHash: chain.genesisHash });
  connections = [];
  let isBusy = false;
  producing = setInterval(async () => {
    if (!isBusy && chain.mempool.readyCount > 0) {
      isBusy = true;
      await chain.produce();
      isBusy = false;
    }
  }, 20);
});

afterEach(async () => {
  clearInterval(producing);
  for (const connection of connections) {
    connection.close();
  }
  await chain.stop();
});

async function connect(): Promise<Connection> {
  const connection = await Connection.open({ url: chain.url });
  connections.push(connection);
  return connection;
}

describe("a payment", () => {
  test("is sent, committed and found again everywhere", async () => {
    const [alice, bob] = chain.accounts;
    const before = (await client.account(bob.address)).balances.TTC;
    const reference = makeReference(1_000);
    const payment = { to: bob.address, amount: 5_000_000_000n, reference };
    const { transaction, outcome } = await new Sender(client, alice).send([transfer(alice, payment)]);
    expect(outcome).toMatchObject({ state: "committed", code: "OK" });
    const id = toHex(transaction.id);
    expect(await client.transaction(transaction.id)).toMatchObject({
      state: "committed",
      receipt: { fee: 25_000_000n },
    });
    expect((await client.account(bob.addressText)).balances.TTC).toBe(before + payment.amount);
    expect(await client.reference({ payee: bob.address, token: "TTC", ...payment })).toMatchObject({
      state: "paid",
      transactionId: id,
    });
    const [entry] = (await client.historyPage(bob.address)).entries;
    expect(entry).toMatchObject({ id, direction: "in", amount: payment.amount, counterparty: alice.addressText });
    const block = await client.block("latest");
    expect(block.transactions).toMatchObject([{ id, code: "OK", fee: 25_000_000n }]);
    expect((await client.rawBlock(block.height)).transactions[0]).toEqual(transaction.bytes);
    expect(await client.blocks({ limit: 1 })).toMatchObject([{ height: block.height, transactionCount: 1 }]);
  });

  test("takes its own number beside twenty others that are under way", async () => {
    const [alice, bob] = chain.accounts;
    const sender = new Sender(client, alice);
    const sends = Array.from({ length: 20 }, (_, i) =>
      sender.send([transfer(alice, { to: bob.address, amount: BigInt(i + 1) })]),
    );
    const results = await Promise.all(sends);
    expect(results.map(({ outcome }) => outcome.state)).toEqual(Array(20).fill("committed"));
    expect(results.map(({ transaction }) => transaction.body.sequence).sort((a, b) => a - b)).toEqual([
      ...Array(20).keys(),
    ]);
    expect(await client.lane(alice.address, 0)).toEqual({ lane: 0, sequenceNext: 20, sequencePending: 20 });
  });

  test("finds its number again when another program has used the lane", async () => {
    const [alice, bob] = chain.accounts;
    const sender = new Sender(client, alice);
    const action = transfer(alice, { to: bob.address, amount: 1n });
    await sender.send([action]);
    await chain.commit([transfer(alice, { to: bob.address, amount: 2n })]);
    const { transaction, outcome } = await sender.send([action]);
    expect(outcome.state).toBe("committed");
    expect(transaction.body.sequence).toBe(2);
  });

  test("that can't be paid is refused and gives its number back", async () => {
    const [alice, bob] = chain.accounts;
    const sender = new Sender(client, alice);
    const { balances } = await client.account(alice.address);
    const { outcome } = await sender.send([transfer(alice, { to: bob.address, amount: balances.TTC })]);
    expect(outcome).toMatchObject({ state: "refused", code: "INSUFFICIENT_BALANCE" });
    expect((await sender.send([transfer(alice, { to: bob.address, amount: 1n })])).transaction.body.sequence).toBe(0);
  });

  test("of a reference that was paid fails in its block", async () => {
    const [alice, bob] = chain.accounts;
    const sender = new Sender(client, alice);
    const action = transfer(alice, { to: bob.address, amount: 7n, reference: makeReference(1_000) });
    expect((await sender.send([action])).outcome.state).toBe("committed");
    const { transaction, outcome } = await sender.send([action]);
    expect(outcome).toMatchObject({ state: "failed", code: "REFERENCE_PAID" });
    expect(await waitForCommit(client, transaction.id)).toMatchObject({
      state: "failed",
      receipt: { code: "REFERENCE_PAID" },
    });
  });

  test("costs what the quote said", async () => {
    const [alice, bob] = chain.accounts;
    const sender = new Sender(client, alice);
    const action = transfer(alice, { to: bob.address, amount: 123_456_789_012n });
    const quote = await sender.quote([action]);
    const { outcome } = await sender.send([action]);
    expect(outcome.receipt).toMatchObject({ fee: quote.fee, feeToken: quote.feeToken });
  });
});

describe("several signers", () => {
  test("pay and give mileage in one transaction", async () => {
    const [payer, store] = chain.accounts;
    await chain.commit([mint(chain.issuer, { token: "TTM", to: payer.address, amount: 50_000n })]);
    await chain.commit([mint(chain.issuer, { token: "TTMI", to: store.address, amount: 1_000n })]);
    const actions = payWithMileage(payer, store, { amount: 20_000n, token: "TTM", mileage: 200n });
    const { outcome } = await new Sender(client, payer).send(actions, { cosigners: [store] });
    expect(outcome.state).toBe("committed");
    expect((await client.account(payer.address)).balances).toMatchObject({ TTMI: 200n });
    expect((await client.account(store.address)).balances).toMatchObject({ TTM: 20_000n, TTMI: 800n });
  });

  test("let a sponsor pay the fee for somebody who holds nothing but the token that moves", async () => {
    const [sponsor, alice, bob] = chain.accounts;
    const poor = Account.random();
    for (const { address } of [sponsor, alice]) {
      await chain.commit([mint(chain.issuer, { token: "TTM", to: address, amount: 5_000n })]);
    }
    await chain.commit([transfer(alice, { to: poor.address, token: "TTM", amount: 4_000n })]);
    const action = transfer(poor, { to: bob.address, token: "TTM", amount: 4_000n });
    const { outcome } = await new Sender(client, poor).send([action], { sponsor, cosigners: [sponsor] });
    expect(outcome).toMatchObject({ state: "committed", receipt: { fee: 20n, feeToken: "TTM" } });
    expect((await client.account(poor.address)).balances).toEqual({ TTC: 0n, TTM: 0n, TTMI: 0n });
    expect((await client.account(sponsor.address)).balances.TTM).toBe(4_980n);
  });

  test("replace a key: the old one is refused, the new one pays", async () => {
    const [alice, bob] = chain.accounts;
    const successor = Account.random();
    await new Sender(client, alice).send([replaceKey(alice, successor)], { cosigners: [successor] });
    const old = await new Sender(client, alice).send([transfer(alice, { to: bob.address, amount: 1n })]);
    expect(old.outcome).toMatchObject({ state: "refused", code: "WRONG_KEY" });
    const renewed = alice.withKeyOf(successor);
    const { outcome } = await new Sender(client, renewed).send([transfer(renewed, { to: bob.address, amount: 1n })]);
    expect(outcome.state).toBe("committed");
    expect((await client.account(alice.address)).publicKey).toBe(toHex(successor.publicKey));
  });
});

describe("a token", () => {
  test("is created under the id that its creator knows beforehand, minted, frozen and burned", async () => {
    const [alice, bob] = chain.accounts;
    const sender = new Sender(client, alice);
    const face = {
      symbol: "COFFEE",
      name: "Coffee card",
      decimals: 2,
      mintable: true,
      burnable: true,
      freezable: true,
    };
    const { transaction } = await sender.send([createToken(alice, { ...face, supply: 1_000n })]);
    const token = createdTokenId(transaction.id, 0);
    await sender.send([mint(alice, { token, to: bob.address, amount: 500n })]);
    await sender.send([setFrozen(alice, { token, target: bob.address, frozen: true })]);
    await sender.send([burn(alice, { token, amount: 300n })]);
    expect(await client.token(token)).toMatchObject({ ...face, token, supply: 1_200n, issuers: [alice.addressText] });
    expect((await client.account(bob.address)).tokens).toEqual([{ token, amount: 500n, frozen: true }]);
    const { holders } = await client.tokenHolders(token);
    expect(holders).toContainEqual({ address: bob.addressText, amount: 500n, frozen: true });
    expect(holders.reduce((sum, { amount }) => sum + amount, 0n)).toBe(1_200n);
    const listed = (await client.tokens()).tokens.map(({ symbol }) => symbol);
    expect(listed).toEqual(["TTC", "TTM", "TTMI", "COFFEE"]);
  });
});

describe("a light client", () => {
  async function trusted(): Promise<TrustedDelegates> {
    const { delegates } = await client.delegates();
    return { genesisHash: chain.genesisHash, delegates };
  }

  test("proves what an account holds, and that another doesn't exist", async () => {
    const [alice, bob] = chain.accounts;
    await chain.commit([transfer(alice, { to: bob.address, amount: 77n })]);
    const leaf = await client.provenAccount(bob.address, await trusted());
    expect(leaf?.balances[0]).toBe((await client.account(bob.address)).balances.TTC);
    expect(await client.provenAccount(Account.random().address, await trusted())).toBeUndefined();
  });

  test("refuses another value, another key, another chain and other delegates", async () => {
    const [alice, bob] = chain.accounts;
    await chain.commit([transfer(alice, { to: bob.address, amount: 77n })]);
    const trust = await trusted();
    const key = accountKey(bob.address);
    const proof = await client.proof(key);
    expect(verifyStateProof(proof, key, trust)).toEqual(proof.value);
    const changed = proof.value!.slice();
    changed[3] ^= 1;
    expect(() => verifyStateProof({ ...proof, value: changed }, key, trust)).toThrow("another value");
    expect(() => verifyStateProof({ ...proof, value: undefined }, key, trust)).toThrow("another value");
    expect(() => verifyStateProof(proof, accountKey(alice.address), trust)).toThrow("another key");
    expect(() =>
      verifyStateProof({ ...proof, key: accountKey(alice.address) }, accountKey(alice.address), trust),
    ).toThrow("does not lead");
    expect(() => verifyStateProof({ ...proof, height: proof.height - 1 }, key, trust)).toThrow("height");
    expect(() => verifyStateProof(proof, key, { ...trust, genesisHash: new Uint8Array(32) })).toThrow("does not match");
    const others = trust.delegates.map(({ power }) => ({ publicKey: Account.random().publicKey, power }));
    expect(() => verifyStateProof(proof, key, { ...trust, delegates: others })).toThrow("does not match");
  });

  test("proves a transaction and its receipt, and refuses a forged receipt", async () => {
    const [alice, bob] = chain.accounts;
    const others = chain.accounts.slice(1).map((by) => chain.sign([transfer(by, { to: alice.address, amount: 1n })]));
    const signed = chain.sign([transfer(alice, { to: bob.address, amount: 77n })]);
    await client.submit([...others, signed].map(({ bytes }) => bytes));
    await waitForCommit(client, signed.id);
    const proof = await client.transactionProof(signed.id);
    const trust = await trusted();
    const { transaction, receipt } = verifyTransactionProof(proof, signed.id, trust);
    expect(transaction.bytes).toEqual(signed.bytes);
    expect(receipt).toMatchObject({ code: 0, fee: 10_000_000n });
    const forged = proof.receipt.slice();
    forged[3] ^= 1;
    expect(() => verifyTransactionProof({ ...proof, receipt: forged }, signed.id, trust)).toThrow("receipt is not in");
    expect(() => verifyTransactionProof({ ...proof, index: proof.index === 0 ? 1 : 0 }, signed.id, trust)).toThrow(
      "not in the block",
    );
    expect(() => verifyTransactionProof(proof, others[0].id, trust)).toThrow("another transaction");
  });
});

describe("a connection", () => {
  test("tells admission and end of each transaction of a batch", async () => {
    const [alice, bob] = chain.accounts;
    const good = chain.sign([transfer(alice, { to: bob.address, amount: 5n })]);
    const bad = new Uint8Array(50);
    const { results, finals } = (await connect()).submit([good.bytes, bad]);
    expect(await results).toMatchObject([undefined, { index: 1, code: "UNKNOWN_VERSION" }]);
    expect(await Promise.all(finals)).toMatchObject([{ state: "committed", code: "OK" }, { state: "refused" }]);
  });

  test("tells the end of a duplicate too", async () => {
    const [alice, bob] = chain.accounts;
    clearInterval(producing);
    const { bytes } = chain.sign([transfer(alice, { to: bob.address, amount: 5n })]);
    const connection = await connect();
    const first = connection.submit([bytes]);
    await first.results;
    const second = connection.submit([bytes]);
    expect(await second.results).toMatchObject([{ code: "DUPLICATE" }]);
    await chain.produce();
    expect(await Promise.all([first.finals[0], second.finals[0]])).toMatchObject([
      { state: "committed" },
      { state: "committed" },
    ]);
  });

  test("gives every block once although the node goes away and comes back", async () => {
    const connection = await connect();
    const heights: number[] = [];
    connection.subscribe({ topic: "blocks", from: 1 }, ({ height }) => heights.push(height));
    await chain.produceTo(3);
    await expect.poll(() => heights.length).toBe(3);
    const { port } = chain.server;
    await chain.stop();
    await chain.produceTo(6);
    // The old sockets take a moment to leave the port.
    await expect.poll(() => chain.serve(port).then(() => "serving", String)).toBe("serving");
    await expect.poll(() => heights.length, { timeout: 10_000 }).toBe(6);
    await chain.produceTo(8);
    await expect.poll(() => heights, { timeout: 10_000 }).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("tells a merchant its payments only", async () => {
    const [alice, bob, merchant] = chain.accounts;
    const connection = await connect();
    const payments = connection.subscribe({ topic: "payments", address: merchant.addressText });
    await expect.poll(() => payments.heightNext).toBeDefined();
    await chain.commit([transfer(alice, { to: bob.address, amount: 1n })]);
    const paid = await chain.commit([transfer(alice, { to: merchant.address, amount: 2n })]);
    const { value } = await payments.next();
    expect(value).toMatchObject({
      type: "transactions",
      transactions: [{ id: toHex(paid.id), sender: alice.addressText }],
    });
    expect(parseAddress(value.transactions[0].operations[0].to)).toEqual(merchant.address);
  });
});
