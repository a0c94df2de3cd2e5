// Files that hold secrets: only their owner may read them. One that others can read is refused, not quietly mended: whoever
// read it before knows the secret.

import { chmod, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { nodeDisk } from "./disk.js";

const OTHERS_MODE_BITS = 0o077;
const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const OWNER_ONLY = 0o600;

/** A secret could not be read, or others can read it; the message says what to do. */
export class SecretFileError extends Error {
  override name = "SecretFileError";
}

/** Throws SecretFileError for the mode of a file that others than its owner can read or write. */
export function expectPrivateMode(path: string, mode: number): void {
  if (process.platform !== "win32" && (mode & OTHERS_MODE_BITS) !== 0) {
    throw new SecretFileError(
      `others can read ${path}: run chmod 600 on it (its mode is ${(mode & 0o777).toString(8)}), and change the secret where they may have`,
    );
  }
}

/** The bytes of a file that only its owner can read. Throws SecretFileError. */
export async function readSecretFile(path: string): Promise<Uint8Array> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    throw new SecretFileError(`can't read ${path}: ${error.code ?? error.message}`);
  });
  try {
    expectPrivateMode(path, (await file.stat()).mode);
    const bytes = await file.readFile();
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  } finally {
    await file.close();
  }
}

/** A passphrase file's bytes without the line break that editors end it with, the caller's own to wipe. Throws SecretFileError. */
export async function readPassphraseFile(path: string): Promise<Uint8Array> {
  const bytes = await readSecretFile(path);
  let end = bytes.length;
  end -= bytes[end - 1] === NEWLINE ? 1 : 0;
  end -= bytes[end - 1] === CARRIAGE_RETURN ? 1 : 0;
  if (end === 0) {
    throw new SecretFileError(`expected a passphrase in ${path}, got an empty file`);
  }
  return bytes.subarray(0, end);
}

/** Writes a file whole or not at all, in place of one that is there; durably, so that no power failure brings a revoked key back. */
export async function saveFile(path: string, content: string | Uint8Array, mode = OWNER_ONLY): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, "w", mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(temporary, mode);
  await rename(temporary, path);
  await nodeDisk.syncDirectory(dirname(path));
}
