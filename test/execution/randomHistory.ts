// Random histories: intentions that fast-check draws, made into transactions against the state they meet, so that most of them
// succeed and the rest fail in every way there is.

import fc from "fast-check";
import { equalBytes } from "../../src/base/bytes.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { createdTokenId, type TokenId, TTC_UNIT } from "../../src/protocol/tokens.js";
import type { Transaction } from "../../src/protocol/transaction.js";
import { Writer } from "../../src/protocol/wire.js";
import { readAccount } from "../../src/state/views.js";
import { alice, bank, bob, carol, type LedgerChain, mint, type Person, person } from "./ledgerChain.js";

export const PEOPLE: Person[] = [alice, bank, bob, carol, mint, person("dave")];
const FRESH_KEYS = [person("fresh 0"), person("fresh 1")];
// Past, payable and too far at every height of a history: what becomes of it must not hang on how many blocks it takes.
const REFERENCE_EXPIRIES = [100n, 100n, 200n, 300n, 500n, 1n, 5_000n];

// Kinds of operations as drawn; every other number is a transfer.
const CREATE_TOKEN = 0;
const MINT = 1;
const BURN = 2;
const SET_FROZEN = 3;
const CLOSE_ACCOUNT = 4;
const REPLACE_KEY = 5;

/** One operation as drawn; numbers are resolved against what exists. */
export interface Intention {
  sender: number;
  others: number[];
  payer: number;
  lane: number;
  /** 0: too low for most. */
  limit: number;
  operations: {
    kind: number;
    account: number;
    to: number;
    token: number;
    /** Share of the balance that stands in for an amount: see `amountOf`. */
    share: number;
    reference: number | undefined;
    flags: number;
  }[];
}

const person6 = fc.nat({ max: PEOPLE.length - 1 });

export const intentions: fc.Arbitrary<Intention> = fc.record({
  sender: person6,
  others: fc.array(person6, { maxLength: 2 }),
  payer: fc.nat({ max: 2 }),
  lane: fc.nat({ max: 2 }),
  limit: fc.nat({ max: 12 }),
  operations: fc.array(
    fc.record({
      // Transfers more often than the rest.
      kind: fc.nat({ max: 14 }),
      account: fc.nat({ max: 2 }),
      to: person6,
      token: fc.nat({ max: 5 }),
      share: fc.nat({ max: 8 }),
      reference: fc.option(fc.nat({ max: REFERENCE_EXPIRIES.length - 1 }), { nil: undefined, freq: 2 }),
      flags: fc.nat({ max: 7 }),
    }),
    { minLength: 1, maxLength: 2 },
  ),
});

/** A history under way: the chain it runs on and the tokens created so far. */
export class History {
  readonly chain: LedgerChain;
  readonly tokens: TokenId[] = ["TTC", "TTM", "TTMI"];
  /** Whoever issues a token, as far as they can be wanted among the signers. */
  readonly issuers = new Map<TokenId, Person[]>([
    ["TTM", [bank, mint]],
    ["TTMI", [bank]],
  ]);
  /** Whose key rules an account now, where it was replaced. */
  readonly keys = new Map<string, Person>();

  constructor(chain: LedgerChain) {
    this.chain = chain;
  }

  /** The person as the chain knows them: with the key that rules their account now. */
  private present(one: Person): Person {
    const key = this.keys.get(one.name);
    return key === undefined ? one : { ...one, publicKey: key.publicKey };
  }

  /** Only created tokens can be frozen; among the others, those created last come up most. */
  private tokenOf({ kind, token }: Intention["operations"][number]): TokenId {
    const created = this.tokens.length - 3;
    const latest = kind === SET_FROZEN || token > 3;
    return latest && created > 0 ? this.tokens[3 + (token % created)] : this.tokens[token % this.tokens.length];
  }

  private amountOf(share: number, owner: Person, token: TokenId): bigint {
    const held = this.chain.balance(owner, token);
    const amounts = [1n, 10n, held / 2n, held, held + 1n, 3n * TTC_UNIT, held / 100n, 50n, held / 3n];
    return amounts[share] > 0n ? amounts[share] : 1n;
  }

  private operation(wish: Intention["operations"][number], signers: Person[]): Operation {
    const token = this.tokenOf(wish);
    const issuer = signers.findIndex(({ name }) => name === this.issuers.get(token)?.[0].name);
    const byIssuer = issuer >= 0 && (wish.kind === MINT || wish.kind === SET_FROZEN);
    const account = byIssuer ? issuer : wish.account % signers.length;
    const owner = signers[account];
    const to = PEOPLE[wish.to].address;
    const amount = this.amountOf(wish.share, owner, token);
    const [mintable, burnable, freezable] = [1, 2, 4].map((bit) => (wish.flags & bit) !== 0);
    switch (wish.kind) {
      case CREATE_TOKEN:
        return {
          kind: "createToken",
          account,
          symbol: "POINT",
          name: "Point",
          decimals: 0,
          supply: 1_000_000n,
          mintable,
          burnable,
          freezable,
        };
      case MINT:
        return { kind: "mint", account, token, to, amount: 1_000n + amount };
      case BURN:
        return { kind: "burn", account, token, amount };
      case SET_FROZEN:
        return { kind: "setFrozen", account, token, target: to, frozen: mintable };
      case CLOSE_ACCOUNT:
        return { kind: "closeAccount", account, beneficiary: to };
      case REPLACE_KEY: {
        const keys = [...FRESH_KEYS, owner];
        return { kind: "replaceKey", account, publicKey: keys[wish.flags % keys.length].publicKey };
      }
      default: {
        const transfer: Operation = { kind: "transfer", account, to, token, amount };
        if (wish.reference !== undefined) {
          const expiry = REFERENCE_EXPIRIES[wish.reference];
          transfer.reference = new Writer(32).u64(expiry).raw(new Uint8Array(24)).finish();
          transfer.amount = 5n;
        }
        return transfer;
      }
    }
  }

  /** The intention as a transaction for the chain's next block. */
  transaction(intention: Intention): Transaction {
    const wanted = intention.operations
      .filter(({ kind }) => kind === MINT || kind === SET_FROZEN)
      .flatMap((wish) => this.issuers.get(this.tokenOf(wish)) ?? []);
    const named = [intention.sender, ...intention.others].map((index) => PEOPLE[index]);
    const people = [...new Set([...named, ...wanted])].map((one) => this.present(one));
    // The last signs for a key that somebody's account may have next.
    const signers = [...people, FRESH_KEYS[intention.payer % 2]];
    const operations = intention.operations.map((wish) => this.operation(wish, people));
    const moved = operations.find((operation) => operation.kind === "transfer")?.token;
    const onlyTtm = moved === "TTM" && operations.every(({ kind }) => kind === "transfer");
    return this.chain.ask({
      signers,
      feePayer: intention.payer % people.length,
      lane: intention.lane,
      validUntil: 60,
      feeToken: onlyTtm ? "TTM" : "TTC",
      feeLimit: intention.limit === 0 ? 20_000_000n : 1_000_000n * TTC_UNIT,
      operations,
    });
  }

  /** Takes note of what a transaction that succeeded did to keys and tokens. */
  learn(transaction: Transaction): void {
    transaction.operations.forEach((operation, index) => {
      if (operation.kind === "createToken") {
        const token = createdTokenId(transaction.id, index);
        const { address } = transaction.signers[operation.account];
        this.tokens.push(token);
        this.issuers.set(
          token,
          PEOPLE.filter((one) => equalBytes(one.address, address)),
        );
      }
    });
    for (const one of PEOPLE) {
      const key = readAccount(this.chain.state, one.address)?.replacedKey;
      const owner = [...FRESH_KEYS, ...PEOPLE].find(({ publicKey }) => key !== undefined && equalBytes(key, publicKey));
      if (key !== undefined && owner !== undefined) {
        this.keys.set(one.name, owner);
      } else {
        this.keys.delete(one.name);
      }
    }
  }
}
