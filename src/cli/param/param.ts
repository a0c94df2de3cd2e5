// ttchain param: proposals to change a parameter, to upgrade, or to admit a partner, and the votes on them.

import { Command } from "commander";
import { propose, voteProposal } from "../../client/delegateActions.js";
import { formatAddress, parseAddress } from "../../protocol/address.js";
import { AMOUNT_MAX } from "../../protocol/limits.js";
import type { ProposalContent } from "../../protocol/operations/officeOperations.js";
import { VOTABLE_PARAMETERS } from "../../protocol/proposalContent.js";
import { UsageError } from "../failures.js";
import {
  makeClient,
  type NodeOptions,
  type WalletOptions,
  wholeNumber,
  withExamples,
  withNodeOptions,
  withWalletOptions,
} from "../options.js";
import { alignRows, printAnswer, toJson } from "../output.js";
import { sendActions } from "../sendActions.js";
import { openAccount } from "../walletFile.js";

interface ProposeOptions extends WalletOptions {
  height?: number;
  yes?: boolean;
}

/** Blocks between now and a proposal's inclusion that its height allows for. */
const SLACK_BLOCKS = 1_000;

function parameterContent(name: string, text: string): ProposalContent {
  const isAmount = /^\d{1,19}$/.test(text) && BigInt(text) <= AMOUNT_MAX;
  if (!isAmount) {
    throw new UsageError(`expected a whole number of units, got "${text}"`);
  }
  if (!VOTABLE_PARAMETERS.includes(name)) {
    throw new UsageError(`expected one of ${VOTABLE_PARAMETERS.join(", ")}, got "${name}"`);
  }
  return { kind: "parameter", name, value: BigInt(text) };
}

async function sendProposal(content: ProposalContent, options: ProposeOptions): Promise<void> {
  const client = makeClient(options);
  const account = await openAccount(options);
  const { height, parameters } = await client.chain();
  const { proposalBlocks, activationBlocks } = parameters.rdpos;
  const heightActive = options.height ?? height + proposalBlocks + activationBlocks + SLACK_BLOCKS;
  await sendActions({
    client,
    account,
    actions: [propose(account, heightActive, content)],
    summary: [
      ["Propose", toJson(content).replace(/\s+/g, " ")],
      ["From height", String(heightActive)],
    ],
    options,
  });
}

function proposing(command: Command, ...examples: string[]): Command {
  command
    .option("--height <number>", "the first height for which it holds", wholeNumber(1))
    .option("--yes", "do not ask");
  withExamples(withWalletOptions(command), ...examples);
  return command;
}

function proposeCommand(): Command {
  const command = new Command("propose")
    .description("propose another value of a parameter (delegates only)")
    .argument("<name>", "the parameter")
    .argument("<value>", "in its own unit; amounts in TTC's smallest unit");
  return proposing(command, "param propose feeRateBasisPoints 40").action(
    (name: string, value: string, options: ProposeOptions) => sendProposal(parameterContent(name, value), options),
  );
}

function upgradeCommand(): Command {
  const command = new Command("upgrade")
    .description("propose that the chain goes on with another version of the protocol (delegates only)")
    .argument("<version>", "1 to 255", wholeNumber(1, 255));
  return proposing(command, "param upgrade 2 --height 9000000").action((version: number, options: ProposeOptions) =>
    sendProposal({ kind: "upgrade", version }, options),
  );
}

function admitCommand(): Command {
  const command = new Command("admit")
    .description("propose that a Dapp becomes a partner (delegates only)")
    .argument("<address>", "its partner id, ttc1…")
    .argument("<name>", "1 to 64 bytes")
    .argument("[site]", "where people learn more", "");
  const example = `param admit ${formatAddress(new Uint8Array(32).fill(1))} Tickets`;
  return proposing(command, example).action((address: string, name: string, site: string, options: ProposeOptions) =>
    sendProposal({ kind: "partner", partner: parseAddress(address), name, site }, options),
  );
}

function voteCommand(): Command {
  const command = new Command("vote")
    .description("vote on a proposal, as a delegate or with what is locked")
    .argument("<number>", "the proposal", wholeNumber(1, 0xffffffff))
    .argument("<answer>", "yes or no")
    .option("--yes", "do not ask");
  withExamples(withWalletOptions(command), "param vote 3 yes");
  return command.action(async (number: number, answer: string, options: WalletOptions & { yes?: boolean }) => {
    if (answer !== "yes" && answer !== "no") {
      throw new UsageError(`expected yes or no, got "${answer}"`);
    }
    const account = await openAccount(options);
    await sendActions({
      client: makeClient(options),
      account,
      actions: [voteProposal(account, number, answer === "yes")],
      summary: [["Proposal", `${number}: ${answer}`]],
      options,
    });
  });
}

function listCommand(): Command {
  const command = new Command("list").description("list proposals, newest first");
  withExamples(withNodeOptions(command), "param list");
  return command.action(async (options: NodeOptions) => {
    const found = await makeClient(options).proposals();
    const rows = found.proposals.map((one) => [
      String(one.number),
      one.state,
      one.electorate,
      one.yes,
      one.no,
      String(one.heightLast),
      String(one.heightActive),
      JSON.stringify(one.content),
    ]);
    const head = ["number", "state", "who votes", "yes", "no", "until height", "from height", "what"];
    printAnswer(options, found, found.count === 0 ? ["Nothing was proposed yet."] : alignRows([head, ...rows]));
  });
}

export function paramCommand(): Command {
  const command = new Command("param").description("propose changes of the chain, and vote on them");
  withExamples(command, "param list", "param propose roundBlocks 990");
  return command
    .addCommand(listCommand())
    .addCommand(proposeCommand())
    .addCommand(upgradeCommand())
    .addCommand(admitCommand())
    .addCommand(voteCommand());
}
