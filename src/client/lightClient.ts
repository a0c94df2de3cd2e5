// A client that trusts no node: from one set of delegates that it knows it follows every later set by the signatures of the one before, and
// checks whatever a node says against the set that signs the height. What it begins from must be younger than the trusting
// period: delegates of long ago have their coins back and nothing to lose.

import { equalBytes, toHex } from "../base/bytes.js";
import type { Delegate } from "../protocol/delegates.js";
import { delegateSetHash } from "../protocol/delegates.js";
import { CodedError } from "../protocol/errors.js";
import { RDPOS_DEFAULTS } from "../protocol/rdposParameters.js";
import { type AccountLeaf, accountKey, decodeAccountLeaf } from "../protocol/stateLeaves.js";
import type { TTChainClient } from "./client.js";
import {
  type TrustedDelegates,
  verifyDelegateChange,
  verifyStateProof,
  verifyTransactionProof,
} from "./verifyProof.js";

const MS_PER_SECOND = 1_000;

export interface LightClientTrust extends TrustedDelegates {
  /** A height that the set signs, and a time at which it was known to. */
  height: number;
  timeMs: number;
}

export interface LightClientOptions {
  /** How long a set may be relied on; shorter than unbonding. The chain's usual period unless told otherwise. */
  trustingMs?: number;
  nowMs?: () => number;
}

/** A set, and the heights that it is known to sign. */
interface Era {
  delegates: Delegate[];
  heightFirst: number;
  heightLast: number;
}

/** A height that the present set signs: the latest, or the next one where another set handed over to it just now. */
async function firstKnown(client: TTChainClient, setHash: string): Promise<number> {
  const { height } = await client.status();
  const signsLatest = height > 0 && (await client.block(height)).result.delegateSetHash === setHash;
  return signsLatest ? height : height + 1;
}

export class LightClient {
  readonly #client: TTChainClient;
  readonly #genesisHash: Uint8Array;
  readonly #trustingMs: number;
  readonly #nowMs: () => number;
  /** In the order of heights. */
  readonly #eras: Era[];
  #timeMs: number;

  constructor(client: TTChainClient, trust: LightClientTrust, options: LightClientOptions = {}) {
    this.#client = client;
    this.#genesisHash = trust.genesisHash;
    this.#trustingMs = options.trustingMs ?? RDPOS_DEFAULTS.trustingSeconds * MS_PER_SECOND;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#timeMs = trust.timeMs;
    this.#eras = [{ delegates: trust.delegates, heightFirst: trust.height, heightLast: trust.height }];
  }

  /**
   * Begins from a set's hash, which its user has from where they trust: another person, another node, a web page. It is that of the set that
   * signs the chain now, or of the one that signed `height`. The trusting period counts from `timeMs`, when the hash was known to be the
   * chain's: from now on unless told otherwise. Throws BAD_PROOF where the node names another set.
   */
  static async fromSetHash(
    client: TTChainClient,
    genesisHash: Uint8Array,
    setHash: Uint8Array,
    options: LightClientOptions & { height?: number; timeMs?: number } = {},
  ): Promise<LightClient> {
    const { height: known, timeMs = (options.nowMs ?? Date.now)(), ...others } = options;
    const { delegates } = await (known === undefined ? client.delegates() : client.delegatesOf(known));
    if (!equalBytes(delegateSetHash(delegates), setHash)) {
      throw new CodedError("BAD_PROOF", "the node's delegates are not those of the trusted hash");
    }
    const height = known ?? (await firstKnown(client, toHex(setHash)));
    return new LightClient(client, { genesisHash, delegates, height, timeMs }, others);
  }

  /** The latest height whose set is known, and the set. */
  get latest(): { height: number; delegates: Delegate[]; timeMs: number } {
    const { heightLast, delegates } = this.#eras[this.#eras.length - 1];
    return { height: heightLast, delegates, timeMs: this.#timeMs };
  }

  /**
   * Follows the sets up to the node's latest block; gives its height. Throws TRUST_EXPIRED, BAD_PROOF or BAD_CERTIFICATE, and keeps what it
   * knew before.
   */
  async follow(): Promise<number> {
    for (;;) {
      const era = this.#eras[this.#eras.length - 1];
      if (this.#nowMs() - this.#timeMs > this.#trustingMs) {
        throw new CodedError("TRUST_EXPIRED");
      }
      const change = await this.#client.delegateChange(era.heightLast);
      const trusted = { genesisHash: this.#genesisHash, delegates: era.delegates };
      const next = verifyDelegateChange(change, trusted);
      if (change.height < era.heightLast) {
        throw new CodedError("BAD_PROOF", `expected a block from height ${era.heightLast} on, got ${change.height}`);
      }
      era.heightLast = change.height;
      this.#timeMs = Math.max(this.#timeMs, change.resultProof.header.timeMs);
      if (change.writeSet === undefined) {
        return change.height;
      }
      if (next !== era.delegates) {
        const height = change.height + 1;
        this.#eras.push({ delegates: next, heightFirst: height, heightLast: height });
      } else {
        throw new CodedError("BAD_PROOF", "the write set names no other delegates");
      }
    }
  }

  /** The set that signs `height`; follows the chain where that is needed. */
  async trustedAt(height: number): Promise<TrustedDelegates> {
    if (height > this.latest.height) {
      await this.follow();
    }
    const era = this.#eras.find(({ heightFirst, heightLast }) => height >= heightFirst && height <= heightLast);
    if (era === undefined) {
      const { heightFirst } = this.#eras[0];
      throw new CodedError(
        "BAD_PROOF",
        `expected a height from ${heightFirst} to ${this.latest.height}, got ${height}`,
      );
    }
    return { genesisHash: this.#genesisHash, delegates: era.delegates };
  }

  /** A leaf's value (undefined: proven absent) at the node's latest height, or the given one. */
  async provenLeaf(
    key: Uint8Array,
    height?: number,
  ): Promise<{ value: Uint8Array | undefined; height: number; timeMs: number }> {
    const proof = await this.#client.proof(key, height);
    if (height !== undefined && proof.height !== height) {
      throw new CodedError("BAD_PROOF", `expected a proof for height ${height}, got ${proof.height}`);
    }
    const value = verifyStateProof(proof, key, await this.trustedAt(proof.height));
    return { value, height: proof.height, timeMs: proof.resultProof.header.timeMs };
  }

  /** An account's leaf; undefined: proven that there is none. */
  async provenAccount(address: Uint8Array): Promise<AccountLeaf | undefined> {
    const { value } = await this.provenLeaf(accountKey(address));
    return value === undefined ? undefined : decodeAccountLeaf(value);
  }

  /** A committed transaction and its receipt. */
  async provenTransaction(id: Uint8Array): Promise<ReturnType<typeof verifyTransactionProof> & { height: number }> {
    const proof = await this.#client.transactionProof(id);
    return { ...verifyTransactionProof(proof, id, await this.trustedAt(proof.height)), height: proof.height };
  }
}
