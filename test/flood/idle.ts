// npm run idle -- [--connections 10000] [--seconds 70]: holds many idle WebSockets open, longer than the node waits for an answer to its
// pings, and says what memory they cost and how quick the node answers others meanwhile. Needs as many open files: ulimit -n.

import { parseArgs } from "node:util";
import { WebSocket } from "ws";
import { startNode } from "./runningNode.js";

const { values } = parseArgs({
  options: { connections: { type: "string", default: "10000" }, seconds: { type: "string", default: "70" } },
});
const COUNT = Number(values.connections);
const OPENING_AT_ONCE = 200;
const MIB = 1_048_576;

const node = await startNode("--workers", "1", "--state-cache-mb", "32", "--key-tables-mb", "0");
const sockets: WebSocket[] = [];
let closed = 0;

function open(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(node.socketUrl, { perMessageDeflate: false });
    socket.once("open", () => {
      sockets.push(socket);
      resolve();
    });
    socket.once("error", reject);
    socket.once("close", () => {
      closed++;
    });
  });
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function askMs(): Promise<number> {
  const begun = performance.now();
  const response = await fetch(`${node.url}/v1/status`);
  await response.text();
  return performance.now() - begun;
}

await askMs();
await wait(3_000);
const before = node.memoryBytes();
while (sockets.length < COUNT) {
  await Promise.all(Array.from({ length: Math.min(OPENING_AT_ONCE, COUNT - sockets.length) }, open));
}
const opened = node.memoryBytes();
const answers: number[] = [];
for (let second = 0; second < Number(values.seconds); second++) {
  await wait(1_000);
  answers.push(await askMs());
}
const held = node.memoryBytes();
const metrics = await (await fetch(`${node.url}/metrics`)).text();
const count = Number(/ttchain_websocket_connections (\d+)/.exec(metrics)?.[1]);
const sorted = answers.toSorted((a, b) => a - b);
console.log(
  `${sockets.length} idle connections held for ${values.seconds} s, ${closed} closed, the node counts ${count}\n` +
    `memory: ${Math.round(before / MIB)} MiB before, ${Math.round(opened / MIB)} MiB with all open, ${Math.round(held / MIB)} MiB at the end: ` +
    `${((held - before) / COUNT / 1_024).toFixed(1)} KiB a connection\n` +
    `answers to others meanwhile: median ${sorted[sorted.length >> 1].toFixed(1)} ms, longest ${sorted.at(-1)?.toFixed(1)} ms`,
);
process.exitCode = closed === 0 && count === COUNT ? 0 : 1;
for (const socket of sockets) {
  socket.terminate();
}
await node.end();
process.exit();
