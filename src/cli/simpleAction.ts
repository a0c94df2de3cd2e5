// Commands that send one action which needs nothing but the wallet.

import { Command } from "commander";
import type { Account } from "../client/account.js";
import type { Action } from "../client/actions.js";
import { makeClient, type WalletOptions, withExamples, withWalletOptions } from "./options.js";
import { sendActions } from "./sendActions.js";
import { openAccount } from "./walletFile.js";

/** `path` is how the command is called, such as "vote claim". */
export function simpleAction(path: string, description: string, action: (account: Account) => Action): Command {
  const command = new Command(path.split(" ").at(-1)).description(description).option("--yes", "do not ask");
  withExamples(withWalletOptions(command), path);
  return command.action(async (options: WalletOptions & { yes?: boolean }) => {
    const account = await openAccount(options);
    await sendActions({
      client: makeClient(options),
      account,
      actions: [action(account)],
      summary: [["Account", account.addressText]],
      options,
    });
  });
}
