// A transaction whose bytes are known to be one and of which the most asked-for fields were read already: the rest is decoded when
// somebody asks for it. A decoded one is two dozen objects: while thousands wait, keeping them costs more than decoding them again, and
// most payments pass through a node without anybody reading them.

import { bytesKey, keyBytes, putKeyBytes } from "../base/bytes.js";
import { isContractTransaction } from "./operations/contracts.js";
import type { Operation } from "./operations/operation.js";
import type { TokenId } from "./tokens.js";
import { decodeAgain, namesPartner, type Signer, type Transaction } from "./transaction.js";

/** What was read of a transaction. */
export interface ReadFields {
  bodyBytes: number;
  /** `bytesKey` of the id, which is kept as nothing else: an array of its bytes takes five times as much memory. */
  idKey: string;
  lane: number;
  sequence: number;
  validUntil: number;
  /** Whether it runs contracts; not where undefined. */
  runsContracts?: boolean | undefined;
}

export class ReadTransaction implements Transaction {
  readonly bytes: Uint8Array;
  readonly bodyBytes: number;
  readonly idKey: string;
  readonly lane: number;
  readonly sequence: number;
  readonly validUntil: number;
  readonly runsContracts: boolean;
  #decoded: Transaction | undefined;

  constructor(bytes: Uint8Array, { bodyBytes, idKey, lane, sequence, validUntil, runsContracts }: ReadFields) {
    this.bytes = bytes;
    this.bodyBytes = bodyBytes;
    this.idKey = idKey;
    this.lane = lane;
    this.sequence = sequence;
    this.validUntil = validUntil;
    this.runsContracts = runsContracts ?? false;
  }

  /** The same as a decoded one, of which only the bytes and what a pool asks for are kept. */
  static of({ bytes, bodyBytes, id, lane, sequence, validUntil, operations }: Transaction): ReadTransaction {
    const runs = isContractTransaction(operations);
    const idKey = bytesKey(id);
    return new ReadTransaction(bytes, { bodyBytes, idKey, lane, sequence, validUntil, runsContracts: runs });
  }

  get id(): Uint8Array {
    return keyBytes(this.idKey);
  }

  /** Decodes it for the caller alone: nothing of that is kept here. */
  decode(): Transaction {
    return this.#decoded ?? decodeAgain(this.bytes, this.id);
  }

  get #whole(): Transaction {
    this.#decoded ??= decodeAgain(this.bytes, this.id);
    return this.#decoded;
  }

  get chainTag(): Uint8Array {
    return this.#whole.chainTag;
  }

  get signers(): Signer[] {
    return this.#whole.signers;
  }

  get feePayer(): number {
    return this.#whole.feePayer;
  }

  get feeToken(): TokenId {
    return this.#whole.feeToken;
  }

  get feeLimit(): bigint {
    return this.#whole.feeLimit;
  }

  get partner(): Uint8Array | undefined {
    // Every block asks this of every transaction.
    return namesPartner(this.bytes) ? this.#whole.partner : undefined;
  }

  get memo(): Uint8Array | undefined {
    return this.#whole.memo;
  }

  get operations(): Operation[] {
    return this.#whole.operations;
  }

  get signatures(): Uint8Array[] {
    return this.#whole.signatures;
  }
}

/** `bytesKey` of a transaction's id: of one that was read the very string that other maps have it under, which spares making and hashing it. */
export function idKeyOf(transaction: Transaction): string {
  return transaction instanceof ReadTransaction ? transaction.idKey : bytesKey(transaction.id);
}

/** Writes a transaction's id at `offset`. */
export function putId(transaction: Transaction, bytes: Uint8Array, offset: number): void {
  if (transaction instanceof ReadTransaction) {
    putKeyBytes(transaction.idKey, bytes, offset);
  } else {
    bytes.set(transaction.id, offset);
  }
}

/** Whether a transaction runs contracts: of one that was read it is known, asking for its operations would decode it. */
export function runsContracts(transaction: Transaction): boolean {
  return transaction instanceof ReadTransaction
    ? transaction.runsContracts
    : isContractTransaction(transaction.operations);
}
