// ttchain contract show: what a contract is, whose, and what it can do.

import { Command } from "commander";
import { formatAddress, parseAddress } from "../../protocol/address.js";
import { makeClient, type NodeOptions, withExamples, withNodeOptions } from "../options.js";
import { alignPairs, printAnswer } from "../output.js";
import { showAmount, tokenFace } from "../tokenFace.js";
import { signatureOf } from "./callArguments.js";

const EXAMPLE = formatAddress(new Uint8Array(32).fill(7));

export function showContractCommand(): Command {
  const command = new Command("show")
    .description("show a contract: owner, status, deposits, functions")
    .argument("<contract>", "the contract's address, ttc1…")
    .option("--source", "print its source and nothing else");
  withExamples(withNodeOptions(command), `contract show ${EXAMPLE}`, `contract show ${EXAMPLE} --source`);
  return command.action(async (contract: string, options: NodeOptions & { source?: boolean }) => {
    const client = makeClient(options);
    const found = await client.contract(parseAddress(contract));
    if (options.source === true) {
      printAnswer(options, { source: found.source }, [found.source.replace(/\n$/, "")]);
      return;
    }
    const face = await tokenFace(client, "TTC");
    const { announced } = found;
    const rest: [string, string][] =
      announced === undefined
        ? []
        : [["Announced", `code ${announced.codeHash} from height ${announced.heightFrom} on`]];
    printAnswer(options, found, [
      ...alignPairs([
        ["Contract", `${found.abi.name} ${found.abi.version}`],
        ["Address", found.address],
        ["Owner", found.owner],
        ["Status", found.paused ? `${found.status}, paused` : found.status],
        ["Upgrades", found.upgradePolicy],
        ...rest,
        ["Registered at height", String(found.heightRegistered)],
        ["Deposit", `${showAmount(BigInt(found.deposit) + BigInt(found.entryDeposits), face)} for code and storage`],
        ["Storage", `${found.entryCount} entries`],
      ]),
      "",
      ...found.abi.functions.map((declared) => `  ${declared.kind.padEnd(11)}  ${signatureOf(declared)}`),
    ]);
  });
}
