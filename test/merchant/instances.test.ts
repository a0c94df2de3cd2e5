// Instances that pass requests on: what the holder makes of them, and that nobody gains a right on the way.

import { mkdtemp, rm, stat } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.js";
import { makeLogger } from "../../src/base/logging.js";
import { systemRandom } from "../../src/base/random.js";
import { Door } from "../../src/http/door/door.js";
import { SERVER_LIMITS } from "../../src/http/limits.js";
import { type Server, startServer } from "../../src/http/startServer.js";
import type { Gateway } from "../../src/merchant/gateway.js";
import type { GatewayPlace } from "../../src/merchant/instances/dispatch.js";
import { announceHolder, readHolder } from "../../src/merchant/instances/holderFile.js";
import { HolderLink } from "../../src/merchant/instances/holderLink.js";
import { MerchantInstance } from "../../src/merchant/instances/instance.js";
import { type MountedMerchant, mountMerchant } from "../../src/merchant/mountMerchant.js";
import type { StaffJson } from "../../src/protocol/merchantApiTypes.js";
import { MerchantStage, openGateway } from "./merchantStage.js";

const logger = makeLogger({ level: "silent" });

/** A server of the gateway's routes for a gateway that is where `place` says. */
async function serve(place: GatewayPlace): Promise<Server> {
  let mounted: MountedMerchant | undefined;
  const door = new Door({ limits: SERVER_LIMITS, clock: systemClock, isProxy: () => false, onCutOff: () => undefined });
  return startServer({
    host: "127.0.0.1",
    port: 0,
    door,
    limits: SERVER_LIMITS,
    clock: systemClock,
    serve(app) {
      const parts = { clock: systemClock, logger, version: "0.0.0-test", originsAllowed: [], isSecure: false };
      mounted = mountMerchant(app, door, place, parts);
    },
    settle: async () => mounted?.close(),
  });
}

const SALE = { price: { currency: "TTC", amount: "7" } };

describe("an instance that does not hold the store", () => {
  let stage: MerchantStage;
  let viewer: string;

  beforeAll(async () => {
    stage = await MerchantStage.start();
    const { body } = await stage.post<StaffJson>("/v1/merchant/staff", { name: "Eve", role: "viewer" });
    const key = { name: "phone", staff: body.id };
    viewer = (await stage.post<{ secret: string }>("/v1/merchant/keys", key)).body.secret;
  });
  afterAll(() => stage.stop());

  function ask(url: string, key: string, path = "/v1/merchant/invoices", body: object = SALE): Promise<Response> {
    return fetch(url + path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "idempotency-key": Math.random().toString(),
        ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify(body),
    });
  }

  test("looks at a request's key itself where it comes to hold the store while the request waits", async () => {
    let gateway: Gateway | undefined;
    const server = await serve({
      get gateway() {
        return gateway;
      },
      async pass() {
        gateway = stage.gateway;
        return undefined;
      },
    });
    expect((await ask(server.url, viewer)).status).toBe(403);
    gateway = undefined;
    expect((await ask(server.url, "tsk_nonsense")).status).toBe(401);
    gateway = undefined;
    expect((await ask(server.url, stage.key)).status).toBe(200);
    await server.close();
  });

  test("sends a request again until a holder answers it", async () => {
    let tries = 0;
    const server = await serve({
      gateway: undefined,
      async pass(request) {
        const { method, target, headers } = request;
        const body = JSON.stringify({ method, target, headers });
        return ++tries < 3 ? undefined : { status: 422, contentType: "application/json", body, retryAfterMs: 2_000 };
      },
    });
    const path = "/v1/merchant/invoices/a%2Fb/assign?c=d%26e";
    const answer = await ask(server.url, "tsk_any", path, { payment: "1" });
    expect(answer.status).toBe(422);
    expect(answer.headers.get("retry-after")).toBe("2");
    expect(await answer.json()).toMatchObject({
      method: "POST",
      target: path,
      headers: { authorization: "Bearer tsk_any", "x-forwarded-for": "127.0.0.1" },
    });
    expect(tries).toBe(3);
    await server.close();
  });
});

describe("the way to a holder", () => {
  test("ends where the holder lives and answers nothing: a client is told so, and does not wait for ever", async () => {
    const directory = await mkdtemp(join(tmpdir(), "ttchain-hung-"));
    const socket = join(directory, "hung.sock");
    const hung = createServer().listen(socket);
    await announceHolder(directory, socket);
    const link = new HolderLink(directory, 50);
    const { signal: aborted } = new AbortController();
    const request = { method: "GET", target: "/", headers: {}, body: new Uint8Array(0), aborted };
    expect(await link.pass(request)).toBeUndefined();
    link.close();
    hung.close();
    await rm(directory, { recursive: true });
  });
});

describe("instances of one directory", () => {
  let stage: MerchantStage;
  let directory: string;

  const instance = (): MerchantInstance =>
    new MerchantInstance({
      directory,
      clock: systemClock,
      random: systemRandom,
      logger,
      version: "0.0.0-test",
      open: (lock) => openGateway(directory, stage.chain, { lock }),
    });

  beforeAll(async () => {
    stage = await MerchantStage.start({}, { withStore: false });
    directory = await mkdtemp(join(tmpdir(), "ttchain-instances-"));
  });
  afterAll(async () => {
    await stage.stop();
    await rm(directory, { recursive: true });
  });

  test("have one holder, and the next one when it stops", async () => {
    const [first, second] = [instance(), instance()];
    await first.join();
    await second.join();
    expect([first.gateway !== undefined, second.gateway !== undefined]).toEqual([true, false]);
    const server = await serve(second);
    const status = async () => (await (await fetch(`${server.url}/v1/merchant/status`)).json()) as object;
    expect(await status()).toMatchObject({ following: true });
    await first.stop();
    // Asked while nobody holds the store: whoever takes it answers.
    expect(await status()).toMatchObject({ following: true });
    expect(second.gateway).toBeDefined();
    await server.close();
    await second.stop();
    expect(await readHolder(directory)).toBeUndefined();
  });

  test("are reached by the store's owner only, and are told whose request it is", async () => {
    const holder = instance();
    await holder.join();
    const { socket } = (await readHolder(directory))!;
    expect((await stat(socket)).mode & 0o077).toBe(0);
    const ask = (address: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = {
          "content-type": "application/json",
          "idempotency-key": address,
          "x-forwarded-for": address,
        };
        const path = "/v1/merchant/stores";
        const request = httpRequest({ socketPath: socket, method: "POST", path, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        request.on("error", reject);
        request.end(JSON.stringify({ name: "Shop", payee: stage.payee.addressText }));
      });
    // Without a key of the operator only the machine itself may make a store.
    expect(await ask("203.0.113.7")).toBe(401);
    expect(await ask("127.0.0.1")).toBe(200);
    await holder.stop();
  });

  test("find each other also where the directory's path is too long for a socket", async () => {
    const short = directory;
    directory = join(short, "x".repeat(100));
    const [first, second] = [instance(), instance()];
    await first.join();
    await second.join();
    const { socket } = (await readHolder(directory))!;
    expect(dirname(socket)).not.toBe(directory);
    expect((await stat(dirname(socket))).mode & 0o077).toBe(0);
    const server = await serve(second);
    expect((await fetch(`${server.url}/v1/merchant/status`)).status).toBe(200);
    await server.close();
    await second.stop();
    await first.stop();
    await expect(stat(dirname(socket))).rejects.toMatchObject({ code: "ENOENT" });
    directory = short;
  });

  test("refuse a directory whose holder answers no others", async () => {
    const alone = await openGateway(directory, stage.chain, {});
    let nowMs = 0;
    const hasty = {
      ...systemClock,
      monotonicMs: () => (nowMs += 6_000),
      setTimer: (_: number, callback: () => void) => systemClock.setTimer(0, callback),
    };
    const joining = new MerchantInstance({
      directory,
      clock: hasty,
      random: systemRandom,
      logger,
      version: "0.0.0-test",
      open: () => Promise.reject(new Error("not asked")),
    });
    await expect(joining.join()).rejects.toMatchObject({ code: "DIRECTORY_IN_USE" });
    await joining.stop();
    await alone.stop();
  });
});
