// The network between test nodes as the kernel has it: a network namespace for each node, and a link for each pair, which can go
// silent or be narrowed. Unlike a closed connection, a silent link tells neither side anything. Needs the right to make namespaces.

import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TestnetNode } from "../e2e/testnet.js";

const NAME = `ttc${process.pid}`;
/** Second byte of the links' addresses: another one for another run beside this. */
const NETWORK = 100 + (process.pid % 100);

function ip(...parameters: string[]): void {
  const { status, stderr } = spawnSync("ip", parameters, { encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`ip ${parameters.join(" ")}: ${stderr}`);
  }
}

function makeNamespace(name: string): void {
  ip("netns", "add", name);
  ip("-n", name, "link", "set", "lo", "up");
}

/** Whether this machine lets its user make namespaces and links between them. */
export const namespacesWork = ((): boolean => {
  try {
    makeNamespace(`${NAME}-x`);
    ip("link", "add", `${NAME}x0`, "type", "veth", "peer", "name", `${NAME}x1`);
    ip("link", "del", `${NAME}x0`);
    return true;
  } catch {
    return false;
  } finally {
    spawnSync("ip", ["netns", "del", `${NAME}-x`]);
  }
})();

interface Pair {
  a: number;
  b: number;
  /** The link's end in the namespace of `a`. */
  device: string;
  deviceOfB: string;
}

export class Namespaces {
  private readonly pairs: Pair[] = [];
  private readonly names: string[];

  private constructor(count: number) {
    this.names = Array.from({ length: count }, (_, i) => `${NAME}-${i}`);
  }

  /** Puts each of the nodes, which are not running yet, into a namespace; of a pair the first dials. Gives them at their new addresses. */
  static async between(nodes: TestnetNode[]): Promise<{ network: Namespaces; nodes: TestnetNode[] }> {
    const network = new Namespaces(nodes.length);
    const moved = nodes.map(({ home, url }, i) => {
      makeNamespace(network.names[i]);
      const address = network.link(i, undefined, `${i}.0`);
      return new TestnetNode(home, url.replace("127.0.0.1", address), ["ip", "netns", "exec", network.names[i]]);
    });
    const read = nodes.map(async ({ home }) => JSON.parse(await readFile(join(home, "node.json"), "utf8")));
    const settings = await Promise.all(read);
    for (let a = 0; a < nodes.length; a++) {
      const peers: string[] = [];
      for (let b = a + 1; b < nodes.length; b++) {
        const address = network.link(a, b, `${a}.${16 + 4 * b}`);
        peers.push(`${settings[b].nodeId}@${address}:${settings[b].p2pListen.split(":")[1]}`);
      }
      const { p2pListen } = settings[a];
      const own = {
        apiHost: new URL(moved[a].url).hostname,
        p2pListen: p2pListen.replace("127.0.0.1", "0.0.0.0"),
        peers,
      };
      await writeFile(join(nodes[a].home, "node.json"), JSON.stringify({ ...settings[a], ...own }));
    }
    return { network, nodes: moved };
  }

  /** Links node `a` with node `b`, or with this machine; gives the address of the far end, or of `a` where that is this machine. */
  private link(a: number, b: number | undefined, subnet: string): string {
    const [third, fourth] = subnet.split(".").map(Number);
    const address = (host: number): string => `10.${NETWORK}.${third}.${fourth + host}`;
    const [device, far] = [`${NAME}v${a}${b ?? "h"}`, `${NAME}w${a}${b ?? "h"}`];
    ip("link", "add", device, "type", "veth", "peer", "name", far);
    ip("link", "set", device, "netns", this.names[a]);
    ip("-n", this.names[a], "addr", "add", `${address(1)}/30`, "dev", device);
    ip("-n", this.names[a], "link", "set", device, "up");
    if (b === undefined) {
      ip("addr", "add", `${address(2)}/30`, "dev", far);
      ip("link", "set", far, "up");
      return address(1);
    }
    ip("link", "set", far, "netns", this.names[b]);
    ip("-n", this.names[b], "addr", "add", `${address(2)}/30`, "dev", far);
    ip("-n", this.names[b], "link", "set", far, "up");
    this.pairs.push({ a, b, device, deviceOfB: far });
    return address(2);
  }

  /** Silences every link between the group and the others. */
  partition(group: number[]): void {
    for (const { a, b, device } of this.pairs) {
      if (group.includes(a) !== group.includes(b)) {
        ip("-n", this.names[a], "link", "set", device, "down");
      }
    }
  }

  heal(): void {
    for (const { a, device } of this.pairs) {
      ip("-n", this.names[a], "link", "set", device, "up");
    }
  }

  /** Lets no more than `rate` (as tc reads it) through each link of a node, either way. */
  narrow(node: number, rate: string): void {
    for (const { a, b, device, deviceOfB } of this.pairs.filter((pair) => pair.a === node || pair.b === node)) {
      for (const [owner, name] of [
        [a, device],
        [b, deviceOfB],
      ] as const) {
        const shape = ["tbf", "rate", rate, "burst", "16kb", "latency", "400ms"];
        const parameters = [
          "netns",
          "exec",
          this.names[owner],
          "tc",
          "qdisc",
          "replace",
          "dev",
          name,
          "root",
          ...shape,
        ];
        ip(...parameters);
      }
    }
  }

  close(): void {
    for (const name of this.names) {
      spawnSync("ip", ["netns", "del", name]);
    }
  }
}
