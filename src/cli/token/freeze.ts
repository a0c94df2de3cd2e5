// ttchain token freeze and unfreeze: the issuer of a freezable token stops what one address holds of it, or frees it again.

import { Command } from "commander";
import { setFrozen } from "../../client/actions.js";
import { formatAddress, parseAddress } from "../../protocol/address.js";
import { makeClient, type WalletOptions, withExamples, withWalletOptions } from "../options.js";
import { sendActions } from "../sendActions.js";
import { readTokenId, tokenFace } from "../tokenFace.js";
import { openAccount } from "../walletFile.js";

function setFrozenCommand(name: string, description: string, frozen: boolean): Command {
  const command = new Command(name)
    .description(description)
    .argument("<token>", "the token's id")
    .argument("<address>", "whose balance, ttc1…")
    .option("--yes", "do not ask");
  withExamples(
    withWalletOptions(command),
    `token ${name} ${"ab".repeat(32)} ${formatAddress(new Uint8Array(32).fill(1))}`,
  );
  return command.action(async (token: string, target: string, options: WalletOptions & { yes?: boolean }) => {
    const holder = parseAddress(target);
    const client = makeClient(options);
    const face = await tokenFace(client, readTokenId(token));
    const account = await openAccount(options);
    await sendActions({
      client,
      account,
      actions: [setFrozen(account, { token: face.token, target: holder, frozen })],
      summary: [
        [frozen ? "Freeze" : "Unfreeze", `${face.symbol} ${face.token}`],
        ["Of", formatAddress(holder)],
      ],
      options,
    });
  });
}

export function freezeTokenCommand(): Command {
  return setFrozenCommand("freeze", "freeze what an address holds of a freezable token, as its issuer", true);
}

export function unfreezeTokenCommand(): Command {
  return setFrozenCommand("unfreeze", "free what an address holds of a token again, as its issuer", false);
}
