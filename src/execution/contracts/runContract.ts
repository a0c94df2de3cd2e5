// One call of a contract within a transaction: run, charged, its effects applied, its end told.

import { bytesKey, concatBytes, utf8Bytes } from "../../base/bytes.js";
import type { ErrorCode } from "../../protocol/errors.js";
import { gasCost } from "../../protocol/fees.js";
import { EVENT_KINDS } from "../../protocol/receipt.js";
import { Writer } from "../../protocol/wire.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import type { LvmCall } from "../lvm/lvmMachine.js";
import type { AccountEntry } from "../workingState.js";
import { applyEffects } from "./applyEffects.js";
import type { ContractUsage } from "./contractUsage.js";
import { expectDepositsWithin } from "./storageDeposits.js";

/** A returned value longer than this is left out of the receipt. */
const RESULT_BYTES_MAX = 1_024;
const MESSAGE_BYTES_MAX = 512;

/** Gas that blocks count apart: of calls, and of packages. */
export type GasKind = "callGas" | "packageGas";

/** What a transaction asks of a contract. */
export interface ContractRun {
  contract: Uint8Array;
  sender: AccountEntry;
  functionName: string;
  /** Canonical encodings, one after another. */
  args: Uint8Array;
  payment?: { token: string; amount: bigint } | undefined;
  gasLimit: number;
}

/** The machine's call for `run` in a block of this height and time. */
export function contractCall(
  block: { height: number; timeMs: number; genesisHash: Uint8Array },
  addresses: { origin: Uint8Array; feePayer: Uint8Array; contract: Uint8Array },
  run: Pick<ContractRun, "functionName" | "args" | "payment" | "gasLimit">,
): Omit<LvmCall, "host"> {
  const { functionName, args, payment, gasLimit } = run;
  const origin = bytesKey(addresses.origin);
  return {
    transaction: {
      block: { height: block.height, timeMs: block.timeMs, genesisHash: bytesKey(block.genesisHash) },
      origin,
      feePayer: bytesKey(addresses.feePayer),
    },
    contract: bytesKey(addresses.contract),
    sender: origin,
    functionName,
    args,
    gasLimit,
    token: payment?.token,
    amountUnits: payment?.amount,
  };
}

/**
 * Charges what an operation used, which stays charged where the transaction fails: `gas` of the whole operation, of which
 * `charged` is charged already.
 */
export function chargeGas(context: LedgerContext, usage: ContractUsage, kind: GasKind, gas: number, charged = 0): void {
  usage[kind] += gas - charged;
  usage.costUnits += gasCost(context.parameters, gas) - gasCost(context.parameters, charged);
}

/** The text's UTF-8, cut to what a receipt holds between two characters. */
export function messageBytes(text: string): Uint8Array {
  const bytes = utf8Bytes(text);
  let end = Math.min(bytes.length, MESSAGE_BYTES_MAX);
  while (end < bytes.length && (bytes[end] & 0xc0) === 0x80) {
    end--;
  }
  return bytes.subarray(0, end);
}

/** Says in the receipt why operation `operationIndex` failed, and fails it. */
export function failContract(
  usage: ContractUsage,
  failure: { code: ErrorCode; operationIndex: number; gasUsed: number; line: number | undefined; message: string },
): never {
  const head = new Writer(9)
    .u8(failure.operationIndex)
    .u32(failure.gasUsed)
    .u32(failure.line ?? 0)
    .finish();
  usage.failureEvents.push({
    kind: EVENT_KINDS.contractFailure,
    data: concatBytes(head, messageBytes(failure.message)),
  });
  return fail(failure.code);
}

/** Tells what operation `operationIndex` came to. */
export function tellResult(context: LedgerContext, operationIndex: number, gasUsed: number, value: Uint8Array): void {
  const head = new Writer(5).u8(operationIndex).u32(gasUsed).finish();
  const data = value.length > RESULT_BYTES_MAX ? head : concatBytes(head, value);
  context.events.push({ kind: EVENT_KINDS.contractResult, data });
}

/** Runs a call, charges its gas beside what its operation was charged before, applies what it changed and tells of it. */
export function runContract(
  context: LedgerContext,
  usage: ContractUsage,
  run: ContractRun,
  operationIndex: number,
  { kind, gasBefore }: { kind: GasKind; gasBefore: number } = { kind: "callGas", gasBefore: 0 },
): void {
  const { sender, contract } = run;
  const addresses = { origin: sender.address, feePayer: context.feePayer.address, contract };
  const result = usage.run(contractCall(context, addresses, run), operationIndex);
  const gasUsed = gasBefore + result.gasUsed;
  chargeGas(context, usage, kind, gasUsed, gasBefore);
  if (result.code !== "LVM_OK") {
    const { message = "", line = undefined } = result.error ?? {};
    failContract(usage, { code: result.code, operationIndex, gasUsed, line, message });
  }
  applyEffects(context, result.effects);
  tellResult(context, operationIndex, gasUsed, result.value);
}

/** The limit on deposits over everything that `work` does. */
export function withinDepositLimit<T>(context: LedgerContext, limit: bigint, work: () => T): T {
  const first = context.events.length;
  const result = work();
  expectDepositsWithin(context, first, limit);
  return result;
}
