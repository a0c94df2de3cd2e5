// Encoded transfers in bulk: one is made as a client makes it, the others are copies with another sender, payee and sequence in their
// places, which takes a hundredth of the time. Their signatures are zeros: the ledger doesn't look at them.

import { SeededRandom } from "../../src/base/random.js";
import { addressOfKey } from "../../src/protocol/address.js";
import { chainTag, encodeBody, encodeTransaction } from "../../src/protocol/transaction.js";

export const GENESIS_HASH = new Uint8Array(32).fill(1);
export const VALID_UNTIL = 500;
export const AMOUNT_UNITS = 1_000n;
/** Where the only signer's key stands in a body, and where its sequence: see docs/protocol.md. */
const KEY_OFFSET = 8;
const SEQUENCE_OFFSET = KEY_OFFSET + 32 + 1 + 4;
/** What stands behind the payee at a body's end: token, amount, no reference. */
const PAYEE_END = 1 + 8 + 1;

export interface Person {
  publicKey: Uint8Array;
  address: Uint8Array;
}

export function makePeople(count: number): Person[] {
  const random = new SeededRandom(1);
  return Array.from({ length: count }, () => {
    const publicKey = random.bytes(32);
    return { publicKey, address: addressOfKey(publicKey) };
  });
}

/** The body of a transfer in lane 0. */
export function transferBody(from: Person, to: Person, sequence: number, reference?: Uint8Array): Uint8Array {
  return encodeBody({
    chainTag: chainTag(GENESIS_HASH),
    signers: [from],
    feePayer: 0,
    lane: 0,
    sequence,
    validUntil: VALID_UNTIL,
    feeToken: "TTC",
    feeLimit: 100_000_000n,
    operations: [
      {
        kind: "transfer",
        account: 0,
        to: to.address,
        token: "TTC",
        amount: AMOUNT_UNITS,
        ...(reference && { reference }),
      },
    ],
  });
}

/** Makes each person's payments in their order. */
export class RawPayments {
  readonly #people: Person[];
  readonly #template: Uint8Array;
  readonly #payeeOffset: number;
  readonly #sequences: Uint32Array;

  constructor(people: Person[]) {
    const body = transferBody(people[0], people[1], 0);
    this.#people = people;
    this.#template = encodeTransaction(body, [new Uint8Array(64)]);
    this.#payeeOffset = body.length - PAYEE_END - 32;
    this.#sequences = new Uint32Array(people.length);
  }

  payment(from: number, to: number): Uint8Array {
    const bytes = this.#template.slice();
    bytes.set(this.#people[from].publicKey, KEY_OFFSET);
    bytes.set(this.#people[to].address, this.#payeeOffset);
    new DataView(bytes.buffer).setUint32(SEQUENCE_OFFSET, this.#sequences[from]++, true);
    return bytes;
  }
}
