// Makes what a contract's call changed part of the block's state: transfers through the ledger's own credits and debits, then storage
// with its deposits, then events. Everything here happens in the order of the block's transactions, whoever ran the calls.

import { concatBytes, equalBytes, keyBytes } from "../../base/bytes.js";
import type { ContractEntryLeaf, ContractLeaf } from "../../protocol/contractLeaves.js";
import { EVENT_KINDS } from "../../protocol/receipt.js";
import { tokenBytes } from "../../protocol/tokens.js";
import { Writer } from "../../protocol/wire.js";
import { credit, debit } from "../ledger/balances.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import type { LvmEffects, LvmEvent, LvmStorageWrite, LvmTransfer } from "../lvm/lvmHost.js";
import type { LeafEntry } from "../workingState.js";
import { makeDeployed } from "./makeContract.js";
import { keepRequests } from "./oracleRequests.js";
import { keepSeedAsks } from "./seeds.js";
import { entryDeposit, settleDeposits } from "./storageDeposits.js";

/** Pays and tells of it. Throws as credits and debits do. */
export function moveUnits(context: LedgerContext, { from, to, token, amountUnits }: LvmTransfer): void {
  const payer = context.state.account(keyBytes(from));
  const payee = context.state.account(keyBytes(to));
  if (payer !== payee) {
    debit(context, payer, token, amountUnits);
    credit(context, payee, token, amountUnits);
  }
  const data = concatBytes(payer.address, payee.address, tokenBytes(token), new Writer(8).u64(amountUnits).finish());
  context.events.push({ kind: EVENT_KINDS.contractTransfer, data });
}

/** Puts a new entry at the head of a temporary contract's list. */
function link(context: LedgerContext, contract: ContractLeaf, key: Uint8Array): ContractEntryLeaf["links"] {
  const next = contract.firstEntry;
  if (next !== undefined) {
    const entry = context.state.contractEntryOf(next);
    const leaf = entry.leaf as ContractEntryLeaf;
    context.state.set(entry, { ...leaf, links: { previous: key, next: leaf.links?.next } });
  }
  return { previous: undefined, next };
}

/** Takes an entry out of the list; gives the list's head. */
export function unlink(
  context: LedgerContext,
  contract: ContractLeaf,
  leaf: ContractEntryLeaf,
): Uint8Array | undefined {
  const { previous, next } = leaf.links ?? { previous: undefined, next: undefined };
  if (next !== undefined) {
    const entry = context.state.contractEntryOf(next);
    const after = entry.leaf as ContractEntryLeaf;
    context.state.set(entry, { ...after, links: { previous, next: after.links?.next } });
  }
  if (previous === undefined) {
    return next;
  }
  const entry = context.state.contractEntryOf(previous);
  const before = entry.leaf as ContractEntryLeaf;
  context.state.set(entry, { ...before, links: { previous: before.links?.previous, next } });
  return contract.firstEntry;
}

/** Sums of deposits while effects are applied. */
interface Deposits {
  taken: bigint;
  returned: bigint;
}

function removeEntry(
  context: LedgerContext,
  contract: LeafEntry<ContractLeaf>,
  entry: LeafEntry<ContractEntryLeaf>,
  deposits: Deposits,
): void {
  const { leaf } = entry;
  if (leaf === undefined) {
    return;
  }
  const before = contract.leaf as ContractLeaf;
  const firstEntry = before.permanent ? undefined : unlink(context, before, leaf);
  context.state.set(entry, undefined);
  const counted = { entryCount: before.entryCount - 1, entryDeposits: before.entryDeposits - leaf.deposit };
  context.state.set(contract, withFirst({ ...before, ...counted }, firstEntry));
  deposits.returned += leaf.deposit;
}

function withFirst(leaf: ContractLeaf, firstEntry: Uint8Array | undefined): ContractLeaf {
  const { firstEntry: _, ...rest } = leaf;
  return firstEntry === undefined ? rest : { ...rest, firstEntry };
}

function putEntry(
  context: LedgerContext,
  contract: LeafEntry<ContractLeaf>,
  entry: LeafEntry<ContractEntryLeaf>,
  value: Uint8Array,
  deposits: Deposits,
): void {
  const { leaf } = entry;
  const held = leaf?.deposit ?? 0n;
  const deposit = entryDeposit(context.parameters, value.length);
  if (leaf !== undefined && deposit === held) {
    if (!equalBytes(leaf.value, value)) {
      const { links } = leaf;
      context.state.set(entry, links === undefined ? { deposit, value } : { deposit, value, links });
    }
    return;
  }
  const before = contract.leaf as ContractLeaf;
  const entryDeposits = before.entryDeposits + deposit - held;
  if (leaf !== undefined) {
    const { links } = leaf;
    context.state.set(entry, links === undefined ? { deposit, value } : { deposit, value, links });
    context.state.set(contract, { ...before, entryDeposits });
  } else {
    const links = before.permanent ? {} : { links: link(context, before, entry.key) };
    context.state.set(entry, { value, deposit, ...links });
    const firstEntry = before.permanent ? undefined : entry.key;
    context.state.set(contract, withFirst({ ...before, entryDeposits, entryCount: before.entryCount + 1 }, firstEntry));
  }
  deposits.taken += deposit;
  deposits.returned += held;
}

/** Removes an entry of a contract that is being destroyed; gives what was held for it. */
export function dropEntry(context: LedgerContext, contract: LeafEntry<ContractLeaf>, key: Uint8Array): bigint {
  const deposits: Deposits = { taken: 0n, returned: 0n };
  removeEntry(context, contract, context.state.contractEntryOf(key), deposits);
  return deposits.returned;
}

function applyStorage(context: LedgerContext, writes: readonly LvmStorageWrite[], deposits: Deposits): void {
  for (const { contract, key, value } of writes) {
    const place = context.state.contract(contract);
    const entry = context.state.contractEntry(place, key);
    if (value === undefined) {
      removeEntry(context, place.leaf, entry, deposits);
    } else {
      putEntry(context, place.leaf, entry, value, deposits);
    }
  }
}

function tell(context: LedgerContext, { contract, name, data }: LvmEvent): void {
  const head = new Writer(98).raw(keyBytes(contract)).short(keyBytes(name)).raw(data);
  context.events.push({ kind: EVENT_KINDS.contractEvent, data: head.finish() });
}

/** Throws what credits and debits throw, and DEPOSIT_UNPAID; the caller undoes. */
export function applyEffects(context: LedgerContext, effects: LvmEffects): void {
  for (const transfer of effects.transfers) {
    moveUnits(context, transfer);
  }
  const deposits: Deposits = keepRequests(context, effects.requests);
  for (const deployment of effects.deployments) {
    deposits.taken += makeDeployed(context, deployment);
  }
  keepSeedAsks(context, effects.seedAsks);
  applyStorage(context, effects.storage, deposits);
  settleDeposits(context, deposits.taken, deposits.returned);
  for (const event of effects.events) {
    tell(context, event);
  }
}
