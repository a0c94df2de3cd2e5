// What operations on contracts have in common: which they are, their gas, the bytes of a package. A transaction with one of them is a
// contract transaction: it pays its fee in TTC, stands behind a block's payments, and counts against the block's gas.

import { CodedError } from "../errors.js";
import { expectAmount } from "../expectAmount.js";
import { CONTRACT_NAME_BYTES_MAX, CONTRACT_SOURCE_BYTES_MAX, OPERATION_GAS_MAX } from "../limits.js";
import type { Reader, Writer } from "../wire.js";
import type { Operation, OperationKind, UpgradePolicy } from "./operation.js";

/** Kinds that run code which their block's gas for tests pays for. */
const PACKAGE_KINDS: ReadonlySet<OperationKind> = new Set<OperationKind>(["registerContract", "upgradeContract"]);

const CONTRACT_KINDS: ReadonlySet<OperationKind> = new Set<OperationKind>([
  ...PACKAGE_KINDS,
  "callContract",
  "publishContract",
  "setContractPaused",
  "destroyContract",
  "deliverOracle",
]);

/** The upgrade policies in the order of their byte. */
export const UPGRADE_POLICIES: readonly UpgradePolicy[] = ["never", "owner", "ownerAfterDelay", "vote"];

/**
 * Throws MALFORMED where a contract transaction closes an account: gas that was not used could not be given back to it. And where
 * a delivery is not alone: undone with another operation it would run its callback again and again, which was paid for once.
 */
export function verifyTogether(operations: readonly Operation[]): void {
  if (operations.length > 1 && operations.some(({ kind }) => kind === "deliverOracle")) {
    throw new CodedError("MALFORMED", "expected a delivery to stand alone in its transaction, got more operations");
  }
  if (isContractTransaction(operations) && operations.some(({ kind }) => kind === "closeAccount")) {
    throw new CodedError("MALFORMED", "expected no account to be closed beside operations on contracts, got one");
  }
}

/** Whether the operation carries a package: source, tests, and their gas. */
export function isPackageOperation(operation: Operation): boolean {
  return PACKAGE_KINDS.has(operation.kind);
}

/** Whether a transaction of these operations is a contract transaction. */
export function isContractTransaction(operations: readonly Operation[]): boolean {
  return operations.some(({ kind }) => CONTRACT_KINDS.has(kind));
}

/** The gas that the operation pays for at the most; 0 for one that runs no code, or code that was paid for. */
export function gasLimitOf(operation: Operation): number {
  return "gasLimit" in operation ? operation.gasLimit : 0;
}

/** The gas that a transaction of these operations may use: of calls, and of packages, which blocks count apart. */
export function gasLimitsOf(operations: readonly Operation[]): { calls: number; packages: number } {
  const limits = { calls: 0, packages: 0 };
  for (const operation of operations) {
    const paidBefore = operation.kind === "deliverOracle" ? operation.callbackGas : 0;
    limits[isPackageOperation(operation) ? "packages" : "calls"] += gasLimitOf(operation) + paidBefore;
  }
  return limits;
}

/** Gas limit and what storage may take: the last fields of every operation that runs code. */
export function encodeGas(writer: Writer, operation: { gasLimit: number; depositLimit: bigint }): void {
  writer.u32(operation.gasLimit).u64(operation.depositLimit);
}

export function decodeGas(reader: Reader): { gasLimit: number; depositLimit: bigint } {
  return { gasLimit: reader.u32(), depositLimit: reader.amountOrZero() };
}

/** Throws GAS_LIMIT or AMOUNT_OUT_OF_RANGE. */
export function verifyGas({ gasLimit, depositLimit }: { gasLimit: number; depositLimit: bigint }): void {
  expectAmount(depositLimit, 0n);
  if (!Number.isInteger(gasLimit) || gasLimit < 1 || gasLimit > OPERATION_GAS_MAX) {
    throw new CodedError("GAS_LIMIT", `expected a gas limit from 1 to ${OPERATION_GAS_MAX}, got ${gasLimit}`);
  }
}

/** Source and tests, each with its length. */
export function encodePackage(writer: Writer, contract: { source: Uint8Array; tests: Uint8Array }): void {
  writer.long(contract.source).long(contract.tests);
}

export function decodePackage(reader: Reader): { source: Uint8Array; tests: Uint8Array } {
  return {
    source: reader.long(CONTRACT_SOURCE_BYTES_MAX, "source"),
    tests: reader.long(CONTRACT_SOURCE_BYTES_MAX, "tests"),
  };
}

/** Throws TOO_LARGE. */
export function verifyPackage(contract: { source: Uint8Array; tests: Uint8Array }): void {
  for (const part of ["source", "tests"] as const) {
    const bytes = contract[part].length;
    if (bytes > CONTRACT_SOURCE_BYTES_MAX) {
      throw new CodedError("TOO_LARGE", `expected at most ${CONTRACT_SOURCE_BYTES_MAX} bytes of ${part}, got ${bytes}`);
    }
  }
}

/** The name of a contract's function on the wire; throws BAD_CONTRACT_NAME. */
export function verifyFunctionName(name: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.length > CONTRACT_NAME_BYTES_MAX) {
    const found = JSON.stringify(name.slice(0, CONTRACT_NAME_BYTES_MAX));
    throw new CodedError("BAD_CONTRACT_NAME", `expected a function's name of letters, digits and _, got ${found}`);
  }
}

/** Encoded arguments; whether they are canonical values shows when the operation is executed. */
export function verifyArguments(args: Uint8Array): void {
  if (args.length > 0xffff) {
    throw new CodedError("TOO_LARGE", `expected at most ${0xffff} bytes of arguments, got ${args.length}`);
  }
}
