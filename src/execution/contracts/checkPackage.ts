// Static checks and tests of a package that shall become a contract's code: deterministic, in the sandbox, paid from its gas. What
// they find stands in the receipt.

import { concatBytes, utf8Bytes } from "../../base/bytes.js";
import type { UpgradePolicy } from "../../protocol/operations/operation.js";
import { EVENT_KINDS } from "../../protocol/receipt.js";
import { Writer } from "../../protocol/wire.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { type ContractAbi, UPGRADE_VOTE_NAME } from "../lvm/contractAbi.js";
import {
  type ContractPackage,
  type ContractTestReport,
  type TestCaseReport,
  testContract,
} from "../lvm/testContract.js";
import type { ContractUsage } from "./contractUsage.js";
import { chargeGas, failContract, messageBytes } from "./runContract.js";

/** What a node spends on sandboxes of its own for each package, before anything of it runs. */
export const PACKAGE_GAS_BASE = 1_000_000;
const NAME_BYTES_MAX = 128;
/** Cases that a failed package's receipt names. */
const FAILED_CASES_MAX = 16;

function tellCase(usage: ContractUsage, { name, isPassed, gasUsed, message }: TestCaseReport): void {
  const nameBytes = utf8Bytes(name).subarray(0, NAME_BYTES_MAX);
  const head = new Writer(140)
    .u8(isPassed ? 1 : 0)
    .u32(gasUsed)
    .short(nameBytes)
    .finish();
  usage.failureEvents.push({ kind: EVENT_KINDS.contractTest, data: concatBytes(head, messageBytes(message)) });
}

function failPackage(usage: ContractUsage, report: ContractTestReport, operationIndex: number, gasUsed: number): never {
  const failed = report.cases.filter(({ isPassed }) => !isPassed);
  for (const testCase of failed.slice(0, FAILED_CASES_MAX)) {
    tellCase(usage, testCase);
  }
  const code = report.code === "LVM_OK" ? "LVM_TEST_FAILED" : report.code;
  const counted = `${failed.length} of ${report.cases.length} tests failed`;
  const message = report.message === "" ? counted : report.message;
  return failContract(usage, { code, operationIndex, gasUsed, line: failed[0]?.line, message });
}

/** A contract that changes by vote must be able to hold one, or its code would be the last. */
function expectVote(usage: ContractUsage, abi: ContractAbi | undefined, operationIndex: number, gasUsed: number): void {
  const declared = abi?.functions.find(({ name }) => name === UPGRADE_VOTE_NAME);
  if (declared?.kind !== "view" || declared.parameters.length !== 1) {
    const message = `expected a view function ${UPGRADE_VOTE_NAME} of one parameter, as the code changes by vote`;
    failContract(usage, { code: "LVM_NO_FUNCTION", operationIndex, gasUsed, line: undefined, message });
  }
}

/**
 * Gives what the source declares, and the gas used, which is charged whatever comes after beside `gasBefore`, charged already. Fails the
 * operation where the package does not pass.
 */
export function checkPackage(
  context: LedgerContext,
  usage: ContractUsage,
  contract: ContractPackage & { gasLimit: number },
  operationIndex: number,
  { upgradePolicy, gasBefore = 0 }: { upgradePolicy: UpgradePolicy; gasBefore?: number },
): { abi: ContractAbi | undefined; gasUsed: number } {
  const gas = contract.gasLimit - PACKAGE_GAS_BASE - gasBefore;
  if (gas < 0) {
    chargeGas(context, usage, "packageGas", contract.gasLimit, gasBefore);
    const message = `expected at least ${PACKAGE_GAS_BASE} gas for a package`;
    const gasUsed = contract.gasLimit;
    return failContract(usage, { code: "LVM_OUT_OF_GAS", operationIndex, gasUsed, line: undefined, message });
  }
  const report = testContract(contract, gas, { prices: context.parameters.gas });
  const gasUsed = Math.min(contract.gasLimit, gasBefore + PACKAGE_GAS_BASE + report.gasUsed);
  chargeGas(context, usage, "packageGas", gasUsed, gasBefore);
  if (!report.isPassed) {
    failPackage(usage, report, operationIndex, gasUsed);
  }
  if (upgradePolicy === "vote") {
    expectVote(usage, report.abi, operationIndex, gasUsed);
  }
  return { abi: report.abi, gasUsed };
}
