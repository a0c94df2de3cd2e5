// Random blocks of payments for few accounts: every way in which a payment succeeds, fails or stays out of the block comes up often.
// A pure function of the seed, and made without a look at the state, so that any two ledgers can be given the same.

import type { SeededRandom } from "../../src/base/random.js";
import type { Transfer } from "../../src/protocol/operations/operation.js";
import { type ChainParameters, encodeParameters } from "../../src/protocol/parameters.js";
import { accountKey, encodeAccountLeaf, encodeSystemLeaf, systemKey } from "../../src/protocol/stateLeaves.js";
import { NATIVE_TOKENS, type NativeToken } from "../../src/protocol/tokens.js";
import { chainTag, decodeTransaction, type Signer, type Transaction } from "../../src/protocol/transaction.js";
import { Writer } from "../../src/protocol/wire.js";
import { GENESIS_HASH, MapState, PARAMETERS, type Person, person, signedBytes } from "./ledgerChain.js";

const PEOPLE_COUNT = 24;
const LANES = 3;
const MOST = (1n << 63n) - 1n;
const RARE_BALANCES = [0n, 1n, 20_000_000n, MOST, MOST - 5n];

export const PAYERS: Person[] = Array.from({ length: PEOPLE_COUNT }, (_, index) => person(`payer ${index}`));
/** An account whose key was replaced by that of the next person. */
const REPLACED = 5;

/** Chains on which payments are charged in different ways: as usual, without quotes, free, with fees beyond all amounts, with odd quotes. */
export const CHAINS: Partial<ChainParameters>[] = [
  {},
  { quotes: [] },
  { feeRateBasisPoints: 10_000, feeMinTtcUnits: 0n, depositAccountTtcUnits: 0n },
  { feeMinTtcUnits: 1n << 40n, quotes: [{ token: "TTM", units: MOST, ttcUnits: 1n }] },
  {
    feeMinTtcUnits: 7n,
    depositAccountTtcUnits: 3n,
    quotes: [
      { token: "TTM", units: 3n, ttcUnits: 7n },
      { token: "TTMI", units: 11n, ttcUnits: 2n },
    ],
  },
];

/** The state that payments begin with. */
export function paymentState(random: SeededRandom, parameters: Partial<ChainParameters>): MapState {
  const state = new MapState();
  const content = encodeParameters({ ...PARAMETERS, ...parameters });
  state.apply([{ key: systemKey("parameters"), value: encodeSystemLeaf(content) }]);
  const balance = (): bigint =>
    random.chance(1, 6) ? RARE_BALANCES[random.below(5)] : BigInt(random.below(1 << 30)) * 8n;
  PAYERS.forEach(({ address }, index) => {
    if (index % 4 !== 3) {
      const leaf = {
        balances: [balance(), balance(), balance()] as [bigint, bigint, bigint],
        deposit: 0n,
        tokenCount: 0,
      };
      const replacedKey = PAYERS[index + 1]?.publicKey;
      const value = encodeAccountLeaf(index === REPLACED ? { ...leaf, replacedKey } : leaf);
      state.apply([{ key: accountKey(address), value }]);
    }
  });
  return state;
}

/** Makes payments, and remembers which sequence each lane should take next if all of them are included. */
export class PaymentMaker {
  readonly random: SeededRandom;
  readonly #sequences = new Map<string, number>();
  #strangers = 0;

  constructor(random: SeededRandom) {
    this.random = random;
  }

  #payee(): Uint8Array {
    return this.random.chance(1, 12)
      ? person(`stranger ${this.#strangers++}`).address
      : PAYERS[this.random.below(PEOPLE_COUNT)].address;
  }

  #reference(height: number): Uint8Array {
    const { random } = this;
    const expiry = random.chance(1, 8)
      ? [0, height - 1, height + 1_001, 2 ** 50][random.below(4)]
      : height + random.below(20);
    const reference = new Writer(32)
      .u64(BigInt(Math.max(expiry, 0)))
      .raw(new Uint8Array(24))
      .finish();
    reference[31] = random.below(3);
    return reference;
  }

  #amount(): bigint {
    const amounts = [1n, 5n, 1_000n, 10_000_000n, MOST, MOST / 2n];
    const { random } = this;
    return random.chance(1, 3) ? amounts[random.below(amounts.length)] : BigInt(1 + random.below(1 << 28));
  }

  #transfer(height: number, token: NativeToken, signerCount: number): Transfer {
    const { random } = this;
    const transfer: Transfer = {
      kind: "transfer",
      account: random.below(signerCount),
      to: this.#payee(),
      token,
      amount: this.#amount(),
    };
    if (random.chance(1, 4)) {
      transfer.reference = this.#reference(height);
      transfer.amount = BigInt(1 + random.below(2));
      transfer.to = PAYERS[random.below(2)].address;
    }
    return transfer;
  }

  #signers(): Signer[] {
    const { random } = this;
    const count = random.chance(1, 4) ? 1 + random.below(3) : 1;
    const chosen = new Set<number>();
    while (chosen.size < count) {
      chosen.add(random.below(PEOPLE_COUNT));
    }
    return [...chosen].map((index) => {
      const { address, publicKey } = PAYERS[index];
      const next = PAYERS[(index + 1) % PEOPLE_COUNT].publicKey;
      const isReplaced = index === REPLACED ? !random.chance(1, 10) : random.chance(1, 60);
      return { address, publicKey: isReplaced ? next : publicKey };
    });
  }

  #sequence(sender: Uint8Array, lane: number): number {
    const { random } = this;
    const name = `${sender.join()} ${lane}`;
    const next = this.#sequences.get(name) ?? 0;
    if (random.chance(1, 25)) {
      return random.below(next + 3);
    }
    this.#sequences.set(name, next + 1);
    return next;
  }

  /** A payment for a block of about `height`. */
  payment(height: number): Transaction {
    const { random } = this;
    const signers = this.#signers();
    const token = NATIVE_TOKENS[random.chance(1, 2) ? 0 : random.below(3)];
    const count = random.chance(1, 3) ? 1 + random.below(5) : 1;
    const mixes = random.chance(1, 15);
    const lane = random.below(LANES);
    const odd = (chances: number): boolean => random.chance(1, chances);
    return decodeTransaction(
      signedBytes({
        chainTag: odd(80) ? Uint8Array.of(1, 2, 3, 4) : chainTag(GENESIS_HASH),
        signers,
        feePayer: random.below(signers.length),
        lane,
        sequence: this.#sequence(signers[0].address, lane),
        validUntil: odd(40) ? Math.max(0, height - 1 + 110 * random.below(2)) : height + random.below(50),
        feeToken: odd(12) ? NATIVE_TOKENS[random.below(3)] : token,
        feeLimit: odd(10) ? BigInt(random.below(30_000_000)) : MOST,
        operations: Array.from({ length: count }, () =>
          this.#transfer(height, mixes ? NATIVE_TOKENS[random.below(3)] : token, signers.length),
        ),
        ...(odd(5) && { memo: random.bytes(1 + random.below(256)) }),
        ...(odd(5) && { partner: random.bytes(32) }),
      }),
    );
  }

  block(height: number, count: number): Transaction[] {
    return Array.from({ length: count }, () => this.payment(height));
  }
}
