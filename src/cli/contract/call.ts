// ttchain contract call: calls a function of a contract by a transaction.

import { Command } from "commander";
import { callContract } from "../../client/actions.js";
import { formatAddress, parseAddress } from "../../protocol/address.js";
import { makeClient, type WalletOptions, wholeNumber, withExamples, withWalletOptions } from "../options.js";
import { sendActions } from "../sendActions.js";
import { readAmount, readTokenId, showAmount, tokenFace } from "../tokenFace.js";
import { openAccount } from "../walletFile.js";
import { ARGUMENTS_HELP, findFunction, parseArguments } from "./callArguments.js";
import { describeReceipt } from "./describeReceipt.js";
import { showValue } from "./showValue.js";

interface CallOptions extends WalletOptions {
  yes?: boolean;
  pay?: string;
  token: string;
  gas: number;
}

const EXAMPLE = formatAddress(new Uint8Array(32).fill(7));

export function callContractCommand(): Command {
  const command = new Command("call")
    .description("call a function of a contract by a transaction")
    .argument("<contract>", "the contract's address, ttc1…")
    .argument("<function>", "the function's name")
    .argument("[arguments...]", "its arguments")
    .option("--pay <amount>", "pay this to the contract with the call")
    .option("--token <token>", "of which token", "TTC")
    .option("--gas <limit>", "the most gas that it may use", wholeNumber(1), 1_000_000)
    .option("--yes", "do not ask");
  withExamples(
    withWalletOptions(command),
    `contract call ${EXAMPLE} tip "thank you" --pay 2`,
    `contract call ${EXAMPLE} take --yes --json`,
  ).addHelpText("after", ARGUMENTS_HELP);
  return command.action(async (contract: string, functionName: string, texts: string[], options: CallOptions) => {
    const address = parseAddress(contract);
    const client = makeClient(options);
    const { abi } = await client.contract(address);
    const args = parseArguments(findFunction(abi, functionName, ["call", "payable"]), texts);
    const face = await tokenFace(client, readTokenId(options.token));
    const payment =
      options.pay === undefined ? undefined : { token: face.token, amount: readAmount(options.pay, face) };
    const account = await openAccount(options);
    await sendActions({
      client,
      account,
      actions: [
        callContract(account, {
          contract: address,
          functionName,
          args,
          gasLimit: options.gas,
          ...(payment === undefined ? {} : { payment }),
        }),
      ],
      summary: [
        ["Contract", `${abi.name} ${formatAddress(address)}`],
        ["Call", `${functionName}(${args.map(showValue).join(", ")})`],
        ...(payment === undefined ? [] : [["Pays", showAmount(payment.amount, face)] as [string, string]]),
        ["Gas", `at most ${options.gas.toLocaleString("en-US")}; what is not used comes back`],
      ],
      options,
      describe: describeReceipt,
    });
  });
}
