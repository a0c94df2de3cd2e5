// The network between test nodes: one proxied connection for each pair, which can be cut, delayed and narrowed.

import { readFile, writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { TestnetNode } from "../e2e/testnet.js";

interface Pair {
  a: number;
  b: number;
  server: Server;
  sockets: Set<Socket>;
}

interface Settings {
  nodeId: string;
  p2pListen: string;
  peers: string[];
}

async function readSettings(node: TestnetNode): Promise<Settings> {
  return JSON.parse(await readFile(join(node.home, "node.json"), "utf8")) as Settings;
}

export class Links {
  private readonly pairs: Pair[] = [];
  private isCut: (a: number, b: number) => boolean = () => false;
  private delayMs: (a: number, b: number) => number = () => 0;

  /** Puts a proxy between each two of the nodes, which are not running yet: of a pair the first dials. */
  static async between(nodes: TestnetNode[]): Promise<Links> {
    const links = new Links();
    const settings = await Promise.all(nodes.map(readSettings));
    for (let a = 0; a < nodes.length; a++) {
      const peers: string[] = [];
      for (let b = a + 1; b < nodes.length; b++) {
        const port = await links.add(a, b, Number(settings[b].p2pListen.split(":")[1]));
        peers.push(`${settings[b].nodeId}@127.0.0.1:${port}`);
      }
      await writeFile(join(nodes[a].home, "node.json"), JSON.stringify({ ...settings[a], peers }));
    }
    return links;
  }

  private async add(a: number, b: number, target: number): Promise<number> {
    const pair: Pair = { a, b, server: createServer(), sockets: new Set() };
    pair.server.on("connection", (socket) => this.join(pair, socket, target));
    this.pairs.push(pair);
    return new Promise((resolve) => {
      pair.server.listen(0, "127.0.0.1", () => resolve((pair.server.address() as { port: number }).port));
    });
  }

  private join(pair: Pair, near: Socket, target: number): void {
    if (this.isCut(pair.a, pair.b)) {
      near.destroy();
      return;
    }
    const far = connect(target, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      pair.sockets.add(from);
      from.on("data", (chunk) => {
        const delay = this.delayMs(pair.a, pair.b);
        if (delay === 0) {
          to.write(chunk);
        } else {
          // Timers of equal delay fire in their order.
          setTimeout(() => to.destroyed || to.write(chunk), delay);
        }
      });
      from.on("error", () => to.destroy());
      from.on("close", () => {
        pair.sockets.delete(from);
        to.destroy();
      });
    }
  }

  /** Cuts every link between the group and the others. */
  partition(group: number[]): void {
    this.isCut = (a, b) => group.includes(a) !== group.includes(b);
    for (const { a, b, sockets } of this.pairs) {
      if (this.isCut(a, b)) {
        for (const socket of sockets) {
          socket.destroy();
        }
      }
    }
  }

  heal(): void {
    this.isCut = () => false;
  }

  /** Delays what goes to and from a node; 0 ends it. */
  slow(node: number, delayMs: number): void {
    this.delayMs = (a, b) => (a === node || b === node ? delayMs : 0);
  }

  close(): void {
    for (const { server, sockets } of this.pairs) {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    }
  }
}
