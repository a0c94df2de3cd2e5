// The API behind TLS, with a certificate that openssl makes for the test.

import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ApiChain } from "../apiChain.js";

let directory: string;
const file = (name: string): string => join(directory, name);

function makeCertificate(name: string): void {
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file(`${name}.key`)];
  execFileSync("openssl", ["req", "-x509", ...key, "-out", file(`${name}.crt`), "-days", "2", ...subject], {
    stdio: "ignore",
  });
  chmodSync(file(`${name}.key`), 0o600);
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "ttchain-tls-"));
  makeCertificate("one");
  makeCertificate("other");
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const start = (certificate: string, key: string): Promise<ApiChain> =>
  ApiChain.start({ server: { tls: { certificateFile: file(certificate), keyFile: file(key) } } });

test("answers HTTPS and WSS, tells browsers to stay with it, and not plain HTTP", async () => {
  const chain = await start("one.crt", "one.key");
  const ca = readFileSync(file("one.crt"));
  const { port } = chain.server;
  const [status, headers] = await new Promise<[number | undefined, NodeJS.Dict<string | string[]>]>(
    (resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, path: "/v1/status", ca, agent: false }, (response) => {
        response.resume();
        resolve([response.statusCode, response.headers]);
      });
      asked.on("error", reject);
      asked.end();
    },
  );
  expect(status).toBe(200);
  expect(headers["strict-transport-security"]).toContain("max-age=");
  const socket = new WebSocket(`wss://127.0.0.1:${port}/v1/ws`, { ca });
  const answer = new Promise((resolve, reject) => {
    socket.once("message", (data) => resolve(JSON.parse(data.toString())));
    socket.once("error", reject);
  });
  socket.once("open", () => socket.send('{"type":"ping","request":1}'));
  expect(await answer).toEqual({ type: "pong", request: 1 });
  socket.terminate();
  await expect(fetch(`http://127.0.0.1:${port}/v1/status`)).rejects.toThrow();
  await chain.stop();
});

test("refuses a key of another certificate, one that others can read, and what is no PEM", async () => {
  await expect(start("one.crt", "other.key")).rejects.toThrow(/is not that of the certificate/);
  chmodSync(file("other.key"), 0o644);
  await expect(start("other.crt", "other.key")).rejects.toThrow(/others can read/);
  chmodSync(file("one.crt"), 0o600);
  await expect(start("one.key", "one.crt")).rejects.toThrow(/in PEM/);
  await expect(start("none.crt", "one.key")).rejects.toThrow(/can't read the certificate/);
});
