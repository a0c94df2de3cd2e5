// The key file on disk: readable by its owner only, written whole or not at all, and never overwritten.

import { chmod, link, mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Account } from "../client/account.js";
import {
  accountOfSecret,
  decryptKeyFile,
  encryptKeyFile,
  type KeyFile,
  type KeyFileSecret,
  parseKeyFile,
} from "../client/keyFile.js";
import { CodedError } from "../protocol/errors.js";
import { UsageError } from "./failures.js";
import type { WalletOptions } from "./options.js";
import { readPassphrase } from "./passphrase.js";

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** The key file at `path`, still encrypted. */
export async function loadKeyFile(path: string): Promise<KeyFile> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT"
      ? new UsageError(
          `there is no wallet at ${path}: make one with \`ttchain wallet new\`, or name another with --wallet`,
        )
      : new UsageError(`can't read the wallet ${path}: ${error.code ?? error.message}`);
  });
  try {
    return parseKeyFile(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof CodedError ? error.message : "it is no JSON";
    throw new UsageError(`${path} is no wallet: ${reason}`);
  }
}

/** Throws where a wallet exists already: a key that is overwritten is lost with all that it owns. */
export async function expectNoWallet(path: string): Promise<void> {
  const existing = await open(path, "r").catch(() => undefined);
  if (existing !== undefined) {
    await existing.close();
    throw new UsageError(`${path} exists and is not overwritten: name another file with --wallet`);
  }
}

/** Writes a new key file with mode 0600. Throws UsageError where one exists. */
export async function saveKeyFile(path: string, secret: KeyFileSecret, passphrase: string): Promise<KeyFile> {
  const file = await encryptKeyFile(secret, passphrase);
  await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
  const temporary = `${path}.${process.pid}.new`;
  const handle = await open(temporary, "wx", OWNER_ONLY_FILE);
  try {
    await handle.writeFile(`${JSON.stringify(file, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await chmod(temporary, OWNER_ONLY_FILE);
  try {
    // A link fails where the name is taken; a rename would replace it.
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      throw new UsageError(`${path} exists and is not overwritten: name another file with --wallet`);
    }
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  return file;
}

/** The wallet's secret, after asking for the passphrase. */
export async function openSecret(options: Pick<WalletOptions, "wallet" | "passphraseFile">): Promise<KeyFileSecret> {
  const file = await loadKeyFile(options.wallet);
  return decryptKeyFile(file, await readPassphrase(options.passphraseFile));
}

/** The account that signs. */
export async function openAccount(options: WalletOptions): Promise<Account> {
  return accountOfSecret(await openSecret(options), options.account);
}

/** The wallet's address; account 0's is readable without the passphrase. */
export async function walletAddress(options: WalletOptions): Promise<string> {
  return options.account === 0 ? (await loadKeyFile(options.wallet)).address : (await openAccount(options)).addressText;
}
