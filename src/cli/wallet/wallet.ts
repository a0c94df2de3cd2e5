// ttchain wallet: keys on this machine, and payments with them.

import { Command } from "commander";
import { withExamples } from "../options.js";
import { walletAddressCommand } from "./address.js";
import { walletBalanceCommand } from "./balance.js";
import { walletHistoryCommand } from "./history.js";
import { newWalletCommand } from "./new.js";
import { replaceKeyCommand } from "./replaceKey.js";
import { restoreWalletCommand } from "./restore.js";
import { walletSendCommand } from "./send.js";
import { walletWordsCommand } from "./words.js";

export function walletCommand(): Command {
  const command = new Command("wallet").description("make a wallet, look into it, pay with it");
  withExamples(command, "wallet new", "wallet balance", "wallet history --limit 5");
  return command
    .addCommand(newWalletCommand())
    .addCommand(restoreWalletCommand())
    .addCommand(walletWordsCommand())
    .addCommand(walletAddressCommand())
    .addCommand(walletBalanceCommand())
    .addCommand(walletSendCommand())
    .addCommand(walletHistoryCommand())
    .addCommand(replaceKeyCommand());
}
