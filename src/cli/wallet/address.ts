// ttchain wallet address: where to pay this wallet.

import { Command } from "commander";
import { type WalletOptions, withExamples, withWalletOptions } from "../options.js";
import { printAnswer } from "../output.js";
import { walletAddress } from "../walletFile.js";

export function walletAddressCommand(): Command {
  const command = new Command("address").description(
    "show the wallet's address; needs the passphrase for accounts above 0",
  );
  withExamples(withWalletOptions(command), "wallet address", "wallet address --account 1");
  return command.action(async (options: WalletOptions) => {
    const address = await walletAddress(options);
    printAnswer(options, { address, account: options.account }, [address]);
  });
}
