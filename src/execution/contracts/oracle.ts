// Outside data: contracts ask, delegates answer by transactions, and the median of the answers of more than two thirds of the delegates'
// power is what a callback gets in a later block, or what a token's quote becomes. Only transactions carry data in.

import { assert } from "../../base/assert.js";
import { bytesKey, concatBytes, equalBytes } from "../../base/bytes.js";
import type { Delegate } from "../../protocol/delegates.js";
import type { ErrorCode } from "../../protocol/errors.js";
import { EVENTS_MAX } from "../../protocol/limits.js";
import { encodeLvmValues } from "../../protocol/lvmValue.js";
import type { AnswerOracle, DeliverOracle, PriceOracle } from "../../protocol/operations/operation.js";
import {
  DELEGATE_NAME_BYTES,
  decodeOraclePrice,
  encodeOraclePrice,
  type OracleRequestLeaf,
  oraclePriceKey,
  PRICE_ANSWERS_MAX,
  type PriceAnswer,
} from "../../protocol/oracleLeaves.js";
import type { Quote } from "../../protocol/parameters.js";
import { EVENT_KINDS } from "../../protocol/receipt.js";
import type { AccountLeaf } from "../../protocol/stateLeaves.js";
import { Writer } from "../../protocol/wire.js";
import { addUnits, withBalance } from "../ledger/balances.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail, LedgerFailure } from "../ledger/ledgerFailure.js";
import type { LvmEffects } from "../lvm/lvmHost.js";
import { ORACLE_ADDRESS } from "../lvm/oracleApi.js";
import { delegatesEntry, parametersEntry } from "../rdpos/delegateEntries.js";
import { delegateKeyOf } from "../rdpos/delegateKeyOf.js";
import type { LeafCodec, LeafEntry } from "../workingState.js";
import { applyEffects } from "./applyEffects.js";
import { usageOf } from "./contractUsage.js";
import { requestEntry } from "./oracleRequests.js";
import { contractCall, messageBytes } from "./runContract.js";

/** A price older than this says nothing any more. */
const PRICE_HEIGHTS_MAX = 1_000;
/** A request that nobody answers is delivered as nil from so many heights on. */
const REQUEST_HEIGHTS_MAX = 1_000;
const priceCodec: LeafCodec<PriceAnswer[]> = { encode: encodeOraclePrice, decode: decodeOraclePrice };

function delegatesOf(context: LedgerContext): Delegate[] {
  const { leaf } = delegatesEntry(context.state);
  assert(leaf !== undefined, "every state has delegates");
  return leaf;
}

function nameOf(publicKey: Uint8Array): Uint8Array {
  return publicKey.slice(0, DELEGATE_NAME_BYTES);
}

/** The name of the delegate that the operation's account is. Throws NOT_AUTHORIZED where it is none. */
function expectDelegate(context: LedgerContext, account: number): Uint8Array {
  const publicKey = delegateKeyOf(context, account);
  return publicKey === undefined ? fail("NOT_AUTHORIZED") : nameOf(publicKey);
}

/** The answers of present delegates: those of earlier rounds count no more, and would outgrow a leaf. */
function ofDelegates<T extends { delegate: Uint8Array }>(context: LedgerContext, answers: readonly T[]): T[] {
  const names = new Set(delegatesOf(context).map(({ publicKey }) => bytesKey(nameOf(publicKey))));
  return answers.filter(({ delegate }) => names.has(bytesKey(delegate)));
}

/** Whether those who answered hold more than two thirds of the power, and which answers are of delegates at all. */
function quorum<T extends { delegate: Uint8Array }>(context: LedgerContext, answers: T[]): T[] | undefined {
  const powers = new Map(delegatesOf(context).map(({ publicKey, power }) => [bytesKey(nameOf(publicKey)), power]));
  const valid = answers.filter(({ delegate }) => powers.has(bytesKey(delegate)));
  const total = [...powers.values()].reduce((sum, power) => sum + power, 0);
  const answered = valid.reduce((sum, { delegate }) => sum + (powers.get(bytesKey(delegate)) ?? 0), 0);
  return answered * 3 > total * 2 ? valid : undefined;
}

/** The lower middle one of the sorted answers. */
function medianOf<T>(answers: T[], compare: (a: T, b: T) => number): T {
  return answers.toSorted(compare)[(answers.length - 1) >> 1];
}

function withAnswer<T extends { delegate: Uint8Array }>(answers: T[], answer: T): T[] {
  return [...answers.filter(({ delegate }) => !equalBytes(delegate, answer.delegate)), answer];
}

function openRequest(
  context: LedgerContext,
  key: Uint8Array,
): { entry: LeafEntry<OracleRequestLeaf>; leaf: OracleRequestLeaf } {
  const entry = requestEntry(context.state, key);
  const { leaf } = entry;
  return leaf === undefined ? fail("UNKNOWN_REQUEST") : { entry, leaf };
}

/** Answer: a delegate's word on a request; a later one takes the place of its earlier one. */
export function executeAnswerOracle(context: LedgerContext, operation: AnswerOracle): void {
  const delegate = expectDelegate(context, operation.account);
  const { entry, leaf } = openRequest(context, operation.request);
  const answers = ofDelegates(context, withAnswer(leaf.answers, { delegate, value: operation.value }));
  context.state.set(entry, { ...leaf, answers });
}

/** Gives the deposit of a request that is over to the contract, which has an account or gets one with it. */
function returnDeposit(context: LedgerContext, contract: Uint8Array, deposit: bigint): void {
  const account = context.state.account(contract);
  const leaf: AccountLeaf = account.leaf ?? { balances: [0n, 0n, 0n], deposit: 0n, tokenCount: 0 };
  context.state.set(account, withBalance(leaf, 0, addUnits(leaf.balances[0], deposit)));
  context.events.push({ kind: EVENT_KINDS.storageDeposit, data: new Writer(16).u64(0n).u64(deposit).finish() });
}

/** Applies what a callback changed, at the contract's expense; where that fails nothing of it stays, and its code is given. */
function tryEffects(context: LedgerContext, contract: Uint8Array, effects: LvmEffects): ErrorCode | undefined {
  const { state, events } = context;
  const mark = state.mark();
  const told = events.length;
  try {
    applyEffects({ ...context, feePayer: state.account(contract) }, effects);
    if (events.length >= EVENTS_MAX) {
      fail("RECEIPT_FULL");
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof LedgerFailure)) {
      throw error;
    }
    state.undo(mark);
    events.length = told;
    return error.code;
  }
}

/**
 * Deliver: calls the contract back with the median, or with nil where too few answered for too long. Whatever the callback does, the
 * request is over; its storage is paid for by the contract.
 */
export function executeDeliverOracle(context: LedgerContext, operation: DeliverOracle, operationIndex: number): void {
  const usage = usageOf(context);
  const { entry, leaf } = openRequest(context, operation.request);
  const answers = quorum(context, leaf.answers);
  const isLate = context.height > leaf.height + REQUEST_HEIGHTS_MAX;
  if (context.height <= leaf.height || (answers === undefined && !isLate) || operation.callbackGas < leaf.gas) {
    fail("UNKNOWN_REQUEST");
  }
  const order = (a: { value: bigint }, b: { value: bigint }) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0);
  const value = answers === undefined ? null : medianOf(answers, order).value;
  context.state.set(entry, undefined);
  returnDeposit(context, leaf.contract, leaf.deposit);
  const addresses = { origin: ORACLE_ADDRESS, feePayer: leaf.contract, contract: leaf.contract };
  const run = { functionName: leaf.callback, args: encodeLvmValues([leaf.key, value]), gasLimit: leaf.gas };
  const result = usage.run(contractCall(context, addresses, run), operationIndex);
  usage.callGas += result.gasUsed;
  const head = new Writer(9).u8(operationIndex).u32(result.gasUsed);
  const refused = result.code === "LVM_OK" ? tryEffects(context, leaf.contract, result.effects) : result.code;
  if (refused === undefined) {
    context.events.push({ kind: EVENT_KINDS.contractResult, data: head.finish() });
    return;
  }
  const message = `${refused}: ${result.error?.message ?? ""}`;
  const data = concatBytes(head.u32(result.error?.line ?? 0).finish(), messageBytes(message));
  context.events.push({ kind: EVENT_KINDS.contractFailure, data });
}

/**
 * Price: a delegate's word on a token; with enough of them the token's quote is their median, from the next block on. Only tokens that have
 * a quote get a leaf, which nobody pays a deposit for: there are as few as the parameters name, and a token's issuer can't print its fees.
 */
export function executePriceOracle(context: LedgerContext, operation: PriceOracle): void {
  const delegate = expectDelegate(context, operation.account);
  const { token, units, ttcUnits } = operation;
  const parameters = parametersEntry(context.state);
  const { quotes } = parameters.leaf ?? context.parameters;
  if (quotes.every((quote) => quote.token !== token)) {
    fail("NO_QUOTE");
  }
  const entry = context.state.entry(oraclePriceKey(token), priceCodec);
  const fresh = (entry.leaf ?? []).filter(({ height }) => height + PRICE_HEIGHTS_MAX >= context.height);
  const said = withAnswer(fresh, { delegate, units, ttcUnits, height: context.height });
  const answers = ofDelegates(context, said).slice(-PRICE_ANSWERS_MAX);
  context.state.set(entry, answers);
  const valid = quorum(context, answers);
  if (valid === undefined) {
    return;
  }
  const median = medianOf(valid, (a, b) => {
    const [left, right] = [a.ttcUnits * b.units, b.ttcUnits * a.units];
    return left < right ? -1 : left > right ? 1 : 0;
  });
  const quote: Quote = { token, units: median.units, ttcUnits: median.ttcUnits };
  context.state.set(parameters, {
    ...(parameters.leaf ?? context.parameters),
    quotes: quotes.map((other) => (other.token === token ? quote : other)),
  });
}
