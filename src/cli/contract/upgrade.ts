// ttchain contract upgrade: gives a contract other code, or announces it where its policy asks for a delay.

import { Command } from "commander";
import { toHex } from "../../base/bytes.js";
import { upgradeContract } from "../../client/actions.js";
import { formatAddress, parseAddress } from "../../protocol/address.js";
import { encodeLvmValues } from "../../protocol/lvmValue.js";
import { packageHash } from "../../protocol/packageHash.js";
import { UsageError } from "../failures.js";
import { makeClient, withExamples } from "../options.js";
import { printAnswer } from "../output.js";
import { sendActions } from "../sendActions.js";
import { openAccount } from "../walletFile.js";
import { ARGUMENTS_HELP, parseArguments } from "./callArguments.js";
import { checkHere, type PackageOptions, packageLimits, withPackageOptions } from "./deploy.js";
import { describeReceipt } from "./describeReceipt.js";
import { readProject } from "./projectFolder.js";

interface UpgradeOptions extends PackageOptions {
  hash?: boolean;
}

const MIGRATION_NAME = "migrate";
const EXAMPLE = formatAddress(new Uint8Array(32).fill(7));

export function upgradeContractCommand(): Command {
  const command = new Command("upgrade")
    .description("give a contract other code; its storage stays, and the new code's `migrate` runs")
    .argument("<contract>", "the contract's address, ttc1…")
    .argument("<folder>", "where the new contract.lua and tests.lua are")
    .argument("[arguments...]", "of the new code's `migrate`");
  withPackageOptions(command).option(
    "--hash",
    "only tell the hash that a contract whose code changes by vote votes on",
  );
  withExamples(command, `contract upgrade ${EXAMPLE} tipjar`, `contract upgrade ${EXAMPLE} tipjar --hash`).addHelpText(
    "after",
    ARGUMENTS_HELP,
  );
  return command.action(async (contract: string, folder: string, texts: string[], options: UpgradeOptions) => {
    const address = parseAddress(contract);
    const project = readProject(folder);
    const client = makeClient(options);
    const report = await checkHere(project, client, options);
    const found = await client.contract(address);
    if (found.upgradePolicy === "never") {
      throw new UsageError("this contract was registered so that its code never changes");
    }
    const declared = report.abi?.functions.find(({ name }) => name === MIGRATION_NAME);
    if (declared === undefined && texts.length > 0) {
      throw new UsageError("the new code has no function `migrate`, so it takes no arguments");
    }
    const args = declared === undefined ? [] : parseArguments(declared, texts);
    const { source, tests } = project;
    const hash = toHex(packageHash(address, found.upgradeCount, { source, tests, args: encodeLvmValues(args) }));
    if (options.hash === true) {
      printAnswer(options, { packageHash: hash }, [hash]);
      return;
    }
    const limits = await packageLimits(client, project, report, options);
    const account = await openAccount(options);
    await sendActions({
      client,
      account,
      actions: [upgradeContract(account, { contract: address, source, tests, args, ...limits })],
      summary: [
        ["Contract", `${found.abi.name} ${found.abi.version} ${found.address}`],
        [
          "New code",
          `${report.abi?.name ?? ""} ${report.abi?.version ?? ""}, ${report.cases.length} tests passed here`,
        ],
        ["Policy", found.upgradePolicy],
        ...(found.upgradePolicy === "vote" ? ([["Package", hash]] as [string, string][]) : []),
      ],
      options,
      describe: describeReceipt,
    });
  });
}
