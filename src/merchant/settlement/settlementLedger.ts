// A store's journal out of committed blocks, from the first on, and nothing else. What a block did to the store's holdings is read
// from its write set; what explains it, from its transactions and receipts; and what remains is the chain's own doing. So the journal's sum is
// the store's holding to the unit, after every block.

import { assert } from "../../base/assert.js";
import { bytesKey, equalBytes } from "../../base/bytes.js";
import { blockPayments } from "../../history/payments/blockPayments.js";
import type { Payment } from "../../history/payments/payment.js";
import { type ChainParameters, decodeParameters } from "../../protocol/parameters.js";
import { decodeReceipt, EVENT_KINDS } from "../../protocol/receipt.js";
import { refundReferenceOf, saleFaceOf } from "../../protocol/saleReference.js";
import {
  accountKey,
  balanceKey,
  decodeAccountLeaf,
  decodeBalanceLeaf,
  decodeSystemLeaf,
  systemKey,
} from "../../protocol/stateLeaves.js";
import { NATIVE_TOKENS, nativeIndex, type TokenId } from "../../protocol/tokens.js";
import { Reader } from "../../protocol/wire.js";
import { decodeWriteSet, type StateChange } from "../../protocol/writeSet.js";
import type { CommittedBlock } from "../../storage/committedBlock.js";
import type { Posting, Purpose } from "./posting.js";
import type { SettledStore } from "./settledStore.js";
import { wonWorth } from "./wonWorth.js";

const PARAMETERS_KEY = bytesKey(systemKey("parameters"));
/** A line without what its block gives it. */
type Explained = Omit<Posting, "height" | "timeMs" | "won">;

export interface SettlementOptions {
  store: SettledStore;
  /** The state's leaves at height 0, as genesis gives them. */
  genesis: readonly StateChange[];
  /** Told of every line, in the order of the chain. */
  onPosting: (posting: Posting) => void;
}

export class SettlementLedger {
  private readonly store: SettledStore;
  /** Which token's holding stands in which leaf. */
  private readonly accountKey: string;
  private readonly balanceKeys: ReadonlyMap<string, TokenId>;
  private readonly holdings = new Map<TokenId, bigint>();
  /** References that refunds of sales without a gateway have; a gateway's say themselves that they are refunds. */
  private readonly refundsOf = new Map<string, { till: number; staff: number }>();
  /** Keys that signed for the store: a signer stands in a transaction by the key alone. */
  private readonly keys = new Map<string, Uint8Array>();
  private parameters: ChainParameters | undefined;
  private lastHeight = 0;
  private lastTimeMs = 0;

  constructor(private readonly options: SettlementOptions) {
    const { store, genesis } = options;
    this.store = store;
    this.accountKey = bytesKey(accountKey(store.address));
    const created = [...store.decimals.keys()].filter((token) => nativeIndex(token) < 0);
    this.balanceKeys = new Map(created.map((token) => [bytesKey(balanceKey(store.address, token)), token]));
    for (const { key, value } of genesis) {
      this.take(bytesKey(key), value, this.holdings);
    }
    for (const [token, units] of this.holdings) {
      if (units !== 0n) {
        this.tell(0, 0, { ...NOTHING, purpose: "other", token, units });
      }
    }
  }

  /** The block up to which the journal goes. */
  get height(): number {
    return this.lastHeight;
  }

  /** Its time: what a day holds is final once a block behind the day is there. */
  get timeMs(): number {
    return this.lastTimeMs;
  }

  /** What the store holds of a token now. */
  holding(token: TokenId): bigint {
    return this.holdings.get(token) ?? 0n;
  }

  /** What an amount is worth in won now. */
  worth(token: TokenId, units: bigint): bigint | undefined {
    assert(this.parameters !== undefined, "every state has parameters");
    return wonWorth(this.parameters, token, units);
  }

  /** Takes the next block. */
  apply(block: CommittedBlock): void {
    assert(
      block.height === this.lastHeight + 1,
      `settlement expected block ${this.lastHeight + 1}, got ${block.height}`,
    );
    this.lastHeight = block.height;
    this.lastTimeMs = block.block.header.timeMs;
    const held = new Map<TokenId, bigint>();
    let touched = false;
    for (const { key, value } of decodeWriteSet(block.writeSet)) {
      touched = this.take(bytesKey(key), value, held) || touched;
    }
    if (touched || this.isNamedIn(block)) {
      this.book(block, held);
    }
  }

  /** A write set leaves out what ends as it was: a block that gave the store as much as it took names it in its bytes. */
  private isNamedIn({ block, receipts }: CommittedBlock): boolean {
    const names = [this.store.address, ...this.keys.values()].map((name) => Buffer.from(name));
    const holds = (bytes: Uint8Array): boolean => {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return names.some((name) => buffer.includes(name));
    };
    return block.transactions.some(holds) || receipts.some(holds);
  }

  /** Notes a leaf's new value where it is one of the store's, or the parameters. True where it is the store's. */
  private take(key: string, value: Uint8Array | undefined, held: Map<TokenId, bigint>): boolean {
    if (key === PARAMETERS_KEY && value !== undefined) {
      this.parameters = decodeParameters(decodeSystemLeaf(value));
      return false;
    }
    if (key === this.accountKey) {
      const balances = value === undefined ? [0n, 0n, 0n] : decodeAccountLeaf(value).balances;
      for (const [index, token] of NATIVE_TOKENS.entries()) {
        held.set(token, balances[index]);
      }
      return true;
    }
    const token = this.balanceKeys.get(key);
    if (token !== undefined) {
      held.set(token, value === undefined ? 0n : decodeBalanceLeaf(value).amount);
    }
    return token !== undefined;
  }

  private book(block: CommittedBlock, held: ReadonlyMap<TokenId, bigint>): void {
    const explained = this.explain(block);
    const changes = new Map<TokenId, bigint>();
    for (const [token, units] of held) {
      changes.set(token, units - this.holding(token));
      this.holdings.set(token, units);
    }
    for (const line of explained) {
      // What is counted in a token that the store doesn't name is not the journal's.
      if (this.store.decimals.has(line.token)) {
        changes.set(line.token, (changes.get(line.token) ?? 0n) - line.units);
        this.tell(block.height, block.block.header.timeMs, line);
      }
    }
    for (const [token, units] of changes) {
      if (units !== 0n) {
        this.tell(block.height, block.block.header.timeMs, { ...NOTHING, purpose: "other", token, units });
      }
    }
  }

  private tell(height: number, timeMs: number, line: Explained): void {
    const { units, token } = line;
    const worth = this.worth(token, units < 0n ? -units : units);
    const won = worth === undefined ? undefined : units < 0n ? -worth : worth;
    this.options.onPosting({ height, timeMs, ...line, won });
  }

  /** What the block's transactions say about the store's holdings. */
  private explain(block: CommittedBlock): Explained[] {
    const { address } = this.store;
    const lines: Explained[] = [];
    for (const payment of blockPayments(block)) {
      if (payment.code === 0) {
        lines.push(...this.linesOf(payment));
      }
    }
    for (const [index, { signers, feePayer, feeToken, id }] of block.transactions.entries()) {
      for (const signer of signers) {
        if (equalBytes(signer.address, address)) {
          this.keys.set(bytesKey(signer.publicKey), signer.publicKey);
        }
      }
      const payer = signers[feePayer].address;
      const isPayer = equalBytes(payer, address);
      const receipt = decodeReceipt(block.receipts[index]);
      if (isPayer && receipt.fee > 0n) {
        lines.push({ ...NOTHING, index, id, purpose: "fee", token: feeToken, units: -receipt.fee });
      }
      let deposits = 0n;
      for (const { kind, data } of receipt.events) {
        deposits += depositOf(kind, data, address, isPayer);
      }
      if (deposits !== 0n) {
        lines.push({ ...NOTHING, index, id, purpose: "deposit", token: "TTC", units: deposits });
      }
    }
    return lines;
  }

  private linesOf(payment: Payment): Explained[] {
    const { from, to, token, amount, kind, index, id, reference } = payment;
    const { address } = this.store;
    const gives = equalBytes(from, address) && kind !== "mint";
    const gets = to !== undefined && equalBytes(to, address);
    // Who pays himself moves nothing.
    if (gives === gets) {
      return [];
    }
    const face = this.faceOf(payment, gives);
    const counterparty = gives ? to : from;
    const units = gives ? -amount : amount;
    return [{ index, id, token, units, counterparty, reference, ...face }];
  }

  /** What a payment was for, and who was at which till. */
  private faceOf(
    { kind, token, reference, lane }: Payment,
    gives: boolean,
  ): Pick<Posting, "purpose" | "till" | "staff"> {
    const nobody = { till: 0, staff: 0 };
    if (kind !== "transfer") {
      const purpose: Purpose = kind === "contractTransfer" ? "contract" : kind === "mint" ? "issued" : "burned";
      return { purpose, ...nobody };
    }
    const isMileage = token === this.store.mileageToken;
    const face = reference === undefined ? undefined : this.namedFace(reference);
    if (!gives) {
      if (reference === undefined) {
        return { purpose: "unreferenced", ...nobody };
      }
      const seller = face?.purpose === "sale" ? { till: face.till, staff: face.staff } : nobody;
      if (face?.purpose !== "sale") {
        this.refundsOf.set(bytesKey(refundReferenceOf(reference)), seller);
      }
      return { purpose: isMileage ? "mileageRedeemed" : "sale", ...seller };
    }
    const refunded = reference === undefined ? undefined : this.refundsOf.get(bytesKey(reference));
    if (refunded !== undefined || face?.purpose === "refund") {
      return {
        purpose: isMileage ? "mileageRedeemed" : "refund",
        till: face?.till || lane || refunded?.till || 0,
        staff: face?.staff || refunded?.staff || 0,
      };
    }
    const till = this.store.tills.has(lane) ? lane : 0;
    return { purpose: isMileage ? "mileageGiven" : "paidOut", till, staff: 0 };
  }

  /** Till and staff of a reference, as far as the store has them. */
  private namedFace(reference: Uint8Array): ReturnType<typeof saleFaceOf> {
    const face = saleFaceOf(reference);
    const { tills, staff } = this.store;
    const isNamed = face.purpose !== undefined && (face.till === 0 || tills.has(face.till));
    return {
      purpose: isNamed ? face.purpose : undefined,
      till: isNamed ? face.till : 0,
      staff: isNamed && staff.has(face.staff) ? face.staff : 0,
    };
  }
}

const NOTHING = {
  index: undefined,
  id: undefined,
  till: 0,
  staff: 0,
  counterparty: undefined,
  reference: undefined,
} as const;

/** What an event of a transaction did to the holding of TTC by deposits. */
function depositOf(kind: number, data: Uint8Array, address: Uint8Array, isPayer: boolean): bigint {
  const reader = new Reader(data);
  if (kind === EVENT_KINDS.storageDeposit) {
    return isPayer ? reader.u64() * -1n + reader.u64() : 0n;
  }
  if (kind === EVENT_KINDS.depositTaken) {
    reader.raw(32);
    return isPayer ? -reader.u64() : 0n;
  }
  if (kind === EVENT_KINDS.depositReturned && equalBytes(reader.raw(32), address)) {
    return reader.u64();
  }
  return 0n;
}
