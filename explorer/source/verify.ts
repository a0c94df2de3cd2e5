// Checks a payment, or its absence, against the delegates' signatures with the SDK's light client. What is trusted is the genesis
// hash alone: the file that hashes to it names the first delegates, and each set that followed was agreed on by the one before. The
// hash is remembered from the first visit on.

import {
  fromHex,
  type Genesis,
  genesisDelegates,
  genesisHash,
  LightClient,
  referenceKey,
  type TokenId,
  type TrustedDelegates,
  toHex,
  verifyStateProof,
  verifyTransactionProof,
} from "ttchain";
import { client } from "./node.js";

const STORAGE_KEY = "ttchain.anchor";

export interface Anchor {
  genesisHash: string;
  /** When this browser saw the chain first. */
  sinceMs: number;
}

export type AnchorVerdict = "first" | "same" | "other";

interface Trust {
  light: LightClient;
  hash: string;
  verdict: AnchorVerdict;
  sinceMs: number;
}

/** What verification showed, step by step. */
export interface Verified {
  hash: string;
  verdict: AnchorVerdict;
  sinceMs: number;
  height: number;
  signed: number;
  delegates: number;
}

export interface VerifiedTransaction extends Verified {
  index: number;
  code: number;
}

/** Kept while the page is open: the sets that were followed need not be followed again. */
let followed: { hash: string; light: LightClient } | undefined;

function lightClient(hash: string, genesis: Genesis): LightClient {
  if (followed?.hash !== hash) {
    const trust = {
      genesisHash: genesisHash(genesis),
      delegates: genesisDelegates(genesis),
      height: 1,
      timeMs: Date.now(),
    };
    followed = { hash, light: new LightClient(client, trust) };
  }
  return followed.light;
}

function readAnchor(): Anchor | undefined {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

async function loadTrust(): Promise<Trust> {
  const genesis = await client.genesis();
  // Computed here from the file itself: a node can't name other delegates under the same hash.
  const hash = toHex(genesisHash(genesis));
  const known = readAnchor();
  const light = lightClient(hash, genesis);
  if (known === undefined) {
    const anchor: Anchor = { genesisHash: hash, sinceMs: Date.now() };
    localStorage.setItem(STORAGE_KEY, JSON.stringify(anchor));
    return { light, hash, verdict: "first", sinceMs: anchor.sinceMs };
  }
  return { light, hash, verdict: known.genesisHash === hash ? "same" : "other", sinceMs: known.sinceMs };
}

function summary(trust: Trust, trusted: TrustedDelegates, height: number, signatures: number): Verified {
  const { hash, verdict, sinceMs } = trust;
  return { hash, verdict, sinceMs, height, signed: signatures, delegates: trusted.delegates.length };
}

/** Throws BAD_PROOF or BAD_CERTIFICATE where the proof does not hold. */
export async function verifyTransaction(id: string): Promise<VerifiedTransaction> {
  const [trust, proof] = await Promise.all([loadTrust(), client.transactionProof(id)]);
  const bytes = fromHex(id);
  if (bytes === undefined) {
    throw new Error(`expected 64 hex digits, got "${id.slice(0, 80)}"`);
  }
  const trusted = await trust.light.trustedAt(proof.height);
  const { receipt } = verifyTransactionProof(proof, bytes, trusted);
  const signed = proof.resultProof.certificate.signatures.length;
  return { ...summary(trust, trusted, proof.height, signed), index: proof.index + 1, code: receipt.code };
}

export interface ExpectedPayment {
  /** 32 bytes. */
  payee: Uint8Array;
  token: TokenId;
  amount: bigint;
  /** 32 bytes. */
  reference: Uint8Array;
}

/** Whether the state after block `height` holds a mark that the payment was made; proven either way. */
export async function verifyPaidAt(payment: ExpectedPayment, height: number): Promise<Verified & { paid: boolean }> {
  const { payee, token, amount, reference } = payment;
  const key = referenceKey(payee, token, amount, reference);
  const [trust, proof] = await Promise.all([loadTrust(), client.proof(key, height)]);
  if (proof.height !== height) {
    throw new Error(`expected a proof for height ${height}, got ${proof.height}`);
  }
  const trusted = await trust.light.trustedAt(height);
  const value = verifyStateProof(proof, key, trusted);
  const signed = proof.resultProof.certificate.signatures.length;
  return { ...summary(trust, trusted, height, signed), paid: value !== undefined };
}
