// ttchain wallet restore: the wallet of words that somebody wrote down.

import { Command } from "commander";
import { accountFromMnemonic, checkMnemonic } from "../../client/mnemonic.js";
import { withExamples, withJsonOption, withWalletFileOptions } from "../options.js";
import { printAnswer } from "../output.js";
import { choosePassphrase } from "../passphrase.js";
import { askSecret, isInteractive, readStandardInput } from "../prompt.js";
import { expectNoWallet, saveKeyFile } from "../walletFile.js";

interface RestoreOptions {
  wallet: string;
  passphraseFile?: string;
  json?: boolean;
}

export function restoreWalletCommand(): Command {
  const command = new Command("restore").description(
    "make a wallet from its 24 words, asked for or read from standard input",
  );
  withJsonOption(withWalletFileOptions(command));
  withExamples(command, "wallet restore", "wallet restore --wallet copy.json --passphrase-file copy.pass < words.txt");
  return command.action(async (options: RestoreOptions) => {
    await expectNoWallet(options.wallet);
    const text = isInteractive() ? await askSecret("The 24 words (not shown): ") : await readStandardInput();
    const mnemonic = checkMnemonic(text);
    const passphrase = await choosePassphrase(options.passphraseFile);
    const { addressText: address } = accountFromMnemonic(mnemonic);
    await saveKeyFile(options.wallet, { mnemonic }, passphrase);
    printAnswer(options, { wallet: options.wallet, address }, [`Wallet   ${options.wallet}`, `Address  ${address}`]);
  });
}
