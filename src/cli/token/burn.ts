// ttchain token burn: takes units out of the wallet and out of the supply.

import { Command } from "commander";
import { burn } from "../../client/actions.js";
import { makeClient, type WalletOptions, withExamples, withWalletOptions } from "../options.js";
import { sendActions } from "../sendActions.js";
import { readAmount, readTokenId, showAmount, tokenFace } from "../tokenFace.js";
import { openAccount } from "../walletFile.js";

export function burnTokenCommand(): Command {
  const command = new Command("burn")
    .description("burn units that the wallet holds; nobody gets them back")
    .argument("<token>", "the token's id")
    .argument("<amount>", "such as 1000")
    .option("--yes", "do not ask");
  withExamples(withWalletOptions(command), `token burn ${"ab".repeat(32)} 25`);
  return command.action(async (token: string, amountText: string, options: WalletOptions & { yes?: boolean }) => {
    const client = makeClient(options);
    const face = await tokenFace(client, readTokenId(token));
    const amount = readAmount(amountText, face);
    const account = await openAccount(options);
    await sendActions({
      client,
      account,
      actions: [burn(account, { token: face.token, amount })],
      summary: [["Burn", showAmount(amount, face)]],
      options,
    });
  });
}
