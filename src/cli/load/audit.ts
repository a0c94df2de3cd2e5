// After the load: does the chain hold exactly what it told the fleet? Every check compares the chain with what the plan and the
// told outcomes make it to be; a list of findings that is empty is the only good answer.

import { toHex } from "../../base/bytes.js";
import { formatAmount } from "../../client/amounts.js";
import type { TTChainClient } from "../../client/client.js";
import { NATIVE_FACES } from "../../protocol/genesis.js";
import { NATIVE_TOKENS, type NativeToken, nativeIndex } from "../../protocol/tokens.js";
import { type ItemContext, itemChanges, itemFees } from "./itemTransaction.js";
import { type BlockScan, scanBlocks } from "./scanBlocks.js";
import type { SignedItems } from "./signedItems.js";
import { FEE_ACCOUNTS, type Snapshot, takeSnapshot, totalHeld } from "./snapshot.js";
import { readTokenBalances, TOKEN_START_UNITS } from "./tokenContract.js";
import type { Tracker } from "./tracker.js";

export interface AuditContext {
  client: TTChainClient;
  items: ItemContext;
  signed: SignedItems;
  tracker: Tracker;
  before: Snapshot;
  /** Whether nobody else uses the chain: then all of its coins can be counted. */
  ownChain: boolean;
  /** How many committed transactions are asked for by id. */
  verifyIds: number;
}

export interface AuditReport {
  passed: boolean;
  /** What was checked, and over how many. */
  checked: Record<string, number>;
  /** What does not add up; at most 20 of each kind. */
  findings: string[];
}

const FINDINGS_MAX = 20;

class Audit {
  readonly checked: Record<string, number> = {};
  readonly findings: string[] = [];
  private readonly perCheck = new Map<string, number>();

  constructor(private readonly context: AuditContext) {}

  private check(name: string, holds: boolean, finding: () => string): void {
    this.checked[name] = (this.checked[name] ?? 0) + 1;
    if (!holds) {
      const count = (this.perCheck.get(name) ?? 0) + 1;
      this.perCheck.set(name, count);
      if (count <= FINDINGS_MAX) {
        this.findings.push(`${name}: ${finding()}`);
      }
    }
  }

  private *sentItems(): Generator<{ index: number; id: string }> {
    for (const item of this.context.items.plan.items) {
      if (item.kind !== "duplicate" && this.context.tracker.wasSent(item.index)) {
        yield { index: item.index, id: toHex(this.context.signed.get(item.index).id) };
      }
    }
  }

  /** Whatever the node once accepted has ended, one way or another. */
  nothingLost(): void {
    const { tracker } = this.context;
    for (const violation of tracker.violations) {
      this.check("nothing is told twice differently", false, () => violation);
    }
    for (const { index, id } of this.sentItems()) {
      if (tracker.wasAccepted(index)) {
        const isDefinite = tracker.isFinal(index);
        this.check("every accepted transaction has ended", isDefinite, () => `${id} is ${tracker.state(index)}`);
      }
    }
  }

  /** Every block's content against what was told. */
  blocks(scan: BlockScan): void {
    const { tracker } = this.context;
    this.check("no transaction stands in two places", scan.repeated.length === 0, () => scan.repeated.join(", "));
    for (const { index, id } of this.sentItems()) {
      const state = tracker.state(index);
      const inBlock = scan.found.get(id);
      const told = state === "committed" || state === "failed" ? tracker.code(index) : "absent";
      const stands = inBlock?.code ?? "absent";
      this.check(
        "the blocks hold what was told",
        told === stands,
        () => `${id} was told ${state} (${told}), and is ${stands}`,
      );
    }
  }

  /** A sample of the committed ones, spread over the run, must be found by id. */
  async byId(): Promise<void> {
    const { tracker, client, verifyIds } = this.context;
    const committed = [...this.sentItems()].filter(({ index }) => tracker.state(index) === "committed");
    const step = Math.max(1, Math.ceil(committed.length / Math.max(1, verifyIds)));
    for (let i = 0; i < committed.length && verifyIds > 0; i += step) {
      const { id } = committed[i];
      const { state } = await client.transaction(id);
      this.check("a committed transaction is found by its id", state === "committed", () => `${id} is ${state}`);
    }
  }

  /** No reference was paid twice. */
  references(): void {
    const { tracker, items } = this.context;
    const paid = new Map<number, number>();
    for (const item of items.plan.items) {
      if (item.reference >= 0 && item.kind !== "duplicate" && tracker.state(item.index) === "committed") {
        paid.set(item.reference, (paid.get(item.reference) ?? 0) + 1);
      }
    }
    for (const [reference, times] of paid) {
      this.check("no reference is paid twice", times === 1, () => `reference ${reference} was paid ${times} times`);
    }
  }

  /** Every account holds what it held before and what the outcomes did to it. */
  balances(after: Snapshot, scan: BlockScan): bigint[] {
    const { tracker, items, before } = this.context;
    const fees = [0n, 0n, 0n];
    const changes = items.accounts.map(() => [0n, 0n, 0n]);
    for (const item of items.plan.items) {
      const state = item.kind === "duplicate" ? "planned" : tracker.state(item.index);
      if (state !== "committed" && state !== "failed") {
        continue;
      }
      const { token, fee, feeFailed } = itemFees(items, item);
      if (items.contract !== undefined) {
        // What gas was used only the blocks say; it must lie between nothing and the limit.
        const charged = scan.found.get(toHex(this.context.signed.get(item.index).id))?.fee ?? 0n;
        const isWithin = charged > feeFailed && charged <= fee;
        this.check("gas costs no more than its limit", isWithin, () => `${charged} of at most ${fee}`);
        changes[item.sender][nativeIndex(token)] -= charged;
        fees[nativeIndex(token)] += charged;
        continue;
      }
      for (const { account, token: moved, delta } of itemChanges(items, item, state)) {
        // Accounts that are only paid are too many to be read one by one; what they got, others paid.
        if (account < changes.length) {
          changes[account][nativeIndex(moved)] += delta;
        }
      }
      fees[nativeIndex(token)] += state === "committed" ? fee : feeFailed;
    }
    for (const [place, account] of items.accounts.entries()) {
      const address = account.addressText;
      for (const [t, token] of NATIVE_TOKENS.entries()) {
        const expected = (before.accounts.get(address)?.balances[token] ?? 0n) + changes[place][t];
        const held = after.accounts.get(address)?.balances[token] ?? 0n;
        this.check(
          "every balance is what the outcomes make it",
          held === expected,
          () => `${address} holds ${show(held, token)}, expected ${show(expected, token)}`,
        );
      }
    }
    return fees;
  }

  /** Every account's coins of the token contract are what it began with and what the committed transfers moved. */
  async contractBalances(): Promise<void> {
    const { client, items, tracker } = this.context;
    if (items.contract === undefined) {
      return;
    }
    const expected = items.accounts.map(() => TOKEN_START_UNITS);
    for (const item of items.plan.items) {
      if (item.kind !== "duplicate" && tracker.state(item.index) === "committed") {
        expected[item.sender] -= BigInt(item.amount);
        expected[item.payee] += BigInt(item.amount);
      }
    }
    const addresses = items.accounts.map(({ address }) => address);
    const held = await readTokenBalances(client, items.contract, addresses);
    for (const [place, units] of held.entries()) {
      const finding = () => `${items.accounts[place].addressText} holds ${units}, expected ${expected[place]}`;
      this.check("every balance in the contract is what the transfers make it", units === expected[place], finding);
    }
  }

  /** Every unit of every token is somewhere. */
  conservation(after: Snapshot, fees: bigint[], contractDeposits: bigint): void {
    const { before, ownChain } = this.context;
    for (const [t, token] of NATIVE_TOKENS.entries()) {
      const collected = feesHeld(after, token) - feesHeld(before, token);
      const isRight = ownChain ? collected === fees[t] : collected >= fees[t];
      this.check(
        "the fee pool got the fees",
        isRight,
        () => `got ${show(collected, token)}, expected ${show(fees[t], token)}`,
      );
      if (ownChain) {
        const [minted, held] = [after.supplies[token] - before.supplies[token], totalHeld(after, token)];
        const all = held + (token === "TTC" ? contractDeposits : 0n);
        this.check(
          "every unit is accounted for",
          held === totalHeld(before, token) + minted,
          () =>
            `${show(totalHeld(before, token), token)} before, ${show(minted, token)} minted, ${show(held, token)} after`,
        );
        this.check(
          "the accounts hold the whole supply",
          all === after.supplies[token],
          () => `${show(all, token)} held of ${show(after.supplies[token], token)}`,
        );
      }
    }
  }
}

function show(units: bigint, token: NativeToken): string {
  return `${formatAmount(units, NATIVE_FACES[token].decimals)} ${token}`;
}

/** The fees that were collected and that no delegate or voter has claimed. */
function feesHeld(snapshot: Snapshot, token: NativeToken): bigint {
  return FEE_ACCOUNTS.reduce((sum, address) => sum + (snapshot.accounts.get(address)?.balances[token] ?? 0n), 0n);
}

/** TTC units that the contract holds as deposits; nothing where there is none. */
async function depositsOf(client: TTChainClient, contract: Uint8Array | undefined): Promise<bigint> {
  if (contract === undefined) {
    return 0n;
  }
  const { deposit, entryDeposits } = await client.contract(contract);
  return BigInt(deposit) + BigInt(entryDeposits);
}

/** Runs every check; throws only where the node does not answer. */
export async function auditLoad(context: AuditContext, addresses: string[]): Promise<AuditReport> {
  const { client, before, items, signed } = context;
  const audit = new Audit(context);
  const after = await takeSnapshot(client, addresses);
  audit.nothingLost();
  audit.references();
  const wanted = new Set(items.plan.items.map((item) => toHex(signed.get(item.index).id)));
  const scan = await scanBlocks(client, before.height + 1, after.height, wanted);
  audit.conservation(after, audit.balances(after, scan), await depositsOf(client, items.contract));
  await audit.contractBalances();
  audit.blocks(scan);
  await audit.byId();
  return { passed: audit.findings.length === 0, checked: audit.checked, findings: audit.findings };
}
