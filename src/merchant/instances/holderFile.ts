// Where the instance that holds a store answers the others: a socket of this machine that only the store's owner may open, named in a
// file beside the lock. A file that a killed instance left names a socket that nobody answers at.

import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { saveFile } from "../../base/secretFile.js";

const FILE = "holder.json";
/** Socket paths end at 104 bytes with their final zero on macOS, at 108 on Linux. */
const SOCKET_PATH_BYTES_MAX = 103;

export interface Holder {
  socket: string;
  process: number;
}

/** Undefined where none has said that it holds the store. */
export async function readHolder(directory: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, FILE), "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

/** Places for the socket, the best first: in the directory, else, where its path is too long or it holds no sockets, in one of its own. */
export async function* socketPlaces(directory: string): AsyncGenerator<string> {
  const name = `holder-${process.pid}-${randomBytes(4).toString("hex")}.sock`;
  if (Buffer.byteLength(join(directory, name)) <= SOCKET_PATH_BYTES_MAX) {
    yield join(directory, name);
  }
  yield join(await mkdtemp(join(tmpdir(), "ttchain-")), name);
}

/** Tells the others; the caller holds the lock and answers at the socket. Removes what the holder before left. */
export async function announceHolder(directory: string, socket: string): Promise<void> {
  const before = await readHolder(directory);
  await saveFile(join(directory, FILE), JSON.stringify({ socket, process: process.pid } satisfies Holder));
  if (before !== undefined) {
    await removeSocket(before.socket);
  }
}

export async function withdrawHolder(directory: string, socket: string): Promise<void> {
  await rm(join(directory, FILE), { force: true });
  await removeSocket(socket);
}

async function removeSocket(path: string): Promise<void> {
  await rm(path, { force: true });
  // A directory of its own goes too; the store's has other files, and stays.
  await rmdir(dirname(path)).catch(() => undefined);
}
