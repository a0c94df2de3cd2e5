// ttchain account: what an address holds, as the node says.

import { Command } from "commander";
import type { AccountState } from "../client/answers.js";
import type { TTChainClient } from "../client/client.js";
import { formatAddress, parseAddress } from "../protocol/address.js";
import { NATIVE_TOKENS } from "../protocol/tokens.js";
import { makeClient, type NodeOptions, withExamples, withNodeOptions } from "./options.js";
import { alignPairs, printAnswer } from "./output.js";
import { showAmount, tokenFace } from "./tokenFace.js";

/** Lines that show an account. */
export async function describeAccount(client: TTChainClient, account: AccountState): Promise<string[]> {
  const rows: [string, string][] = [["Address", account.address]];
  for (const token of NATIVE_TOKENS) {
    rows.push([token, showAmount(account.balances[token], await tokenFace(client, token))]);
  }
  for (const held of account.tokens) {
    const face = await tokenFace(client, held.token);
    rows.push([face.symbol, `${showAmount(held.amount, face)}${held.frozen ? ", frozen by its issuer" : ""}`]);
  }
  rows.push(
    ["Deposit", showAmount(account.deposit, await tokenFace(client, "TTC"))],
    ["As of height", String(account.height)],
  );
  const hint = account.exists ? [] : ["The account does not exist yet: the first payment to it makes it."];
  return [...alignPairs(rows), ...hint];
}

export function accountCommand(): Command {
  const command = new Command("account").description("show what an address holds").argument("<address>", "ttc1…");
  withExamples(withNodeOptions(command), `account ${formatAddress(new Uint8Array(32).fill(1))}`);
  return command.action(async (address: string, options: NodeOptions) => {
    const client = makeClient(options);
    const account = await client.account(parseAddress(address));
    printAnswer(options, account, await describeAccount(client, account));
  });
}
