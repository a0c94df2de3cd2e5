// Servers' and gateways' ends: nobody who hangs keeps a server, and what did not start leaves nothing running.

import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Clock, systemClock } from "../../src/base/clock.js";
import { nodeDisk } from "../../src/base/disk.js";
import { makeLogger } from "../../src/base/logging.js";
import { systemRandom } from "../../src/base/random.js";
import type { FeedConfig } from "../../src/feeds/feedConfig.js";
import { Door } from "../../src/http/door/door.js";
import { SERVER_LIMITS } from "../../src/http/limits.js";
import { RouteServer } from "../../src/http/serveRoutes.js";
import { startServer } from "../../src/http/startServer.js";
import { startMerchantInNode } from "../../src/merchantInNode.js";
import type { NodeOptions } from "../../src/nodeParts.js";
import { lockDirectory } from "../../src/storage/lockDirectory.js";
import { MerchantStage } from "./merchantStage.js";

const logger = makeLogger({ level: "silent" });

test("a server that closes gives requests under way their time, and no more", async () => {
  const door = new Door({ limits: SERVER_LIMITS, clock: systemClock, isProxy: () => false, onCutOff: () => undefined });
  const nothing = () => undefined;
  const keyring = { scopesOf: () => [], expect: nothing };
  const routes = new RouteServer(
    { door, keyring, clock: systemClock, logger, onRequest: nothing, onFailure: nothing },
    [],
    false,
  );
  let asked: () => void;
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  const server = await startServer({
    host: "127.0.0.1",
    port: 0,
    door,
    limits: { ...SERVER_LIMITS, closeGraceMs: 20 },
    clock: systemClock,
    serve: (app) =>
      routes.serve(app, [
        {
          method: "get",
          path: "/never",
          summary: "",
          answer: { description: "", content: {} },
          handle() {
            asked();
            return new Promise(nothing);
          },
        },
      ]),
    settle: () => routes.inFlight.idle(),
  });
  const lost = fetch(`${server.url}/never`).catch(() => "cut off");
  await isAsked;
  await server.close();
  expect(await lost).toBe("cut off");
  const again = connect(server.port, "127.0.0.1");
  await expect(
    new Promise((resolve, reject) => again.once("connect", resolve).once("error", reject)),
  ).rejects.toThrow();
});

const NO_FEED: FeedConfig = {
  sources: [],
  sourcesMin: 1,
  decimals: 0,
  timeoutMs: 1_000,
  maxAgeSeconds: 10,
  spreadBasisPoints: 100,
};

test("a gateway that does not start in its node leaves no feed being read", async () => {
  const stage = await MerchantStage.start({}, { withStore: false });
  const dataDirectory = await mkdtemp(join(tmpdir(), "ttchain-held-"));
  const lock = await lockDirectory(join(dataDirectory, "merchant"));
  let timers = 0;
  const clock: Clock = {
    ...systemClock,
    setTimer(delayMs, callback) {
      timers++;
      const timer = systemClock.setTimer(delayMs, () => {
        timers--;
        callback();
      });
      let isOver = false;
      return {
        cancel() {
          timers -= isOver ? 0 : 1;
          isOver = true;
          timer.cancel();
        },
      };
    },
  };
  const { genesisHash, state, feed, blocks } = stage.chain;
  const chain = { genesisHash, state, feed, blocks: blocks as never, isDevelopment: true };
  const feeds = new Map<string, FeedConfig>([["won/TTC", NO_FEED]]);
  const options = { dataDirectory, merchant: { allowPrivateWebhooks: false, feeds }, version: "0" };
  const environment = { clock, random: systemRandom, logger, disk: nodeDisk, onFailure: () => undefined };
  await expect(
    startMerchantInNode(chain, options as unknown as NodeOptions, environment, undefined),
  ).rejects.toMatchObject({ code: "DIRECTORY_IN_USE" });
  expect(timers).toBe(0);
  await lock.release();
  await stage.stop();
  await rm(dataDirectory, { recursive: true });
});
