// The passphrase of a key file: from a file, the environment, or the person at the terminal, in this order.

import { readFile } from "node:fs/promises";
import { UsageError } from "./failures.js";
import { askSecret, isInteractive } from "./prompt.js";

const PASSPHRASE_LENGTH_MIN = 8;

async function givenPassphrase(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) {
    return process.env.TTCHAIN_PASSPHRASE;
  }
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`can't read the passphrase file ${file}: ${error.code ?? error.message}`);
  });
  return text.replace(/\r?\n$/, "");
}

function expectInteractive(): void {
  if (!isInteractive()) {
    throw new UsageError("expected --passphrase-file or TTCHAIN_PASSPHRASE where nobody can be asked at a terminal");
  }
}

/** The passphrase of an existing key file. */
export async function readPassphrase(file: string | undefined): Promise<string> {
  const given = await givenPassphrase(file);
  if (given !== undefined) {
    return given;
  }
  expectInteractive();
  return askSecret("Passphrase: ");
}

/** A passphrase for a new key file, of at least 8 characters; typed twice at a terminal. */
export async function choosePassphrase(file: string | undefined): Promise<string> {
  let passphrase = await givenPassphrase(file);
  if (passphrase === undefined) {
    expectInteractive();
    passphrase = await askSecret(`New passphrase (at least ${PASSPHRASE_LENGTH_MIN} characters): `);
    if ((await askSecret("The same again: ")) !== passphrase) {
      throw new UsageError("the two passphrases differ: nothing was written");
    }
  }
  if (passphrase.length < PASSPHRASE_LENGTH_MIN) {
    throw new UsageError(`expected a passphrase of at least ${PASSPHRASE_LENGTH_MIN} characters`);
  }
  return passphrase;
}
