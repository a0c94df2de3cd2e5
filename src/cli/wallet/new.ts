// ttchain wallet new: fresh words, encrypted on this machine. They are shown once, to be written on paper.

import { Command } from "commander";
import { accountFromMnemonic, newMnemonic } from "../../client/mnemonic.js";
import { withExamples, withJsonOption, withWalletFileOptions } from "../options.js";
import { printAnswer } from "../output.js";
import { choosePassphrase } from "../passphrase.js";
import { expectNoWallet, saveKeyFile } from "../walletFile.js";

interface NewWalletOptions {
  wallet: string;
  passphraseFile?: string;
  json?: boolean;
}

const WORDS_PER_LINE = 6;

/** The words numbered, six a line. */
export function showWords(mnemonic: string): string[] {
  const words = mnemonic.split(" ").map((word, i) => `${String(i + 1).padStart(2)} ${word.padEnd(8)}`);
  const lines: string[] = [];
  for (let i = 0; i < words.length; i += WORDS_PER_LINE) {
    lines.push(`  ${words.slice(i, i + WORDS_PER_LINE).join("  ")}`.trimEnd());
  }
  return lines;
}

export function newWalletCommand(): Command {
  const command = new Command("new").description("make a wallet with 24 fresh words");
  withJsonOption(withWalletFileOptions(command));
  withExamples(command, "wallet new", "wallet new --wallet till-7.json --passphrase-file till-7.pass");
  return command.action(async (options: NewWalletOptions) => {
    await expectNoWallet(options.wallet);
    const passphrase = await choosePassphrase(options.passphraseFile);
    const mnemonic = newMnemonic();
    const { addressText: address } = accountFromMnemonic(mnemonic);
    await saveKeyFile(options.wallet, { mnemonic }, passphrase);
    // JSON goes to programs and their logs: the words stay out of it, and `wallet words` shows them.
    printAnswer(options, { wallet: options.wallet, address }, [
      "Write these 24 words on paper, in order. Whoever has them has the money; without them a lost wallet is lost.",
      "",
      ...showWords(mnemonic),
      "",
      `Wallet   ${options.wallet}`,
      `Address  ${address}`,
    ]);
  });
}
