// ttchain master: a company's node on the public list, and its answers to challenges.

import { Command } from "commander";
import { fromHex } from "../../base/bytes.js";
import { answerChallenge, claimPartner, registerMaster, resignMaster } from "../../client/delegateActions.js";
import { challengeAnswer } from "../../protocol/officeLeaves.js";
import { UsageError } from "../failures.js";
import {
  makeClient,
  type NodeOptions,
  type WalletOptions,
  withExamples,
  withNodeOptions,
  withWalletOptions,
} from "../options.js";
import { alignRows, printAnswer } from "../output.js";
import { sendActions } from "../sendActions.js";
import { simpleAction } from "../simpleAction.js";
import { openAccount } from "../walletFile.js";

type SendOptions = WalletOptions & { yes?: boolean };

function registerCommand(): Command {
  const command = new Command("register")
    .description("put a company's node on the public list, against a deposit")
    .argument("<name>", "1 to 64 bytes")
    .argument("[site]", "where the company is found", "")
    .option("--yes", "do not ask");
  withExamples(withWalletOptions(command), 'master register "Seoul Cafe" https://cafe.example');
  return command.action(async (name: string, site: string, options: SendOptions) => {
    const account = await openAccount(options);
    await sendActions({
      client: makeClient(options),
      account,
      actions: [registerMaster(account, { name, site })],
      summary: [["Master node", name]],
      options,
    });
  });
}

function answerCommand(): Command {
  const command = new Command("answer")
    .description("answer the present challenge: run it from a timer")
    .option("--yes", "do not ask");
  withExamples(withWalletOptions(command), "master answer --yes");
  return command.action(async (options: SendOptions) => {
    const client = makeClient(options);
    const account = await openAccount(options);
    const { challenge } = await client.masters();
    const value = challenge && fromHex(challenge.value);
    if (challenge === undefined || value === undefined) {
      throw new UsageError("there was no challenge yet");
    }
    await sendActions({
      client,
      account,
      actions: [answerChallenge(account, challengeAnswer(value, account.address))],
      summary: [["Challenge", String(challenge.number)]],
      options,
    });
  });
}

function listCommand(): Command {
  const command = new Command("list").description("list master nodes and how many challenges each answered");
  withExamples(withNodeOptions(command), "master list");
  return command.action(async (options: NodeOptions) => {
    const found = await makeClient(options).masters();
    const rows = found.masters.map((one) => [
      one.name,
      `${one.answered} of ${one.challenges}`,
      one.site || "-",
      one.address,
    ]);
    const lines =
      rows.length === 0 ? ["No master node yet."] : alignRows([["name", "answered", "site", "address"], ...rows]);
    printAnswer(options, found, lines);
  });
}

export function masterCommand(): Command {
  const command = new Command("master").description("run a company's master node, and see who does");
  withExamples(command, "master list", "master answer --yes");
  return command
    .addCommand(registerCommand())
    .addCommand(answerCommand())
    .addCommand(simpleAction("master resign", "take the node off the list; the deposit comes back later", resignMaster))
    .addCommand(simpleAction("master claim-partner", "get a partner's share of fees and its grants", claimPartner))
    .addCommand(listCommand());
}
