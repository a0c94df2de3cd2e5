// ttchain wallet replace-key: gives the account a fresh key, when the old one may be known to others. The address stays. The new
// key is on disk before the chain hears of it, so that no crash can lock the owner out.

import { Command } from "commander";
import { replaceKey } from "../../client/actions.js";
import { accountOfSecret } from "../../client/keyFile.js";
import { newMnemonic } from "../../client/mnemonic.js";
import { makeClient, type WalletOptions, withExamples, withWalletOptions } from "../options.js";
import { choosePassphrase } from "../passphrase.js";
import { sendActions } from "../sendActions.js";
import { expectNoWallet, openAccount, saveKeyFile } from "../walletFile.js";
import { showWords } from "./new.js";

export function replaceKeyCommand(): Command {
  const command = new Command("replace-key")
    .description("give the account a fresh key with words of its own; the address stays the same")
    .argument("<file>", "the key file to write; use it instead of the old one from then on")
    .option("--yes", "do not ask");
  withExamples(withWalletOptions(command), "wallet replace-key renewed.json");
  return command.action(async (file: string, options: WalletOptions & { yes?: boolean }) => {
    await expectNoWallet(file);
    const account = await openAccount(options);
    const mnemonic = newMnemonic();
    const successor = accountOfSecret({ mnemonic });
    await saveKeyFile(file, { mnemonic, address: account.address }, await choosePassphrase(options.passphraseFile));
    await sendActions({
      client: makeClient(options),
      account,
      actions: [replaceKey(account, successor)],
      summary: [
        ["Account", account.addressText],
        ["New key in", file],
      ],
      options,
      transactionOptions: { cosigners: [successor] },
      extra: () => ({ wallet: file }),
    });
    if (options.json !== true) {
      process.stdout.write(
        `Write the new words on paper; the old ones no longer rule the account.\n\n${showWords(mnemonic).join("\n")}\n`,
      );
    }
  });
}
