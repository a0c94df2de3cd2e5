// ttchain contract view: asks a view function of a contract; it costs nothing and needs no wallet.

import { Command } from "commander";
import { formatAddress, parseAddress } from "../../protocol/address.js";
import { lvmJson } from "../../protocol/lvmJson.js";
import { makeClient, type NodeOptions, withExamples, withNodeOptions } from "../options.js";
import { printAnswer } from "../output.js";
import { ARGUMENTS_HELP, findFunction, parseArguments } from "./callArguments.js";
import { showValue } from "./showValue.js";

const EXAMPLE = formatAddress(new Uint8Array(32).fill(7));

export function viewContractCommand(): Command {
  const command = new Command("view")
    .description("ask a view function of a contract, for nothing and without a wallet")
    .argument("<contract>", "the contract's address, ttc1…")
    .argument("<function>", "the function's name")
    .argument("[arguments...]", "its arguments");
  withExamples(
    withNodeOptions(command),
    `contract view ${EXAMPLE} count`,
    `contract view ${EXAMPLE} givenBy ${EXAMPLE} --json`,
  ).addHelpText("after", ARGUMENTS_HELP);
  return command.action(async (contract: string, functionName: string, texts: string[], options: NodeOptions) => {
    const address = parseAddress(contract);
    const client = makeClient(options);
    const { abi } = await client.contract(address);
    const args = parseArguments(findFunction(abi, functionName, ["view"]), texts);
    const value = await client.viewContract(address, functionName, args);
    printAnswer(options, { value: lvmJson(value) }, [showValue(value)]);
  });
}
