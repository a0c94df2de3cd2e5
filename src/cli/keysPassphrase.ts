// The passphrase of a node's keys: from a file, the environment, or the person at the terminal; where none is given, the one in
// the data directory, which a chain begun without any makes for itself.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { utf8Bytes } from "../base/bytes.js";
import { readPassphraseFile } from "../base/secretFile.js";
import { askSecret, isInteractive } from "./prompt.js";

/** Undefined where the data directory's own is to be used. The bytes are wiped by whoever opens the keys. */
export async function readKeysPassphrase(
  dataDirectory: string,
  file: string | undefined,
): Promise<Uint8Array | undefined> {
  if (file !== undefined) {
    return readPassphraseFile(file);
  }
  const given = process.env.TTCHAIN_KEYS_PASSPHRASE;
  if (given) {
    // Child processes have no use for it, and whoever reads this one's environment later shall not find it.
    delete process.env.TTCHAIN_KEYS_PASSPHRASE;
    return utf8Bytes(given);
  }
  const has = (name: string): boolean => existsSync(join(dataDirectory, name));
  return has("keys.json") && !has("keys.passphrase") && isInteractive()
    ? utf8Bytes(await askSecret("Passphrase of the node's keys: "))
    : undefined;
}
