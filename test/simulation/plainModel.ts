// What the chain should hold, computed the plainest way there is: maps of numbers, the fee rule written out, leaves encoded by
// hand and a naive tree over all of them, with Node's own SHA-256. It shares no code with the ledger, the state tree or the kernels; of the
// product it takes only the leaves that a genesis begins with.

import { createHash } from "node:crypto";
import type { GenesisParameters } from "../../src/protocol/genesis.js";
import type { StateChange } from "../../src/protocol/writeSet.js";

const TOKENS = ["TTC", "TTM", "TTMI"] as const;
export type Coin = (typeof TOKENS)[number];

/** A payment as its payer made it; ids and addresses are hex. */
export interface Payment {
  id: string;
  /** A mint pays its fee in TTC and makes the units that it credits. */
  kind: "transfer" | "mint";
  from: string;
  to: string;
  coin: Coin;
  amount: bigint;
  reference: string | undefined;
  lane: number;
  sequence: number;
  validUntil: number;
}

/** What became of a payment in a block. */
export interface Outcome {
  id: string;
  code: string;
  fee: bigint;
}

interface Account {
  balances: [bigint, bigint, bigint];
  deposit: bigint;
}

interface Lane {
  next: number;
  expires: number;
}

interface Reference {
  expires: number;
  paid: number;
  id: string;
}

function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest();
}

function u64(value: bigint | number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** The root over leaves in ascending order of their keys (docs/state-tree.md). */
export function naiveRoot(leaves: [Buffer, Uint8Array][], bit = 0): Buffer {
  if (leaves.length === 0) {
    return sha256();
  }
  if (leaves.length === 1) {
    return sha256(Uint8Array.of(0), leaves[0][0], sha256(leaves[0][1]));
  }
  const isOne = ([key]: [Buffer, Uint8Array]) => ((key[bit >> 3] >> (7 - (bit & 7))) & 1) === 1;
  const split = leaves.findIndex(isOne);
  if (split <= 0) {
    return naiveRoot(leaves, bit + 1);
  }
  return sha256(Uint8Array.of(1), naiveRoot(leaves.slice(0, split), bit + 1), naiveRoot(leaves.slice(split), bit + 1));
}

const LEAF_ACCOUNT = 1;
const LEAF_TOKEN = 5;

/** Which balance pays the fee. */
function feeIndex({ kind, coin }: Payment): number {
  return kind === "mint" ? 0 : TOKENS.indexOf(coin);
}

export class PlainModel {
  height = 0;
  readonly accounts = new Map<string, Account>();
  readonly lanes = new Map<string, Lane>();
  readonly references = new Map<string, Reference>();
  /** Every (payee, coin, amount, reference) that was ever paid. */
  private readonly everPaid = new Set<string>();
  private readonly committed = new Set<string>();
  private readonly fixedLeaves: [Buffer, Uint8Array][] = [];
  private readonly supplies: [bigint, bigint, bigint] = [0n, 0n, 0n];

  constructor(
    genesisLeaves: readonly StateChange[],
    /** Hex addresses that genesis gives coins to, and how many. */
    allocations: readonly [string, bigint][],
    private readonly feePool: string,
    /** How the chain writes each coin in a reference's key: 32 bytes. */
    private readonly coinBytes: Record<Coin, Uint8Array>,
    private readonly parameters: GenesisParameters,
  ) {
    for (const { key, value } of genesisLeaves) {
      if (value![0] !== LEAF_ACCOUNT) {
        this.fixedLeaves.push([Buffer.from(key), value!]);
      }
    }
    for (const [address, amount] of allocations) {
      this.accounts.set(address, { balances: [amount, 0n, 0n], deposit: 0n });
      this.supplies[0] += amount;
    }
  }

  /** Units of a coin that `ttc` units of TTC are worth, rounded up. */
  private worth(ttc: bigint, coin: Coin): bigint {
    const quote = this.parameters.quotes.find(({ token }) => token === coin);
    if (coin === "TTC" || quote === undefined) {
      return ttc;
    }
    const units = ttc * BigInt(quote.units);
    const price = BigInt(quote.ttcUnits);
    return units / price + (units % price > 0n ? 1n : 0n);
  }

  private feeMinimum(coin: Coin): bigint {
    return this.worth(BigInt(this.parameters.feeMinTtcUnits), coin);
  }

  private feeOf({ kind, coin, amount }: Payment): bigint {
    if (kind === "mint") {
      return BigInt(this.parameters.feeMintTtcUnits);
    }
    const share = amount * BigInt(this.parameters.feeRateBasisPoints);
    const fee = share / 10_000n + (share % 10_000n > 0n ? 1n : 0n);
    const least = this.feeMinimum(coin);
    return fee > least ? fee : least;
  }

  balance(address: string, coin: Coin): bigint {
    return this.accounts.get(address)?.balances[TOKENS.indexOf(coin)] ?? 0n;
  }

  sequenceNext(address: string, lane: number, height: number): number {
    const found = this.lanes.get(`${address}/${lane}`);
    return found === undefined || found.expires < height ? 0 : found.next;
  }

  /** Applies the next block; gives what should have become of each payment. Throws where one must not stand in it. */
  block(payments: readonly Payment[]): Outcome[] {
    this.height++;
    const fees: [bigint, bigint, bigint] = [0n, 0n, 0n];
    const used = new Set<string>();
    const outcomes = payments.map((payment) => {
      const outcome = this.pay(payment, used);
      fees[feeIndex(payment)] += outcome.fee;
      return outcome;
    });
    if (fees.some((fee) => fee > 0n)) {
      const pool = this.accounts.get(this.feePool) ?? { balances: [0n, 0n, 0n], deposit: 0n };
      this.accounts.set(this.feePool, pool);
      fees.forEach((fee, coin) => {
        pool.balances[coin] += fee;
      });
    }
    for (const [name, { expires }] of this.lanes) {
      if (expires < this.height && !used.has(name)) {
        this.lanes.delete(name);
      }
    }
    for (const [name, { expires }] of this.references) {
      if (expires < this.height) {
        this.references.delete(name);
      }
    }
    this.expectSupplies();
    return outcomes;
  }

  private pay(payment: Payment, used: Set<string>): Outcome {
    const { id, from, lane, sequence, validUntil } = payment;
    const at = feeIndex(payment);
    const feeMinimum = this.feeMinimum(TOKENS[at]);
    const laneName = `${from}/${lane}`;
    const payer = this.accounts.get(from);
    const expected = this.sequenceNext(from, lane, this.height);
    const complain = (what: string): never => {
      throw new Error(`block ${this.height} holds ${id}, ${what}`);
    };
    if (this.committed.has(id)) {
      complain("which an earlier block holds already");
    }
    if (sequence !== expected) {
      complain(`whose lane is at ${expected}, not at ${sequence}`);
    }
    if (validUntil < this.height || validUntil > this.height + this.parameters.validUntilHeightsMax) {
      complain(`which is valid until ${validUntil}`);
    }
    if (payer === undefined || payer.balances[at] < feeMinimum) {
      return complain("whose payer can't pay the least fee");
    }
    this.committed.add(id);
    used.add(laneName);
    const expiresAtLeast = this.height + this.parameters.validUntilHeightsMax;
    this.lanes.set(laneName, {
      next: sequence + 1,
      expires: Math.max(expiresAtLeast, this.lanes.get(laneName)?.expires ?? 0),
    });
    const code = payment.kind === "mint" ? this.mint(payment, payer) : this.transfer(payment, payer, at);
    const fee = code === "OK" ? this.feeOf(payment) : feeMinimum;
    payer.balances[at] -= fee;
    return { id, code, fee };
  }

  /** Moves the amount, if nothing speaks against it; the fee is not taken here. */
  private transfer(payment: Payment, payer: Account, at: number): string {
    const { to, from, coin, amount, reference } = payment;
    const fee = this.feeOf(payment);
    if (payer.balances[at] < fee) {
      return "INSUFFICIENT_BALANCE";
    }
    const mark = reference === undefined ? undefined : `${to}/${coin}/${amount}/${reference}`;
    if (mark !== undefined) {
      const expiry = Number(Buffer.from(reference!, "hex").readBigUInt64LE(0));
      if (expiry < this.height) {
        return "REFERENCE_EXPIRED";
      }
      if (expiry - this.height > this.parameters.referenceHeightsMax) {
        return "REFERENCE_TOO_FAR";
      }
      if (this.references.has(mark)) {
        return "REFERENCE_PAID";
      }
    }
    if (payer.balances[at] - fee < amount) {
      return "INSUFFICIENT_BALANCE";
    }
    const deposit = BigInt(this.parameters.depositAccountTtcUnits);
    const isNew = to !== from && !this.accounts.has(to);
    const ttcLeft = payer.balances[0] - (at === 0 ? fee + amount : 0n);
    if (isNew && ttcLeft < deposit) {
      return "DEPOSIT_UNPAID";
    }
    if (mark !== undefined) {
      this.markPaid(mark, payment);
    }
    if (to !== from) {
      const payee = this.accounts.get(to) ?? { balances: [0n, 0n, 0n], deposit };
      this.accounts.set(to, payee);
      payer.balances[0] -= isNew ? deposit : 0n;
      payer.balances[at] -= amount;
      payee.balances[at] += amount;
    }
    return "OK";
  }

  private mint(payment: Payment, payer: Account): string {
    const { to, coin, amount } = payment;
    const deposit = BigInt(this.parameters.depositAccountTtcUnits);
    const isNew = !this.accounts.has(to);
    const fee = this.feeOf(payment);
    if (payer.balances[0] < fee) {
      return "INSUFFICIENT_BALANCE";
    }
    if (isNew && payer.balances[0] - fee < deposit) {
      return "DEPOSIT_UNPAID";
    }
    const payee = this.accounts.get(to) ?? { balances: [0n, 0n, 0n], deposit };
    this.accounts.set(to, payee);
    payer.balances[0] -= isNew ? deposit : 0n;
    payee.balances[TOKENS.indexOf(coin)] += amount;
    this.supplies[TOKENS.indexOf(coin)] += amount;
    this.writeSupply(coin);
    return "OK";
  }

  /** Puts the supply into the coin's own leaf: kind, symbol and name (a byte of length each), decimals, supply. */
  private writeSupply(coin: Coin): void {
    for (const leaf of this.fixedLeaves) {
      const value = Buffer.from(leaf[1]);
      if (value[0] === LEAF_TOKEN && value.subarray(2, 2 + value[1]).toString() === coin) {
        const name = 2 + value[1];
        value.writeBigUInt64LE(this.supplies[TOKENS.indexOf(coin)], name + 1 + value[name] + 1);
        leaf[1] = value;
      }
    }
  }

  private markPaid(mark: string, { id, reference }: Payment): void {
    if (this.everPaid.has(mark)) {
      throw new Error(`the reference ${mark} is paid twice`);
    }
    this.everPaid.add(mark);
    const expiry = Number(Buffer.from(reference!, "hex").readBigUInt64LE(0));
    this.references.set(mark, { expires: expiry + this.parameters.referenceKeepHeights, paid: this.height, id });
  }

  private expectSupplies(): void {
    const held: [bigint, bigint, bigint] = [0n, 0n, 0n];
    for (const { balances, deposit } of this.accounts.values()) {
      balances.forEach((units, coin) => {
        held[coin] += units;
      });
      held[0] += deposit;
    }
    TOKENS.forEach((coin, at) => {
      if (held[at] !== this.supplies[at]) {
        throw new Error(`after block ${this.height} all hold ${held[at]} ${coin}, of a supply of ${this.supplies[at]}`);
      }
    });
  }

  /** The root of everything, as hex. */
  root(): string {
    const leaves: [Buffer, Uint8Array][] = [...this.fixedLeaves];
    for (const [address, { balances, deposit }] of this.accounts) {
      const value = Buffer.concat([Uint8Array.of(1), ...balances.map(u64), u64(deposit), u32(0), Uint8Array.of(0)]);
      leaves.push([sha256(Uint8Array.of(1), Buffer.from(address, "hex")), value]);
    }
    for (const [name, { next, expires }] of this.lanes) {
      const [address, lane] = name.split("/");
      const key = sha256(Uint8Array.of(3), Buffer.from(address, "hex"), u32(Number(lane)));
      leaves.push([key, Buffer.concat([Uint8Array.of(3), u64(expires), u32(next)])]);
    }
    for (const [name, { expires, paid, id }] of this.references) {
      const [to, coin, amount, reference] = name.split("/");
      const key = sha256(
        Uint8Array.of(4),
        Buffer.from(to, "hex"),
        this.coinBytes[coin as Coin],
        u64(BigInt(amount)),
        Buffer.from(reference, "hex"),
      );
      leaves.push([key, Buffer.concat([Uint8Array.of(4), u64(expires), u64(paid), Buffer.from(id, "hex")])]);
    }
    leaves.sort(([a], [b]) => Buffer.compare(a, b));
    return naiveRoot(leaves).toString("hex");
  }
}
