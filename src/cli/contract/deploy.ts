// ttchain contract deploy: registers a contract. Its tests run here first, which also says how much gas they need there.

import { Command } from "commander";
import { registerContract } from "../../client/actions.js";
import { parseAmount } from "../../client/amounts.js";
import type { TTChainClient } from "../../client/client.js";
import { PACKAGE_GAS_BASE } from "../../execution/contracts/checkPackage.js";
import type { ContractAbi, ContractTestReport } from "../../execution/lvm/lvm.js";
import { contractAddress, formatAddress } from "../../protocol/address.js";
import { UPGRADE_POLICIES } from "../../protocol/operations/contracts.js";
import type { UpgradePolicy } from "../../protocol/operations/operation.js";
import { UsageError } from "../failures.js";
import { makeClient, type WalletOptions, wholeNumber, withExamples, withWalletOptions } from "../options.js";
import { sendActions } from "../sendActions.js";
import { showAmount, tokenFace } from "../tokenFace.js";
import { openAccount } from "../walletFile.js";
import { ARGUMENTS_HELP, parseArguments } from "./callArguments.js";
import { describeReceipt } from "./describeReceipt.js";
import { type Project, readProject } from "./projectFolder.js";
import { runTests } from "./runTests.js";
import { caseLines, expectPassed } from "./test.js";

/** Gas for the constructor or the migration, beside that of checks and tests. */
const START_GAS = 1_000_000;
/** Bytes that contract and first storage may take beside the source. */
const STORAGE_BYTES = 20_000;

export interface PackageOptions extends WalletOptions {
  yes?: boolean;
  gas?: number;
  deposit?: string;
}

export function withPackageOptions(command: Command): Command {
  return withWalletOptions(command)
    .option("--gas <limit>", "the most gas that it may use; as much as its tests need by default", wholeNumber(1))
    .option("--deposit <amount>", "the most TTC that may be held for code and storage")
    .option("--yes", "do not ask");
}

/** Runs the tests here, by the prices of the chain. Throws where they fail: the chain would refuse the package and keep the fee. */
export async function checkHere(
  project: Project,
  client: TTChainClient,
  options: PackageOptions,
): Promise<ContractTestReport> {
  const { gas: prices } = await client.parameters();
  const report = await runTests(project, { gas: 1_000_000_000 }, () => ({ prices }));
  if (!report.isPassed && options.json !== true) {
    process.stdout.write(`${caseLines(project, report).join("\n")}\n`);
  }
  expectPassed(project, report);
  return report;
}

/** Gas and deposit limits for a package whose tests used what the report says. */
export async function packageLimits(
  client: TTChainClient,
  project: Project,
  report: ContractTestReport,
  options: PackageOptions,
): Promise<{ gasLimit: number; depositLimit: bigint }> {
  const { decimals } = await tokenFace(client, "TTC");
  const { depositByteTtcUnits } = await client.parameters();
  const usual = depositByteTtcUnits * BigInt(project.source.length + STORAGE_BYTES);
  return {
    gasLimit: options.gas ?? PACKAGE_GAS_BASE + report.gasUsed + START_GAS,
    depositLimit: options.deposit === undefined ? usual : parseAmount(options.deposit, decimals),
  };
}

function constructorArguments(abi: ContractAbi | undefined, texts: string[]) {
  const declared = abi?.functions.find(({ kind }) => kind === "constructor");
  if (declared === undefined && texts.length > 0) {
    throw new UsageError("the contract has no constructor, so it takes no arguments");
  }
  return declared === undefined ? [] : parseArguments(declared, texts);
}

interface DeployOptions extends PackageOptions {
  upgrade: string;
  delay: number;
}

export function deployContractCommand(): Command {
  const command = new Command("deploy")
    .description("register a contract on a chain; its tests run here and there, and its constructor runs")
    .argument("<folder>", "where contract.lua and tests.lua are")
    .argument("[arguments...]", "the constructor's")
    .option("--upgrade <policy>", `who may give it other code: ${UPGRADE_POLICIES.join(", ")}`, "never")
    .option("--delay <heights>", "heights between announcing other code and carrying it out", wholeNumber(0), 0);
  withExamples(
    withPackageOptions(command),
    "contract deploy tipjar",
    'contract deploy mycoin "Village coin" VIL 2 1000000 --yes',
    "contract deploy tipjar --upgrade ownerAfterDelay --delay 1000",
  ).addHelpText("after", ARGUMENTS_HELP);
  return command.action(async (folder: string, texts: string[], options: DeployOptions) => {
    const policy = UPGRADE_POLICIES.find((known) => known === options.upgrade);
    if (policy === undefined) {
      throw new UsageError(`expected one of ${UPGRADE_POLICIES.join(", ")}, got ${options.upgrade}`);
    }
    await deploy({ project: readProject(folder), texts, policy, options });
  });
}

async function deploy({
  project,
  texts,
  policy,
  options,
}: {
  project: Project;
  texts: string[];
  policy: UpgradePolicy;
  options: DeployOptions;
}): Promise<void> {
  const client = makeClient(options);
  const report = await checkHere(project, client, options);
  const args = constructorArguments(report.abi, texts);
  const limits = await packageLimits(client, project, report, options);
  const account = await openAccount(options);
  const { source, tests } = project;
  const contract = { source, tests, args, upgradePolicy: policy, upgradeDelayHeights: options.delay, ...limits };
  await sendActions({
    client,
    account,
    actions: [registerContract(account, contract)],
    summary: [
      ["Contract", `${report.abi?.name ?? ""} ${report.abi?.version ?? ""}`.trim()],
      ["Source", `${source.length.toLocaleString("en-US")} bytes, ${report.cases.length} tests passed here`],
      ["Upgrades", policy],
      ["Deposit", `at most ${showAmount(limits.depositLimit, await tokenFace(client, "TTC"))}`],
      ["Gas", `at most ${limits.gasLimit.toLocaleString("en-US")}; what is not used comes back`],
    ],
    options,
    extra: ({ id }) => ({ contract: formatAddress(contractAddress(id, 0)) }),
    describe: describeReceipt,
  });
}
