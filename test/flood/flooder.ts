// One process of attackers: each of many addresses (127.0.1.1 and on) keeps a WebSocket and sends transactions whose signatures no key made,
// as quick as it is let; cut off, it tries again at once.

import { parseArgs } from "node:util";
import { WebSocket } from "ws";
import { SeededRandom } from "../../src/base/random.js";
import { Account } from "../../src/client/account.js";
import { transfer } from "../../src/client/actions.js";
import { encodeBatchFrame } from "../../src/client/batchFrame.js";
import { buildTransaction } from "../../src/client/buildTransaction.js";
import { TTChainClient } from "../../src/client/client.js";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "" },
    addresses: { type: "string", default: "100" },
    seconds: { type: "string", default: "20" },
    "frames-per-second": { type: "string", default: "5" },
  },
});
const ADDRESSES = Number(values.addresses);
const TRANSACTIONS_A_FRAME = 64;
const TRANSACTIONS = 1_024;
const SIGNATURE_BYTES = 64;
const AGAIN_MS = 500;
/** What a socket may hold back before its attacker waits. */
const BUFFER_BYTES_MAX = 1_000_000;

const random = new SeededRandom(99);
const counts = { frames: 0, cutOff: 0, refusedConnections: 0, judgedFrames: 0, busyFrames: 0 };

/** Payments that would be valid, but for their signatures: everything before the signature passes. */
async function templates(): Promise<Uint8Array[]> {
  const client = new TTChainClient({ url: values.url });
  const payer = Account.random(random);
  await client.faucet(payer.addressText);
  while (!(await client.account(payer.addressText)).exists) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const view = await client.chain();
  const action = transfer(payer, { to: Account.random(random).address, amount: 1_000n });
  return Array.from(
    { length: TRANSACTIONS },
    (_, lane) => buildTransaction(view, [payer], { actions: [action], lane, sequence: 0 }).bytes,
  );
}

function frame(valid: readonly Uint8Array[]): Uint8Array {
  const bad = Array.from({ length: TRANSACTIONS_A_FRAME }, () => {
    const bytes = valid[random.below(valid.length)].slice();
    // Another S each time: a signature of its right form, so that only the check itself can tell.
    bytes.set(random.bytes(24), bytes.length - SIGNATURE_BYTES + 32);
    return bytes;
  });
  return encodeBatchFrame(random.below(2 ** 31), bad, false);
}

function onMessage(data: Buffer): void {
  // What comes first tells for the rest: attackers that read every answer would take the processor from the node that they attack.
  const isJudged = data.subarray(0, 200).includes("BAD_SIGNATURE");
  counts.judgedFrames += isJudged ? 1 : 0;
  counts.busyFrames += isJudged ? 0 : 1;
}

function attack(address: string, frames: readonly Uint8Array[]): void {
  const socket = new WebSocket(`${values.url.replace("http", "ws")}/v1/ws`, {
    localAddress: address,
    perMessageDeflate: false,
  } as object);
  let timer: NodeJS.Timeout | undefined;
  socket.on("open", () => {
    timer = setInterval(() => {
      if (socket.bufferedAmount < BUFFER_BYTES_MAX) {
        socket.send(frames[random.below(frames.length)]);
        counts.frames++;
      }
    }, 1_000 / Number(values["frames-per-second"]));
  });
  socket.on("message", onMessage);
  socket.on("error", () => undefined);
  socket.on("close", (code) => {
    clearInterval(timer);
    code === 1008 ? counts.cutOff++ : counts.refusedConnections++;
    setTimeout(() => attack(address, frames), AGAIN_MS);
  });
}

const valid = await templates();
// Made beforehand: what the attackers compute must not take the processor from the node that they attack.
const frames = Array.from({ length: 500 }, () => frame(valid));
for (let i = 0; i < ADDRESSES; i++) {
  attack(`127.0.${1 + Math.floor(i / 250)}.${1 + (i % 250)}`, frames);
}
console.log("attacking");
function end(): void {
  console.log(JSON.stringify(counts));
  process.exit();
}
process.once("SIGTERM", end);
setTimeout(end, Number(values.seconds) * 1_000);
