// Proofs from the API convince somebody who holds nothing but the genesis file.

import { afterAll, beforeAll, expect, test } from "vitest";
import { equalBytes, fromHex, toHex } from "../../src/base/bytes.js";
import { transfer } from "../../src/client/actions.js";
import { makeReference } from "../../src/client/references.js";
import type { ResultProofJson, StateProofJson, TransactionProofJson } from "../../src/protocol/apiTypes.js";
import { decodeHeader, decodeResult } from "../../src/protocol/block.js";
import { decodeCertificate, verifyResultProof } from "../../src/protocol/certificate.js";
import { CodedError } from "../../src/protocol/errors.js";
import { genesisDelegates } from "../../src/protocol/genesisDelegates.js";
import { decodeReceipt } from "../../src/protocol/receipt.js";
import { accountKey, decodeAccountLeaf, referenceKey } from "../../src/protocol/stateLeaves.js";
import { provenValue } from "../../src/protocol/stateProof.js";
import { verifyMerkleProof } from "../../src/wasm/sha256.js";
import { ApiChain } from "./apiChain.js";
import { SchemaChecker } from "./schemaChecker.js";

let chain: ApiChain;
let schemas: SchemaChecker;

beforeAll(async () => {
  chain = await ApiChain.start({ historyHeights: 8 });
  schemas = await SchemaChecker.load(chain.url);
});

afterAll(() => chain.stop());

function bytes(hex: string): Uint8Array {
  const found = fromHex(hex);
  expect(found).toBeDefined();
  return found as Uint8Array;
}

/** The state root that a result proof proves; throws where it proves none. */
function provenRoot(proof: ResultProofJson): Uint8Array {
  return verifyResultProof(
    {
      header: decodeHeader(bytes(proof.header)),
      certificate: decodeCertificate(bytes(proof.certificate)),
      result: bytes(proof.result),
      entryCount: proof.entryCount,
      path: proof.path.map(bytes),
    },
    chain.genesisHash,
    genesisDelegates(chain.genesis),
  );
}

async function proofOf(key: Uint8Array, height?: number): Promise<StateProofJson> {
  const query = height === undefined ? "" : `?height=${height}`;
  const { body } = await chain.get(`/v1/proofs/${toHex(key)}${query}`);
  schemas.expectAnswer("get", "/v1/proofs/{key}", body);
  return body as StateProofJson;
}

test("a balance is proved by its leaf, the state root and the certificate", async () => {
  const [alice, bob] = chain.accounts;
  await chain.commit([transfer(alice, { to: bob.address, amount: 12_345n })]);
  const proof = await proofOf(accountKey(bob.address));
  expect(proof.height).toBe(chain.height);
  const value = provenValue(provenRoot(proof.resultProof), accountKey(bob.address), bytes(proof.proof));
  expect(value).toBeInstanceOf(Uint8Array);
  expect(toHex(value as Uint8Array)).toBe(proof.value);
  const { body } = await chain.get(`/v1/accounts/${bob.addressText}`);
  const { TTC } = (body as { balances: { TTC: string } }).balances;
  expect(decodeAccountLeaf(value as Uint8Array).balances[0].toString()).toBe(TTC);
});

test("a reference that was not paid by its height is proved absent as of that height, even when it is paid by another", async () => {
  const [alice, bob] = chain.accounts;
  const reference = makeReference(chain.height + 3, chain.random);
  const key = referenceKey(bob.address, "TTC", 5_000n, reference);
  const heightBefore = chain.height;
  await chain.commit([transfer(alice, { to: bob.address, amount: 5_000n, reference })]);
  const absent = await proofOf(key, heightBefore);
  expect(absent.value).toBeNull();
  expect(provenValue(provenRoot(absent.resultProof), key, bytes(absent.proof))).toBeNull();
  const paid = await proofOf(key);
  expect(provenValue(provenRoot(paid.resultProof), key, bytes(paid.proof))).toBeInstanceOf(Uint8Array);
  // One height's proof says nothing under another height's root.
  expect(provenValue(provenRoot(paid.resultProof), key, bytes(absent.proof))).toBeUndefined();
});

test("a transaction and its receipt are proved in their block", async () => {
  const [alice, bob, carol, dora] = chain.accounts;
  const signed = [alice, bob, carol].map((from) => chain.sign([transfer(from, { to: dora.address, amount: 1_000n })]));
  await chain.mempool.submit(signed.map((transaction) => transaction.bytes));
  await chain.produce();
  for (const transaction of signed) {
    const { body } = await chain.get(`/v1/transactions/${toHex(transaction.id)}/proof`);
    schemas.expectAnswer("get", "/v1/transactions/{id}/proof", body);
    const proof = body as TransactionProofJson;
    expect(proof.bytes).toBe(toHex(transaction.bytes));
    provenRoot(proof.resultProof);
    const header = decodeHeader(bytes(proof.resultProof.header));
    const { entryCount } = proof.resultProof;
    const path = proof.path.map(bytes);
    expect(verifyMerkleProof(transaction.bytes, proof.index + 1, entryCount, path, header.transactionsRoot)).toBe(true);
    expect(verifyMerkleProof(transaction.bytes, proof.index, entryCount, path, header.transactionsRoot)).toBe(false);
    const { receiptsRoot } = decodeResult(bytes(proof.resultProof.result));
    const receiptPath = proof.receiptPath.map(bytes);
    expect(verifyMerkleProof(bytes(proof.receipt), proof.index, entryCount - 1, receiptPath, receiptsRoot)).toBe(true);
    expect(decodeReceipt(bytes(proof.receipt)).code).toBe(0);
  }
});

test("a certificate of other signatures proves nothing", async () => {
  const { resultProof } = await proofOf(accountKey(chain.accounts[0].address));
  const certificate = bytes(resultProof.certificate);
  certificate[certificate.length - 1] ^= 1;
  expect(() => provenRoot({ ...resultProof, certificate: toHex(certificate) })).toThrow(CodedError);
});

test("a height whose state is not kept any more is refused with the heights that are", async () => {
  await chain.produceTo(chain.height + 10);
  const key = accountKey(chain.accounts[0].address);
  const { status, body } = await chain.get(`/v1/proofs/${toHex(key)}?height=1`);
  expect(status).toBe(404);
  expect(body).toMatchObject({ error: { code: "HEIGHT_NOT_KEPT", details: { height: 1, newest: chain.height } } });
});

test("the same proof is given again for the same height", async () => {
  const key = accountKey(chain.accounts[1].address);
  const first = await proofOf(key, chain.height);
  await chain.produce();
  const again = await proofOf(key, first.height);
  expect(again).toEqual(first);
  expect(equalBytes(provenRoot(again.resultProof), chain.state.rootAt(first.height))).toBe(true);
});
