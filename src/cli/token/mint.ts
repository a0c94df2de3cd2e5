// ttchain token mint: adds to a mintable token's supply.

import { Command } from "commander";
import { mint } from "../../client/actions.js";
import { formatAddress, parseAddress } from "../../protocol/address.js";
import { makeClient, type WalletOptions, withExamples, withWalletOptions } from "../options.js";
import { sendActions } from "../sendActions.js";
import { readAmount, readTokenId, showAmount, tokenFace } from "../tokenFace.js";
import { openAccount } from "../walletFile.js";

interface MintOptions extends WalletOptions {
  to?: string;
  yes?: boolean;
}

export function mintTokenCommand(): Command {
  const command = new Command("mint")
    .description("add to a token's supply, as its issuer")
    .argument("<token>", "the token's id")
    .argument("<amount>", "such as 1000")
    .option("--to <address>", "who gets it; the wallet itself where it is left out")
    .option("--yes", "do not ask");
  withExamples(withWalletOptions(command), `token mint ${"ab".repeat(32)} 1000`);
  return command.action(async (token: string, amountText: string, options: MintOptions) => {
    const payee = options.to === undefined ? undefined : parseAddress(options.to);
    const client = makeClient(options);
    const face = await tokenFace(client, readTokenId(token));
    const amount = readAmount(amountText, face);
    const account = await openAccount(options);
    const to = payee ?? account.address;
    await sendActions({
      client,
      account,
      actions: [mint(account, { token: face.token, to, amount })],
      summary: [
        ["Mint", showAmount(amount, face)],
        ["For", formatAddress(to)],
      ],
      options,
    });
  });
}
