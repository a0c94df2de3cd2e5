// ttchain token create: a token of one's own, with the rights that its holders will see for ever.

import { Command } from "commander";
import { createToken } from "../../client/actions.js";
import { parseAmount } from "../../client/amounts.js";
import { TOKEN_DECIMALS_MAX } from "../../protocol/limits.js";
import { createdTokenId } from "../../protocol/tokens.js";
import { makeClient, type WalletOptions, wholeNumber, withExamples, withWalletOptions } from "../options.js";
import { sendActions } from "../sendActions.js";
import { openAccount } from "../walletFile.js";

interface CreateOptions extends WalletOptions {
  decimals: number;
  supply: string;
  mintable?: boolean;
  burnable?: boolean;
  freezable?: boolean;
  yes?: boolean;
}

export function createTokenCommand(): Command {
  const command = new Command("create")
    .description("create a token; its first supply goes to the wallet")
    .argument("<symbol>", "3 to 12 of A-Z and 0-9, a letter first")
    .argument("<name>", "1 to 64 bytes")
    .option("--decimals <count>", "decimals of its amounts", wholeNumber(0, TOKEN_DECIMALS_MAX), 0)
    .option("--supply <amount>", "the first supply", "0")
    .option("--mintable", "its issuer may add to the supply")
    .option("--burnable", "holders may burn what they hold")
    .option("--freezable", "its issuer may freeze what somebody holds")
    .option("--yes", "do not ask");
  withExamples(
    withWalletOptions(command),
    'token create COFFEE "Coffee card" --supply 10000 --burnable',
    'token create POINTS "Shop points" --decimals 2 --mintable --yes',
  );
  return command.action(async (symbol: string, name: string, options: CreateOptions) => {
    const { decimals, mintable = false, burnable = false, freezable = false } = options;
    const supply = parseAmount(options.supply, decimals);
    const client = makeClient(options);
    const account = await openAccount(options);
    const rights = Object.entries({ mintable, burnable, freezable }).flatMap(([right, given]) =>
      given ? [right] : [],
    );
    await sendActions({
      client,
      account,
      actions: [createToken(account, { symbol, name, decimals, supply, mintable, burnable, freezable })],
      summary: [
        ["Token", `${symbol}, ${name}`],
        ["Supply", `${options.supply} with ${decimals} decimals`],
        ["Rights", rights.length === 0 ? "none: its supply is fixed" : rights.join(", ")],
        ["Issuer", account.addressText],
      ],
      options,
      extra: ({ id }) => ({ token: createdTokenId(id, 0) }),
    });
  });
}
