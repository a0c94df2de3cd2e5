// ttchain wallet words: shows the 24 words again, to whoever knows the passphrase.

import { Command } from "commander";
import { UsageError } from "../failures.js";
import { withExamples, withJsonOption, withWalletFileOptions } from "../options.js";
import { printAnswer } from "../output.js";
import { openSecret } from "../walletFile.js";
import { showWords } from "./new.js";

export function walletWordsCommand(): Command {
  const command = new Command("words").description("show the wallet's 24 words: make sure that nobody looks on");
  withJsonOption(withWalletFileOptions(command));
  withExamples(command, "wallet words");
  return command.action(async (options: { wallet: string; passphraseFile?: string; json?: boolean }) => {
    const secret = await openSecret(options);
    if (!("mnemonic" in secret)) {
      throw new UsageError("this wallet holds a single key and no words");
    }
    printAnswer(options, { mnemonic: secret.mnemonic }, showWords(secret.mnemonic));
  });
}
