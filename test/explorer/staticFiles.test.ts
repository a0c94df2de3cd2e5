// Serving the built pages: which file answers which address, in which form, under which headers, and that the API keeps its own.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadUws } from "../../src/http/loadUws.js";
import { loadStaticFiles, serveStaticFiles, staticFileOf } from "../../src/http/staticFiles.js";

let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-static-"));
  await mkdir(join(directory, "assets"));
  const files: [string, string][] = [
    ["index.html", "<!doctype html><title>page</title>"],
    ["assets/app-1234.js", "export const text = 'plain';"],
    ["assets/app-1234.js.br", "brotli"],
    ["assets/app-1234.js.gz", "gzip"],
    ["icon.svg", "<svg/>"],
    ["notes.txt", "of no known type"],
  ];
  await Promise.all(files.map(([name, text]) => writeFile(join(directory, name), text)));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe("the file for an address", () => {
  test("is the page for the pages' own addresses, and nothing for the API's and for missing files", () => {
    const files = loadStaticFiles(directory);
    const page = files.get("/index.html");
    for (const path of ["/", "/wallet", "/account/ttc1xyz", "/till/ab"]) {
      expect(staticFileOf(files, path), path).toBe(page);
    }
    for (const path of ["/v1", "/v1/nothing", "/openapi.json", "/assets/gone.js", "/notes.txt", "/../package.json"]) {
      expect(staticFileOf(files, path), path).toBeUndefined();
    }
    expect(files.get("/assets/app-1234.js")).toMatchObject({ immutable: true, type: "text/javascript; charset=utf-8" });
    expect(page?.immutable).toBe(false);
  });

  test("does not exist where nothing was built", () => {
    expect(loadStaticFiles(join(directory, "nowhere")).size).toBe(0);
  });
});

describe("the answer", () => {
  async function withServer(run: (url: string) => Promise<void>): Promise<void> {
    const uws = loadUws();
    const app = uws.App();
    app.any("/*", (response) => {
      response.writeStatus("404 Not Found").end("api");
    });
    serveStaticFiles(app, () => true, loadStaticFiles(directory));
    const port = await new Promise<number>((resolve) => {
      app.listen("127.0.0.1", 0, (socket) => resolve(socket === false ? 0 : uws.us_socket_local_port(socket)));
    });
    try {
      await run(`http://127.0.0.1:${port}`);
    } finally {
      app.close();
    }
  }

  test("is the smallest form that the client takes, cached for good where the name has a hash", () =>
    withServer(async (url) => {
      const get = (path: string, encodings: string, method = "GET") =>
        fetch(url + path, { method, headers: { "accept-encoding": encodings } });
      const plain = await get("/assets/app-1234.js", "identity");
      expect(await plain.text()).toBe("export const text = 'plain';");
      expect(plain.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect((await get("/assets/app-1234.js", "gzip, br", "HEAD")).headers.get("content-encoding")).toBe("br");
      expect((await get("/assets/app-1234.js", "gzip, br;q=0", "HEAD")).headers.get("content-encoding")).toBe("gzip");
      expect((await get("/assets/app-1234.js", "deflate", "HEAD")).headers.get("content-encoding")).toBeNull();
    }));

  test("carries a policy without inline scripts and outside addresses, and is not sent twice unchanged", () =>
    withServer(async (url) => {
      const page = await fetch(`${url}/wallet`);
      expect(await page.text()).toContain("<title>page</title>");
      const policy = page.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
      expect(page.headers.get("cache-control")).toBe("no-cache");
      const etag = page.headers.get("etag") ?? "";
      expect((await fetch(`${url}/wallet`, { headers: { "if-none-match": etag } })).status).toBe(304);
    }));

  test("leaves other addresses and other methods to the API", () =>
    withServer(async (url) => {
      expect(await (await fetch(`${url}/v1/nothing`)).text()).toBe("api");
      expect(await (await fetch(`${url}/`, { method: "POST" })).text()).toBe("api");
    }));
});
