// ttchain name commit and name reveal: the two steps by which a name is taken.

import { Command } from "commander";
import { commitName, makeNameSalt, revealName } from "../../client/nameActions.js";
import { formatAddress } from "../../protocol/address.js";
import { expectName } from "../../protocol/names.js";
import { UsageError } from "../failures.js";
import { makeClient, type WalletOptions, withExamples, withWalletOptions } from "../options.js";
import { readPayee } from "../payee.js";
import { sendActions } from "../sendActions.js";
import { showAmount, tokenFace } from "../tokenFace.js";
import { openAccount } from "../walletFile.js";
import { loadSalt, saveSalt } from "./saltFile.js";

interface TakeOptions extends WalletOptions {
  yes?: boolean;
  target?: string;
}

export function commitNameCommand(): Command {
  const command = new Command("commit")
    .description("the first step to a name: commit to it without telling it")
    .argument("<name>", "such as corner-cafe or 모퉁이카페")
    .option("--yes", "do not ask");
  withExamples(withWalletOptions(command), "name commit corner-cafe");
  return command.action(async (name: string, options: TakeOptions) => {
    expectName(name);
    const client = makeClient(options);
    const account = await openAccount(options);
    const { names } = await client.parameters();
    const kept = await loadSalt(options.wallet, account.addressText, name);
    const salt = kept ?? makeNameSalt();
    await saveSalt(options.wallet, account.addressText, name, salt);
    await sendActions({
      client,
      account,
      actions: [commitName(account, { name, salt })],
      summary: [
        ["Name", name],
        ["For", account.addressText],
        ["Reveal it", `from ${names.nameCommitHeightsMin} to ${names.nameCommitHeightsMax} blocks later`],
      ],
      options,
    });
  });
}

export function revealNameCommand(): Command {
  const command = new Command("reveal")
    .description("the second step: reveal the name that was committed to, and take it")
    .argument("<name>", "the name")
    .option("--target <address>", "the account or contract that it is to stand for; else the wallet's own")
    .option("--yes", "do not ask");
  const contract = formatAddress(new Uint8Array(32).fill(7));
  withExamples(
    withWalletOptions(command),
    "name reveal corner-cafe",
    `name reveal corner-cafe --target ${contract} --yes`,
  );
  return command.action(async (name: string, options: TakeOptions) => {
    expectName(name);
    const client = makeClient(options);
    const account = await openAccount(options);
    const salt = await loadSalt(options.wallet, account.addressText, name);
    if (salt === undefined) {
      throw new UsageError(`this wallet has not committed to "${name}": begin with \`ttchain name commit ${name}\``);
    }
    const target = options.target === undefined ? account : await readPayee(client, options.target);
    const { names } = await client.parameters();
    await sendActions({
      client,
      account,
      actions: [revealName(account, { name, salt, target: target.address })],
      summary: [
        ["Name", name],
        ["Stands for", "shown" in target ? target.shown : target.addressText],
        ["Deposit", showAmount(names.depositNameTtcUnits, await tokenFace(client, "TTC"))],
      ],
      options,
    });
    await saveSalt(options.wallet, account.addressText, name);
  });
}
