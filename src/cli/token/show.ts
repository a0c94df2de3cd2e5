// ttchain token show: one token's face, supply and rights.

import { Command } from "commander";
import { formatAmount } from "../../client/amounts.js";
import { makeClient, type NodeOptions, withExamples, withNodeOptions } from "../options.js";
import { alignPairs, printAnswer } from "../output.js";
import { readTokenId } from "../tokenFace.js";

export function showTokenCommand(): Command {
  const command = new Command("show").description("show a token").argument("<token>", "TTC, TTM, TTMI or a token's id");
  withExamples(withNodeOptions(command), "token show TTM", `token show ${"ab".repeat(32)} --json`);
  return command.action(async (id: string, options: NodeOptions) => {
    const token = await makeClient(options).token(readTokenId(id));
    const rights = (["mintable", "burnable", "freezable"] as const).filter((right) => token[right]);
    printAnswer(
      options,
      token,
      alignPairs([
        ["Token", token.token],
        ["Symbol", token.symbol],
        ["Name", token.name],
        ["Supply", `${formatAmount(token.supply, token.decimals)} with ${token.decimals} decimals`],
        ["Rights", rights.length === 0 ? "none: its supply is fixed" : rights.join(", ")],
        ["Issuers", `${token.issuersNeeded} of ${token.issuers.join(", ") || "none"}`],
        ["Created at height", String(token.heightCreated)],
      ]),
    );
  });
}
