// The desk's hand on the chain: its purses (accounts whose keys it holds), payments that are made once, and awaited payments. Signed
// bytes are durable before they are sent, and the same bytes go out until their fate is known; new ones are signed only when the old can
// never be committed any more.

import { assert } from "../../base/assert.js";
import { concatBytes, fromHex, toHex, utf8Bytes } from "../../base/bytes.js";
import type { Account } from "../../client/account.js";
import { type Action, burn, mint, transfer } from "../../client/actions.js";
import { buildTransaction, type ChainView } from "../../client/buildTransaction.js";
import type { TTChainClient } from "../../client/client.js";
import { type Outcome, OutcomeUnknownError, sendTransaction } from "../../client/sendTransaction.js";
import { CodedError } from "../../protocol/errors.js";
import { NATIVE_TOKENS, type NativeToken, type TokenId } from "../../protocol/tokens.js";
import { decodeTransaction } from "../../protocol/transaction.js";
import { Writer } from "../../protocol/wire.js";
import { sha256 } from "../../wasm/crypto.js";
import type { MerchantRows } from "../rows/merchantRows.js";
import { DeskRefusal, NotYet, type Step } from "./order.js";

type Pay = Extract<Step, { kind: "pay" }>;
type Burn = Extract<Step, { kind: "burn" }>;
type Await = Extract<Step, { kind: "await" }>;

export interface Purse {
  account: Account;
  /** Further issuers that a mint from this purse needs. */
  issuers?: Account[];
}

export type DeskClient = Pick<
  TTChainClient,
  "chain" | "lane" | "submit" | "transaction" | "reference" | "account" | "status"
>;

/** Lanes of a purse that the desk pays on, so that payments don't wait for each other. */
const LANE_FIRST = 0x4445534b;
const LANES = 64;
/** How long a payment's reference lives at the most, and at the least half as long: a desk restored from an older copy can't pay again meanwhile. */
const REFERENCE_HEIGHTS = 1_000_000;
const SEND_TIMEOUT_MS = 30_000;
const REFERENCE_BYTES = 32;

interface SentRow {
  /** Hex. */
  reference: string;
  lane?: number;
  /** Signed bytes under way, hex. */
  bytes?: string;
}

function referenceOf(row: SentRow): Uint8Array {
  const reference = fromHex(row.reference);
  assert(reference?.length === REFERENCE_BYTES, "a reference is kept as hex");
  return reference;
}

/** One transaction of a purse. */
interface Sending {
  purse: string;
  cosigners: Account[];
  actions: (reference: Uint8Array) => Action[];
  /** The transaction that has paid this reference, where the chain says that one has. */
  paidBy?: (reference: Uint8Array) => Promise<string | undefined>;
}

/** The reference that an awaited payment of this step must carry. */
export function awaitedReference(stepKey: string, expiryHeight: number): Uint8Array {
  const expiry = new Writer(8).u64(BigInt(expiryHeight)).finish();
  return concatBytes(expiry, sha256(utf8Bytes(`ttchain desk ${stepKey}`)).slice(0, REFERENCE_BYTES - expiry.length));
}

/**
 * The references that a purse's payment of this key can have at a height, the one to use first. They follow from purse, key, and the half-life
 * that the height lies in, so that a desk that has lost its rows finds what it paid in this half-life or the one before. Another desk
 * may use the same keys, and has other purses.
 */
function paymentReferences(
  { account }: Purse,
  key: string,
  { height, parameters }: ChainView,
): [Uint8Array, Uint8Array] {
  const half = Math.max(1, Math.floor(Math.min(REFERENCE_HEIGHTS, parameters.referenceHeightsMax) / 2));
  const present = Math.floor(height / half);
  const name = `${account.addressText} ${key}`;
  return [awaitedReference(name, (present + 2) * half), awaitedReference(name, (present + 1) * half)];
}

export class ChainDesk {
  /** Lanes in use, by purse. */
  private readonly busy = new Map<string, Set<number>>();

  constructor(
    private readonly client: DeskClient,
    readonly purses: ReadonlyMap<string, Purse>,
    private readonly rows: MerchantRows,
  ) {}

  address(purse: string): string {
    return this.purse(purse).account.addressText;
  }

  async balance(purse: string, token: TokenId): Promise<bigint> {
    const state = await this.client.account(this.purse(purse).account.address);
    return NATIVE_TOKENS.includes(token as NativeToken)
      ? state.balances[token as NativeToken]
      : (state.tokens.find((entry) => entry.token === token)?.amount ?? 0n);
  }

  /** The payment that the step waits for. Throws NotYet while it can still come, DeskRefusal UNPAID when it never can. */
  async awaited(stepKey: string, step: Await): Promise<{ id: string; payer: string }> {
    // The height is read first: a payment at that height or below is then certainly seen.
    const { height } = await this.client.status();
    const reference = awaitedReference(stepKey, step.expiryHeight);
    const payment = { payee: this.address(step.purse), token: step.token, amount: BigInt(step.units), reference };
    const found = await this.client.reference(payment);
    if (found.state !== "paid" || found.transactionId === undefined) {
      throw height >= step.expiryHeight ? new DeskRefusal("UNPAID") : new NotYet("nobody has paid yet");
    }
    const { transaction } = await this.client.transaction(found.transactionId);
    const operations = (transaction?.operations ?? []) as Record<string, unknown>[];
    const payer = operations.find((operation) => operation.reference === toHex(reference))?.account;
    if (typeof payer !== "string") {
      throw new NotYet("the node's history has not reached the payment yet");
    }
    return { id: found.transactionId, payer };
  }

  /** Pays all shares in one transaction; gives its id. Throws DeskRefusal CHAIN_REFUSED where it is certain that nothing was paid. */
  pay(key: string, step: Pay): Promise<string> {
    const { account, issuers = [] } = this.purse(step.purse);
    const [first] = step.shares;
    const total = step.shares.reduce((sum, { units }) => sum + BigInt(units), 0n);
    const makes = step.mint ? [mint(account, { token: step.token, to: account.address, amount: total, issuers })] : [];
    return this.send(key, {
      purse: step.purse,
      cosigners: issuers,
      actions: (reference) => [
        ...makes,
        ...step.shares.map((share) =>
          transfer(account, {
            to: share.to,
            token: step.token,
            amount: BigInt(share.units),
            ...(share === first ? { reference } : {}),
          }),
        ),
      ],
      paidBy: async (reference) => {
        const payment = { payee: first.to, token: step.token, amount: BigInt(first.units), reference };
        const { state, transactionId } = await this.client.reference(payment);
        if (state === "paid" && transactionId === undefined) {
          throw new NotYet("the node's history has not reached the payment yet");
        }
        return transactionId;
      },
    });
  }

  burn(key: string, step: Burn): Promise<string> {
    const { account } = this.purse(step.purse);
    const amount = BigInt(step.units);
    return this.send(key, {
      purse: step.purse,
      cosigners: [],
      actions: () => [burn(account, { token: step.token, amount })],
    });
  }

  private purse(name: string): Purse {
    const purse = this.purses.get(name);
    assert(purse !== undefined, `the order's purse ${name} is one of this desk's`);
    return purse;
  }

  private lanesOf(purse: string): Set<number> {
    const busy = this.busy.get(purse) ?? new Set();
    this.busy.set(purse, busy);
    return busy;
  }

  private freeLane(purse: string): number {
    const busy = this.lanesOf(purse);
    for (let lane = LANE_FIRST; lane < LANE_FIRST + LANES; lane++) {
      if (!busy.has(lane)) {
        return lane;
      }
    }
    throw new NotYet(`all ${LANES} lanes of the purse are in use`);
  }

  /** One transaction of a step: what was signed before is sent on; else it is signed, kept and sent. */
  private async send(key: string, sending: Sending): Promise<string> {
    const known = this.rows.get<SentRow>("deskSent", key);
    const paidId = known === undefined ? await this.paidBefore(key, sending) : undefined;
    if (paidId !== undefined) {
      return paidId;
    }
    const lane = known?.lane ?? this.freeLane(sending.purse);
    const busy = this.lanesOf(sending.purse);
    busy.add(lane);
    let isUnderWay = false;
    try {
      const isFresh = known?.bytes === undefined;
      const row = isFresh ? await this.sign(key, sending, lane, known) : known;
      isUnderWay = true;
      const id = await this.sendSigned(key, row, isFresh, sending);
      isUnderWay = false;
      return id;
    } finally {
      // The lane stays taken while bytes on it may still be committed: others would use their number.
      if (!isUnderWay || this.rows.get<SentRow>("deskSent", key)?.bytes === undefined) {
        busy.delete(lane);
      }
    }
  }

  /** The transaction that paid this in a life of which no row is left. */
  private async paidBefore(key: string, { purse, paidBy }: Sending): Promise<string | undefined> {
    if (paidBy === undefined) {
      return undefined;
    }
    for (const reference of paymentReferences(this.purse(purse), key, await this.client.chain())) {
      const id = await paidBy(reference);
      if (id !== undefined) {
        return id;
      }
    }
    return undefined;
  }

  private async sign(key: string, sending: Sending, lane: number, known: SentRow | undefined): Promise<SentRow> {
    const purse = this.purse(sending.purse);
    const { account } = purse;
    const [chain, { sequencePending }] = await Promise.all([
      this.client.chain(),
      this.client.lane(account.address, lane),
    ]);
    const reference = known === undefined ? paymentReferences(purse, key, chain)[0] : referenceOf(known);
    const options = { actions: sending.actions(reference), sender: account, lane, sequence: sequencePending };
    const row: SentRow = { reference: toHex(reference), lane };
    try {
      row.bytes = toHex(buildTransaction(chain, [account, ...sending.cosigners], options).bytes);
    } catch (error) {
      throw error instanceof CodedError ? new DeskRefusal("CHAIN_REFUSED", `${error.code}: ${error.message}`) : error;
    }
    this.rows.put("deskSent", key, row);
    await this.rows.durable();
    return row;
  }

  private async sendSigned(key: string, row: SentRow, isFresh: boolean, { paidBy }: Sending): Promise<string> {
    const bytes = fromHex(row.bytes ?? "");
    assert(bytes !== undefined && bytes.length > 0, "signed bytes are kept as hex");
    const body = decodeTransaction(bytes);
    let outcome: Outcome;
    try {
      const signed = { id: body.id, bytes, validUntil: body.validUntil, body };
      outcome = await sendTransaction(this.client as TTChainClient, signed, { timeoutMs: SEND_TIMEOUT_MS });
    } catch (error) {
      throw error instanceof OutcomeUnknownError ? new NotYet(error.message) : error;
    }
    const { state, code, message } = outcome;
    if (state === "committed") {
      return toHex(body.id);
    }
    if (state === "refused" && !isFresh) {
      // These bytes went out before, and a node may refuse them because it took them then: their fate is certain once they expire.
      throw new NotYet(`the transaction that was sent before is refused now (${code})`);
    }
    // A desk that was restored from an older copy pays again what it had paid, and the chain says so.
    const paidId = code === "REFERENCE_PAID" ? await paidBy?.(referenceOf(row)) : undefined;
    if (paidId !== undefined) {
      return paidId;
    }
    // These bytes can never be committed any more, so that others may be signed.
    this.rows.put("deskSent", key, { reference: row.reference } satisfies SentRow);
    await this.rows.durable();
    if (state === "expired" || code === "SEQUENCE_USED" || code === "SEQUENCE_GAP") {
      throw new NotYet(`the transaction was ${state} (${code})`);
    }
    throw new DeskRefusal("CHAIN_REFUSED", [code, message].filter(Boolean).join(": "));
  }
}
