// The command line as a whole: every command, and the errors that commander itself finds.

import { Command } from "commander";
import { accountCommand } from "./account.js";
import { apiKeyCommand } from "./apikey/apikey.js";
import { blockCommand } from "./block.js";
import { contractCommand } from "./contract/contract.js";
import { delegateCommand } from "./delegate/delegate.js";
import { deskCommand } from "./desk.js";
import { faucetCommand } from "./faucet.js";
import { feedCommand } from "./feed/feed.js";
import { followCommand } from "./follow.js";
import { historyCommand } from "./history/history.js";
import { loadCommand } from "./load/load.js";
import { masterCommand } from "./master/master.js";
import { merchantCommand } from "./merchant.js";
import { nameCommand } from "./name/name.js";
import { nodeCommand } from "./node/node.js";
import { withExamples } from "./options.js";
import { packageVersion } from "./packageVersion.js";
import { paramCommand } from "./param/param.js";
import { settleCommand } from "./settle/settle.js";
import { snapshotCommand } from "./snapshot/snapshot.js";
import { startCommand } from "./start.js";
import { statusCommand } from "./status.js";
import { testnetCommand } from "./testnet.js";
import { tokenCommand } from "./token/token.js";
import { transactionCommand } from "./transaction.js";
import { verifyCommand } from "./verify.js";
import { voteCommand } from "./vote/vote.js";
import { walletCommand } from "./wallet/wallet.js";

function settleErrors(command: Command): void {
  command.exitOverride().showHelpAfterError("Add --help to see how it is used.");
  for (const child of command.commands) {
    settleErrors(child);
  }
}

/** All commands. Parsing throws CommanderError instead of ending the process. */
export function makeProgram(): Command {
  const program = new Command("ttchain")
    .description("A payment blockchain: run a node, pay with a wallet, test it under load")
    .version(packageVersion())
    // What follows a command's name is that command's, or that of one below it.
    .enablePositionalOptions();
  withExamples(program, "start", "wallet new", "status", "load --rate 1000 --seconds 10");
  program
    .addCommand(startCommand())
    .addCommand(nodeCommand())
    .addCommand(followCommand())
    .addCommand(testnetCommand())
    .addCommand(merchantCommand())
    .addCommand(statusCommand())
    .addCommand(walletCommand())
    .addCommand(tokenCommand())
    .addCommand(contractCommand())
    .addCommand(nameCommand())
    .addCommand(delegateCommand())
    .addCommand(voteCommand())
    .addCommand(paramCommand())
    .addCommand(masterCommand())
    .addCommand(feedCommand())
    .addCommand(transactionCommand())
    .addCommand(blockCommand())
    .addCommand(accountCommand())
    .addCommand(faucetCommand())
    .addCommand(apiKeyCommand())
    .addCommand(verifyCommand())
    .addCommand(settleCommand())
    .addCommand(snapshotCommand())
    .addCommand(historyCommand())
    .addCommand(deskCommand())
    .addCommand(loadCommand());
  settleErrors(program);
  return program;
}
