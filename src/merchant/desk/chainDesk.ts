// The desk's hand on the chain: its purses (accounts whose keys it holds), payments that are made once, and awaited payments. Signed
// bytes are durable before they are sent, and the same bytes go out until their fate is known; new ones are signed only when the old can
// never be committed any more.

import { assert } from "../../base/assert.js";
import { concatBytes, fromHex, toHex, utf8Bytes } from "../../base/bytes.js";
import type { Account } from "../../client/account.js";
import { type Action, burn, mint, transfer } from "../../client/actions.js";
import { buildTransaction } from "../../client/buildTransaction.js";
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
/** How long a payment's reference lives: a desk restored from an older copy can't pay again meanwhile. */
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

/** The reference that an awaited payment of this step must carry. */
export function awaitedReference(stepKey: string, expiryHeight: number): Uint8Array {
  const expiry = new Writer(8).u64(BigInt(expiryHeight)).finish();
  return concatBytes(expiry, sha256(utf8Bytes(`ttchain desk ${stepKey}`)).slice(0, REFERENCE_BYTES - expiry.length));
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
    const total = step.shares.reduce((sum, { units }) => sum + BigInt(units), 0n);
    const makes = step.mint ? [mint(account, { token: step.token, to: account.address, amount: total, issuers })] : [];
    const first = step.shares[0];
    return this.send(key, step.purse, issuers, async (reference) => [
      ...makes,
      ...step.shares.map((share) =>
        transfer(account, {
          to: share.to,
          token: step.token,
          amount: BigInt(share.units),
          ...(share === first ? { reference } : {}),
        }),
      ),
    ]);
  }

  burn(key: string, step: Burn): Promise<string> {
    const { account } = this.purse(step.purse);
    return this.send(key, step.purse, [], async () => [
      burn(account, { token: step.token, amount: BigInt(step.units) }),
    ]);
  }

  private purse(name: string): Purse {
    const purse = this.purses.get(name);
    assert(purse !== undefined, `the order's purse ${name} is one of this desk's`);
    return purse;
  }

  private async takeLane(purse: string): Promise<number> {
    const busy = this.busy.get(purse) ?? new Set();
    this.busy.set(purse, busy);
    for (let lane = LANE_FIRST; lane < LANE_FIRST + LANES; lane++) {
      if (!busy.has(lane)) {
        busy.add(lane);
        return lane;
      }
    }
    throw new NotYet(`all ${LANES} lanes of the purse are in use`);
  }

  /** One transaction of a step: what was signed before is sent on; else it is signed, kept and sent. */
  private async send(
    key: string,
    purse: string,
    cosigners: Account[],
    actionsOf: (reference: Uint8Array) => Promise<Action[]>,
  ): Promise<string> {
    const known = this.rows.get<SentRow>("deskSent", key);
    const busy = this.busy.get(purse) ?? new Set<number>();
    this.busy.set(purse, busy);
    const lane = known?.bytes === undefined ? await this.takeLane(purse) : (known.lane as number);
    busy.add(lane);
    try {
      const row = known?.bytes === undefined ? await this.sign(key, purse, cosigners, lane, known, actionsOf) : known;
      return await this.sendSigned(key, row);
    } finally {
      busy.delete(lane);
    }
  }

  private async sign(
    key: string,
    purse: string,
    cosigners: Account[],
    lane: number,
    known: SentRow | undefined,
    actionsOf: (reference: Uint8Array) => Promise<Action[]>,
  ): Promise<SentRow> {
    const { account } = this.purse(purse);
    const [chain, { sequencePending }] = await Promise.all([
      this.client.chain(),
      this.client.lane(account.address, lane),
    ]);
    const heights = Math.min(REFERENCE_HEIGHTS, chain.parameters.referenceHeightsMax);
    const reference = (known && fromHex(known.reference)) ?? awaitedReference(key, chain.height + heights);
    const actions = await actionsOf(reference);
    const options = { actions, sender: account, lane, sequence: sequencePending };
    const row: SentRow = { reference: toHex(reference), lane };
    try {
      row.bytes = toHex(buildTransaction(chain, [account, ...cosigners], options).bytes);
    } catch (error) {
      throw error instanceof CodedError ? new DeskRefusal("CHAIN_REFUSED", `${error.code}: ${error.message}`) : error;
    }
    this.rows.put("deskSent", key, row);
    await this.rows.durable();
    return row;
  }

  private async sendSigned(key: string, row: SentRow): Promise<string> {
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
    if (outcome.state === "committed") {
      return toHex(body.id);
    }
    // These bytes can never be committed any more, so that others may be signed.
    const { bytes: _, lane: __, ...rest } = row;
    this.rows.put("deskSent", key, rest);
    await this.rows.durable();
    if (outcome.state === "expired" || outcome.code === "SEQUENCE_USED" || outcome.code === "SEQUENCE_GAP") {
      throw new NotYet(`the transaction was ${outcome.state} (${outcome.code})`);
    }
    throw new DeskRefusal("CHAIN_REFUSED", [outcome.code, outcome.message].filter(Boolean).join(": "));
  }
}
