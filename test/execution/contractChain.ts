// Contracts on the ledger's test chain: registering, calling and reading them.

import { utf8Bytes } from "../../src/base/bytes.js";
import { viewContract } from "../../src/execution/contracts/contractViews.js";
import { contractAddress } from "../../src/protocol/address.js";
import { type ErrorCode, errorName } from "../../src/protocol/errors.js";
import { decodeLvmValue, encodeLvmValues, type LvmValue } from "../../src/protocol/lvmValue.js";
import type { CallContract, Operation, RegisterContract } from "../../src/protocol/operations/operation.js";
import { EVENT_KINDS, type Receipt } from "../../src/protocol/receipt.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { GENESIS, GENESIS_HASH, type LedgerChain, type Person } from "./ledgerChain.js";

export const ONE_TEST = `test.case("registers", function() test.deploy() end)`;

export function registration(source: string, wish: Partial<RegisterContract> = {}): RegisterContract {
  return {
    kind: "registerContract",
    account: 0,
    source: utf8Bytes(source),
    tests: utf8Bytes(ONE_TEST),
    upgradePolicy: "owner",
    upgradeDelayHeights: 0,
    args: new Uint8Array(0),
    gasLimit: 10_000_000,
    depositLimit: 1_000n * TTC_UNIT,
    ...wish,
  };
}

export function callOf(
  contract: Uint8Array,
  functionName: string,
  args: readonly LvmValue[] = [],
  wish: Partial<CallContract> = {},
): Operation {
  return {
    kind: "callContract",
    account: 0,
    contract,
    functionName,
    args: encodeLvmValues(args),
    gasLimit: 1_000_000,
    depositLimit: 10n * TTC_UNIT,
    ...wish,
  };
}

/** Registers a contract in a block of its own, which must succeed. */
export function deploy(chain: LedgerChain, source: string, wish: Partial<RegisterContract> = {}): Uint8Array {
  const transaction = chain.ask({ operations: [registration(source, wish)] });
  const [receipt] = chain.block([transaction]);
  if (receipt.code !== 0) {
    throw new Error(`${errorName(receipt.code)}: ${failureText(receipt)}`);
  }
  return contractAddress(transaction.id, 0);
}

/** What a failed contract's receipt says. */
export function failureText(receipt: Receipt): string {
  return receipt.events
    .filter(({ kind }) => kind === EVENT_KINDS.contractFailure)
    .map(({ data }) => new TextDecoder().decode(data.subarray(9)))
    .join();
}

export function gasUsed(receipt: Receipt): number {
  const kinds: number[] = [EVENT_KINDS.contractResult, EVENT_KINDS.contractFailure];
  return receipt.events
    .filter(({ kind }) => kinds.includes(kind))
    .reduce((sum, { data }) => sum + new DataView(data.buffer, data.byteOffset).getUint32(1, true), 0);
}

/** A call in a block of its own: its code, and its receipt. */
export function call(
  chain: LedgerChain,
  operation: Operation,
  signers?: Person[],
): { code: ErrorCode | "OK" | undefined; receipt: Receipt } {
  const [receipt] = chain.block([chain.ask({ operations: [operation], ...(signers ? { signers } : {}) })]);
  return { code: errorName(receipt.code), receipt };
}

/** What a view function gives. */
export function view(chain: LedgerChain, contract: Uint8Array, functionName: string, args: LvmValue[] = []): LvmValue {
  const block = { height: chain.height, timeMs: GENESIS.timeMs, genesisHash: GENESIS_HASH };
  const caller = new Uint8Array(32);
  const { value } = viewContract(chain.state, block, { contract, functionName, args: encodeLvmValues(args), caller });
  return value.length === 0 ? null : decodeLvmValue(value);
}
