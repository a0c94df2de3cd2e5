// uWebSockets.js is native: each of its releases carries binaries for some versions of Node only, so that two releases are
// installed and the one that fits is loaded.

import type { AppOptions, TemplatedApp, us_listen_socket } from "uWebSockets.js";
import { createRequire } from "node:module";

/** The part of the module that the API uses. */
export interface Uws {
  App(): TemplatedApp;
  /** As App, speaking TLS; what stands in for the module may do without. */
  SSLApp?(options: AppOptions): TemplatedApp;
  us_listen_socket_close(socket: us_listen_socket): void;
  us_socket_local_port(socket: us_listen_socket): number;
}

const EARLIER = "uWebSockets.js";
const LATER = "uWebSockets.js-next";

/** The installed releases that have a binary for this major version of Node, the preferred first. */
function releasesFor(nodeMajor: number): string[] {
  if (nodeMajor === 22) {
    return [EARLIER, LATER];
  }
  if (nodeMajor === 20 || nodeMajor === 23) {
    return [EARLIER];
  }
  return nodeMajor === 24 || nodeMajor === 26 ? [LATER] : [];
}

/** Why a binary did not load: the loader's own words stand within the package's message. */
function causeOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /GLIBC_[\d.]+/.test(message)
    ? `its binary needs a C library of ${/GLIBC_[\d.]+/.exec(message)?.[0]} or newer, as in Debian 13 or Ubuntu 24.04; Node 22 runs here`
    : (message.split("\n").find((line) => line.includes("Cannot find module")) ?? message.split("\n")[0]);
}

/** Loads the release for the running Node. Throws an Error that says which versions of Node have one. */
export function loadUws(nodeVersion: string = process.versions.node): Uws {
  const require = createRequire(import.meta.url);
  const reasons: string[] = [];
  for (const release of releasesFor(Number(nodeVersion.split(".")[0]))) {
    try {
      return require(release) as Uws;
    } catch (error) {
      reasons.push(`${release}: ${causeOf(error)}`);
    }
  }
  const found = `Node ${nodeVersion} on ${process.platform} ${process.arch}`;
  const why = reasons.length > 0 ? ` (${reasons.join("; ")})` : "";
  throw new Error(`expected Node 20, 22, 23, 24 or 26 on glibc Linux, macOS or Windows, got ${found}${why}`);
}
