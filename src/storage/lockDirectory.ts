// One node a data directory. A lock is a listening socket in it, named node-<process>-<random>.sock: the kernel closes it
// with the process, however that ends, so a leftover is told from a running node by connecting, and no stale lock needs
// removing by hand. It holds across containers of one machine that share the directory. Each node shows its socket before
// it looks for others, so two that start together may both give way, but never both go on.
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, realpath, rename, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StorageError } from "./storageErrors.js";

/** Socket paths end at 104 bytes with their final zero on macOS, at 108 on Linux. */
const SOCKET_PATH_BYTES_MAX = 103;
const SOCKET_NAME = /^node-(\d+)-[0-9a-f]{16}\.sock$/;
/** What file systems answer that hold no sockets, such as some that are shared with a virtual machine. */
const NO_SOCKETS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "EINVAL", "EACCES", "ENOSYS"]);

export interface DirectoryLock {
  /** Lets another node have the directory. */
  release(): Promise<void>;
}

/**
 * Takes the lock of `directory`, which is made where it doesn't exist.
 * Throws DIRECTORY_IN_USE where another node, of this process or another, holds it.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  await mkdir(directory, { recursive: true });
  const name = `node-${process.pid}-${randomBytes(8).toString("hex")}.sock`;
  let place = directory;
  let server = await listen(join(directory, name));
  if (server === undefined) {
    // The directory's path is too long or it can't hold a socket: then nodes of this machine meet in a temporary one.
    const id = createHash("sha256")
      .update(await realpath(directory))
      .digest("hex")
      .slice(0, 16);
    place = join(tmpdir(), `ttchain-${id}`);
    await mkdir(place, { recursive: true });
    server = await listen(join(place, name));
  }
  if (server === undefined) {
    throw new StorageError("DIRECTORY_IN_USE", `neither ${directory} nor ${place} can hold the lock's socket`);
  }
  const path = join(place, name);
  const release = async () => {
    await rm(path, { force: true });
    await new Promise((resolve) => server.close(resolve));
  };
  try {
    await expectAlone(directory, place, name);
    return { release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Listens at `path`, which appears only when it does listen; undefined where there can be no socket. */
async function listen(path: string): Promise<Server | undefined> {
  // Bound under another name first: a socket that is bound but does not listen yet would look left over.
  const bound = path.replace(/\.sock$/, ".new");
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
    return undefined;
  }
  const server = createServer((socket) => socket.destroy());
  server.unref();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(bound, resolve);
    });
  } catch (error) {
    if (NO_SOCKETS.has((error as NodeJS.ErrnoException).code ?? "")) {
      return undefined;
    }
    throw error;
  }
  await rename(bound, path);
  return server;
}

/** Removes sockets that dead processes left in `place`; throws where one of a running node is among them. */
async function expectAlone(directory: string, place: string, ownName: string): Promise<void> {
  for (const name of await readdir(place)) {
    const match = SOCKET_NAME.exec(name);
    if (match === null || name === ownName) {
      continue;
    }
    if (await isListening(join(place, name))) {
      throw new StorageError("DIRECTORY_IN_USE", `another node runs on ${directory}: process ${match[1]}`);
    }
    // Its name is never used again, so nobody else's lock is removed here.
    await rm(join(place, name), { force: true });
  }
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      // Anything else, such as a full queue of connections, comes from a process that lives.
      resolve(error.code !== "ECONNREFUSED" && error.code !== "ENOENT");
    });
  });
}
