// ttchain wallet balance: what the wallet holds, as the node says.

import { Command } from "commander";
import { describeAccount } from "../account.js";
import { makeClient, type WalletOptions, withExamples, withWalletOptions } from "../options.js";
import { printAnswer } from "../output.js";
import { walletAddress } from "../walletFile.js";

export function walletBalanceCommand(): Command {
  const command = new Command("balance").description("show what the wallet holds");
  withExamples(withWalletOptions(command), "wallet balance", "wallet balance --account 1 --json");
  return command.action(async (options: WalletOptions) => {
    const client = makeClient(options);
    const account = await client.account(await walletAddress(options));
    printAnswer(options, account, await describeAccount(client, account));
  });
}
