// What tests of the built gateway share: a port to come back on, the programs of gateway and example shop, and waiting for events
// and webhooks.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { expect } from "vitest";
import type { MerchantClient } from "../../src/client/merchantClient.js";
import type { MerchantEventJson } from "../../src/protocol/merchantApiTypes.js";
import type { Receiver } from "../merchant/merchantStage.js";
import { type RunningNode, startProgram } from "./nodeProcess.js";

const SHOP = join(import.meta.dirname, "../../examples/shop/server.mjs");

export function startGateway(node: RunningNode, data: string, port: number): Promise<RunningNode> {
  return startProgram([
    ...["merchant", "--json", "--node", node.url, "--data", data, "--port", `${port}`],
    "--allow-private-webhooks",
  ]);
}

/** The example shop on a port; `file` outlives it. */
export function startShop(gateway: string, port: number, file: string, payee?: string): Promise<ChildProcess> {
  const parameters = [SHOP, gateway, `${port}`, ...(payee === undefined ? [] : [payee])];
  const child = spawn(process.execPath, parameters, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, SHOP_FILE: file },
  });
  return new Promise((resolve, reject) => {
    child.stdout?.on("data", (text: Buffer) => {
      if (`${text}`.includes("the shop is open")) {
        resolve(child);
      }
    });
    child.once("exit", (code) => reject(new Error(`the shop ended with ${code}`)));
  });
}

/** The store's first events, `count` of them. */
export async function firstEvents(shop: MerchantClient, count: number): Promise<MerchantEventJson[]> {
  const told: MerchantEventJson[] = [];
  const signal = AbortSignal.timeout(30_000);
  for await (const event of shop.follow(0, signal)) {
    told.push(event);
    if (told.length === count) {
      return told;
    }
  }
  throw new Error(`expected ${count} events, got ${told.length}`);
}

export async function expectAllDelivered(receiver: Receiver, told: readonly MerchantEventJson[]): Promise<void> {
  const deadline = Date.now() + 30_000;
  const missing = (): string[] => {
    const delivered = new Set(receiver.events.map(({ id }) => id));
    return told.map(({ id }) => id).filter((id) => !delivered.has(id));
  };
  while (missing().length > 0) {
    expect(Date.now(), `not delivered: ${missing()}`).toBeLessThan(deadline);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
