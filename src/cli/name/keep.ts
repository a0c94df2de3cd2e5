// ttchain name set, renew, transfer and release: what becomes of a name that is held.

import { Command } from "commander";
import type { Account } from "../../client/account.js";
import type { Action } from "../../client/actions.js";
import { releaseName, renewName, setName, transferName } from "../../client/nameActions.js";
import { formatAddress } from "../../protocol/address.js";
import { makeClient, type WalletOptions, withExamples, withWalletOptions } from "../options.js";
import { readPayee } from "../payee.js";
import { sendActions } from "../sendActions.js";
import { openAccount } from "../walletFile.js";

type KeepOptions = WalletOptions & { yes?: boolean };

const EXAMPLE = formatAddress(new Uint8Array(32).fill(7));

function nameCommand(word: string, description: string): Command {
  return new Command(word).description(description).argument("<name>", "the name").option("--yes", "do not ask");
}

/** A command that says nothing but the name. */
function plainCommand(word: string, description: string, action: (by: Account, name: string) => Action): Command {
  const command = nameCommand(word, description);
  withExamples(withWalletOptions(command), `name ${word} corner-cafe`);
  return command.action(async (name: string, options: KeepOptions) => {
    const account = await openAccount(options);
    const summary: [string, string][] = [["Name", name]];
    await sendActions({ client: makeClient(options), account, actions: [action(account, name)], summary, options });
  });
}

/** A command that names somebody besides. */
function addressedCommand(
  word: string,
  description: string,
  line: string,
  action: (by: Account, name: string, address: Uint8Array) => Action,
): Command {
  const command = nameCommand(word, description).argument("<address>", "an account or contract: ttc1… or a name");
  withExamples(withWalletOptions(command), `name ${word} corner-cafe ${EXAMPLE}`);
  return command.action(async (name: string, text: string, options: KeepOptions) => {
    const client = makeClient(options);
    const payee = await readPayee(client, text);
    const account = await openAccount(options);
    const summary: [string, string][] = [
      ["Name", name],
      [line, payee.shown],
    ];
    await sendActions({ client, account, actions: [action(account, name, payee.address)], summary, options });
  });
}

export function setNameCommand(): Command {
  return addressedCommand("set", "let a name stand for an account or contract", "Stands for", (by, name, target) =>
    setName(by, { name, target }),
  );
}

export function transferNameCommand(): Command {
  return addressedCommand("transfer", "give a name to somebody, deposit included", "To", (by, name, to) =>
    transferName(by, { name, to }),
  );
}

export function renewNameCommand(): Command {
  return plainCommand("renew", "pay for another lease of a name", renewName);
}

export function releaseNameCommand(): Command {
  return plainCommand("release", "give a name up; its deposit comes back", releaseName);
}
