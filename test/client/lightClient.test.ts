// A light client follows elections from the set that it knows, over a node that may lie, and proves leaves and transactions at any height on
// the way. The routes of delegates and votes answer from the same chain.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { equalBytes, toHex } from "../../src/base/bytes.js";
import { Account } from "../../src/client/account.js";
import { type Action, transfer } from "../../src/client/actions.js";
import { TTChainClient } from "../../src/client/client.js";
import {
  claimRewards,
  propose,
  registerCandidate,
  registerMaster,
  unlock,
  vote,
  voteProposal,
} from "../../src/client/delegateActions.js";
import { LightClient, type LightClientTrust } from "../../src/client/lightClient.js";
import type { DelegateChange } from "../../src/client/verifyProof.js";
import { delegateKeyOfSeed } from "../../src/consensus/delegateKey.js";
import { delegateSetHash } from "../../src/protocol/delegates.js";
import { accountKey, decodeAccountLeaf } from "../../src/protocol/stateLeaves.js";
import { readDelegates } from "../../src/state/views.js";
import { ApiChain } from "../api/apiChain.js";
import { SchemaChecker } from "../api/schemaChecker.js";

const TTC = 100_000_000n;
const ROUND = 6;
const NOW_MS = 1_800_000_000_000;

let chain: ApiChain;
let client: TTChainClient;
let candidates: Account[];

beforeEach(async () => {
  chain = await ApiChain.start({
    parameters: { roundBlocks: ROUND, rdpos: { delegatesMin: 1, delegatesMax: 2, depositCandidateTtcUnits: "100" } },
  });
  client = new TTChainClient({ url: chain.url });
  candidates = Array.from({ length: 3 }, () => {
    const seed = chain.random.bytes(32);
    chain.keys.push(delegateKeyOfSeed(seed));
    return Account.fromSecretKey(seed);
  });
  const [alice] = chain.accounts;
  await commit(candidates.map((one) => transfer(alice, { to: one.address, amount: 1_000n * TTC })));
  for (const [i, one] of candidates.entries()) {
    await commit([registerCandidate(one, one, { payBasisPoints: 1_000 * i, name: `candidate ${i}`, site: "" })]);
  }
});

afterEach(() => chain.stop());

/** Sends one transaction and makes its block. */
async function commit(actions: Action[]): Promise<void> {
  const signed = chain.sign(actions, {}, candidates);
  const [result] = await chain.mempool.submit([signed.bytes]);
  expect(result.error).toBeUndefined();
  await chain.produce();
  expect(await client.transaction(toHex(signed.id))).toMatchObject({ state: "committed" });
}

function trustInGenesis(): LightClientTrust {
  const delegates = chain.application.delegates;
  return { genesisHash: chain.genesisHash, delegates, height: 1, timeMs: NOW_MS };
}

/** Two elections with different winners. */
async function electTwice(): Promise<void> {
  const [alice, bob] = chain.accounts;
  await commit([vote(alice, { amount: 10n * TTC, candidates: [candidates[0].address, candidates[1].address] })]);
  await chain.produceTo(2 * ROUND + 1);
  await commit([vote(bob, { amount: 50n * TTC, candidates: [candidates[2].address] })]);
  await chain.produceTo(5 * ROUND);
}

describe("a light client", () => {
  test("follows every set and proves leaves and transactions of any era", async () => {
    const trust = trustInGenesis();
    const light = new LightClient(client, trust, { nowMs: () => NOW_MS });
    await electTwice();
    expect(await light.follow()).toBe(chain.height);
    expect(light.latest.delegates).toEqual(readDelegates(chain.state));
    expect(light.latest.delegates).not.toEqual(trust.delegates);
    const [alice] = chain.accounts;
    for (const height of [2, ROUND + 1, 2 * ROUND + 3, chain.height]) {
      const { value } = await light.provenLeaf(accountKey(alice.address), height);
      expect(decodeAccountLeaf(value!)).toEqual(
        decodeAccountLeaf(chain.state.getAt(height, accountKey(alice.address))!),
      );
    }
    expect(await light.provenAccount(chain.random.bytes(32))).toBeUndefined();
    const payment = chain.sign([transfer(alice, { to: candidates[0].address, amount: 5n })]);
    await chain.mempool.submit([payment.bytes]);
    await chain.produce();
    expect((await light.provenTransaction(payment.id)).receipt.code).toBe(0);
  });

  test("begins from a set's hash, and refuses a node that names another set", async () => {
    await electTwice();
    const hash = delegateSetHash(readDelegates(chain.state));
    const light = await LightClient.fromSetHash(client, chain.genesisHash, hash, { nowMs: () => NOW_MS });
    await chain.produceTo(6 * ROUND);
    expect(await light.follow()).toBe(6 * ROUND);
    await expect(LightClient.fromSetHash(client, chain.genesisHash, new Uint8Array(32))).rejects.toMatchObject({
      code: "BAD_PROOF",
    });
  });

  test("begins from a set's hash at the very block that hands over to it, and from that of an earlier set", async () => {
    const [alice] = chain.accounts;
    const first = readDelegates(chain.state);
    await commit([vote(alice, { amount: 10n * TTC, candidates: [candidates[0].address, candidates[1].address] })]);
    while (equalBytes(delegateSetHash(readDelegates(chain.state)), delegateSetHash(first))) {
      await chain.produce();
    }
    const handedOver = chain.height;
    const next = delegateSetHash(readDelegates(chain.state));
    const light = await LightClient.fromSetHash(client, chain.genesisHash, next, { nowMs: () => NOW_MS });
    // Nothing that the set signs is there yet, so that nothing can be proved by it.
    await expect(light.follow()).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(light.provenAccount(alice.address)).rejects.toMatchObject({ code: "BAD_PROOF" });
    await chain.produceTo(handedOver + 2);
    expect(await light.follow()).toBe(handedOver + 2);
    expect((await light.provenAccount(alice.address))?.balances).toBeDefined();
    const earlier = { nowMs: () => NOW_MS, height: handedOver, timeMs: NOW_MS - 86_400_000 };
    const old = await LightClient.fromSetHash(client, chain.genesisHash, delegateSetHash(first), earlier);
    expect(await old.follow()).toBe(handedOver + 2);
    expect(delegateSetHash(old.latest.delegates)).toEqual(next);
    const stale = { ...earlier, timeMs: NOW_MS - 8 * 86_400_000 };
    const expired = await LightClient.fromSetHash(client, chain.genesisHash, delegateSetHash(first), stale);
    await expect(expired.follow()).rejects.toMatchObject({ code: "TRUST_EXPIRED" });
  });

  test("refuses a set that is too old, and changes that the set before did not sign", async () => {
    const trust = trustInGenesis();
    await electTwice();
    const old = new LightClient(client, trust, { nowMs: () => NOW_MS + 8 * 86_400_000 });
    await expect(old.follow()).rejects.toMatchObject({ code: "TRUST_EXPIRED" });
    const lies: ((change: DelegateChange, later: DelegateChange) => DelegateChange)[] = [
      (change) => ({ ...change, height: change.height + 1 }),
      (change, later) => ({ ...change, resultProof: later.resultProof, height: later.height }),
      (change, later) => ({ ...change, writeSet: later.writeSet }),
      (change) => ({ ...change, writeSet: new Uint8Array(4) }),
      (change) => {
        const { certificate, ...proof } = change.resultProof;
        const signatures = certificate.signatures.slice(0, 1);
        return {
          ...change,
          resultProof: { ...proof, certificate: { ...certificate, signatures } as typeof certificate },
        };
      },
    ];
    for (const lie of lies) {
      const honest = new TTChainClient({ url: chain.url });
      const first = await honest.delegateChange(1);
      const later = await honest.delegateChange(first.height + 1);
      const liar = { delegateChange: async () => lie(first, later) } as unknown as TTChainClient;
      const light = new LightClient(liar, trust, { nowMs: () => NOW_MS });
      await expect(light.follow()).rejects.toMatchObject({ code: expect.stringMatching(/BAD_PROOF|BAD_CERTIFICATE/) });
      expect(light.latest.height).toBe(1);
    }
  });
});

describe("the delegates of an earlier block", () => {
  test("are told for every set that was, as far back as the block that named it is kept", async () => {
    const genesis = chain.application.delegates;
    await electTwice();
    const heights = [1, ROUND, ROUND + 1, 2 * ROUND + 3, 3 * ROUND + 1, chain.height];
    const hashes = new Set<string>();
    for (const height of heights) {
      const { delegateSetHash: hash, delegates } = await client.delegatesOf(height);
      expect(hash).toBe((await client.block(height)).result.delegateSetHash);
      expect(delegates.length).toBeGreaterThan(0);
      hashes.add(hash);
    }
    expect(hashes.size).toBe(3);
    expect((await client.delegatesOf(1)).delegates).toEqual(genesis);
    const middle = 2 * ROUND + 3;
    const { delegateSetHash: hash } = await client.delegatesOf(middle);
    let named = middle;
    while ((await client.block(named - 1)).result.delegateSetHash === hash) {
      named--;
    }
    chain.blocks.prune(named - 1);
    expect((await client.delegatesOf(middle)).delegateSetHash).toBe(hash);
    chain.blocks.prune(named);
    await expect(client.delegatesOf(middle)).rejects.toMatchObject({ code: "HEIGHT_NOT_KEPT" });
    await expect(client.delegatesOf(1)).rejects.toMatchObject({ code: "HEIGHT_NOT_KEPT" });
    expect((await client.delegatesOf(chain.height)).delegates).toEqual(readDelegates(chain.state));
    await expect(client.delegatesOf(chain.height + 1)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("the routes of delegates and votes", () => {
  test("show candidates, votes, master nodes and proposals as the API describes them", async () => {
    const [alice, bob] = chain.accounts;
    await electTwice();
    await commit([registerMaster(bob, { name: "Cafe", site: "" })]);
    await commit([unlock(alice, 4n * TTC)]);
    const heightActive = chain.height + 1_000_000;
    const content = { kind: "parameter" as const, name: "voteMinTtcUnits", value: 7n };
    await commit([propose(candidates[2], heightActive, content)]);
    await commit([voteProposal(bob, 1, true)]);
    await chain.produceTo(7 * ROUND);
    const list = await client.candidates();
    expect(list.candidates.map(({ votes }) => votes)).toEqual([`${3n * TTC}`, `${3n * TTC}`, `${50n * TTC}`]);
    expect(list.locked).toBe(`${56n * TTC}`);
    expect(list.candidates[2]).toMatchObject({ isDelegate: true, payBasisPoints: 2_000 });
    expect(await client.candidate(candidates[0].address)).toEqual(list.candidates[0]);
    const votes = await client.votes(bob.address);
    expect(votes.shares).toEqual([{ candidate: candidates[2].addressText, weight: `${50n * TTC}` }]);
    expect(BigInt(votes.claimable.TTC)).toBeGreaterThan(0n);
    await commit([claimRewards(bob)]);
    expect((await client.votes(bob.address)).claimable.TTC).toBe("0");
    expect((await client.votes(alice.address)).unbonding).toMatchObject([{ amount: `${4n * TTC}` }]);
    expect((await client.masters()).masters).toMatchObject([{ name: "Cafe", challenges: 0 }]);
    expect((await client.proposals()).proposals).toMatchObject([
      { number: 1, state: "open", electorate: "holders", yes: `${50n * TTC}`, content: { name: "voteMinTtcUnits" } },
    ]);
    expect(await client.partners()).toEqual({ treasury: "0", count: 0, partners: [] });
    const schemas = await SchemaChecker.load(chain.url);
    for (const [path, route] of [
      ["/v1/candidates?limit=2", "/v1/candidates"],
      [`/v1/candidates/${candidates[0].addressText}`, "/v1/candidates/{address}"],
      [`/v1/accounts/${alice.addressText}/votes`, "/v1/accounts/{address}/votes"],
      ["/v1/partners", "/v1/partners"],
      ["/v1/masters", "/v1/masters"],
      ["/v1/proposals", "/v1/proposals"],
      ["/v1/delegate-changes/1", "/v1/delegate-changes/{height}"],
      [`/v1/delegate-changes/${chain.height}`, "/v1/delegate-changes/{height}"],
    ]) {
      const { status, body } = await chain.get(path);
      expect([path, status]).toEqual([path, 200]);
      schemas.expectAnswer("get", route, body);
    }
  });
});
