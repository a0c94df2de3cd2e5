// ttchain faucet: coins of a development chain.

import { Command } from "commander";
import { waitForCommit } from "../client/waitForCommit.js";
import { formatAddress, parseAddress } from "../protocol/address.js";
import { CommandFailedError } from "./failures.js";
import { makeClient, type WalletOptions, withExamples, withWalletOptions } from "./options.js";
import { printAnswer } from "./output.js";
import { readAmount, readTokenId, showAmount, tokenFace } from "./tokenFace.js";
import { walletAddress } from "./walletFile.js";

interface FaucetOptions extends WalletOptions {
  amount?: string;
  token: string;
}

export function faucetCommand(): Command {
  const command = new Command("faucet")
    .description("get coins of a development chain, which are worth nothing")
    .argument("[address]", "ttc1…; the wallet's own where it is left out")
    .option("--amount <amount>", "how much, such as 100; the node decides where it is left out")
    .option("--token <token>", "TTC, TTM or TTMI", "TTC");
  const address = formatAddress(new Uint8Array(32).fill(1));
  withExamples(withWalletOptions(command), "faucet", `faucet ${address} --token TTM --amount 50000`);
  return command.action(async (text: string | undefined, options: FaucetOptions) => {
    const client = makeClient(options);
    const payee = parseAddress(text ?? (await walletAddress(options)));
    const face = await tokenFace(client, readTokenId(options.token));
    const amount = options.amount === undefined ? {} : { amount: readAmount(options.amount, face) };
    const id = await client.faucet(payee, { token: face.token, ...amount });
    const state = await waitForCommit(client, id);
    if (state.state !== "committed") {
      throw new CommandFailedError(`the faucet's payment ${id} is ${state.state}: ${state.receipt?.code ?? ""}`, state);
    }
    const { balances } = await client.account(payee);
    const held = face.token in balances ? balances[face.token as keyof typeof balances] : 0n;
    printAnswer(options, { ...state, balances }, [
      `Received in block ${state.height}; the address now holds ${showAmount(held, face)}.`,
    ]);
  });
}
