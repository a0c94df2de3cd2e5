// Serves the built pages (dist/explorer) from memory, each in the smallest form that the browser takes. Names with a hash in them
// are cached for good; index.html answers every address of the pages and is asked for anew each time. The policy lets a page run
// this node's scripts and reach this node, nothing else.

import type { HttpRequest, HttpResponse, TemplatedApp } from "uWebSockets.js";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the build puts the pages, beside the node's own files. */
const PAGES_DIRECTORY = fileURLToPath(new URL("../explorer/", import.meta.url));
const INDEX = "/index.html";
/** Pages of a gateway's buyers: a page of its own, which needs nothing of a node. */
const CHECKOUT = { prefix: "/checkout/", file: "/checkout.html" };

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  webmanifest: "application/manifest+json",
};

const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

const IMMUTABLE = "public, max-age=31536000, immutable";

/** WebAssembly needs a permission of its own; styles come from files, and no address but this node's is reachable. */
const PAGE_HEADERS: [string, string][] = [
  [
    "Content-Security-Policy",
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
      "manifest-src 'self'; worker-src 'self'; media-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ],
  ["X-Content-Type-Options", "nosniff"],
  ["Referrer-Policy", "no-referrer"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Permissions-Policy", "camera=(self), microphone=(), geolocation=()"],
];

export interface StaticFile {
  type: string;
  etag: string;
  immutable: boolean;
  bytes: Uint8Array;
  /** By the name of the content encoding. */
  compressed: Map<string, Uint8Array>;
}

export type StaticFiles = Map<string, StaticFile>;

/** The files below `directory` by their paths, which begin with a slash; none where it doesn't exist. */
export function loadStaticFiles(directory: string = PAGES_DIRECTORY): StaticFiles {
  const files: StaticFiles = new Map();
  let names: string[];
  try {
    names = readdirSync(directory, { recursive: true, encoding: "utf8" }).map((name) => name.replaceAll("\\", "/"));
  } catch {
    return files;
  }
  const known = new Set(names);
  for (const name of names) {
    const type = TYPES[name.slice(name.lastIndexOf(".") + 1)];
    if (type === undefined) {
      continue;
    }
    const bytes = readFileSync(join(directory, name));
    const compressed = new Map<string, Uint8Array>();
    for (const [encoding, ending] of ENCODINGS) {
      if (known.has(name + ending)) {
        compressed.set(encoding, readFileSync(join(directory, name + ending)));
      }
    }
    const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
    files.set(`/${name}`, { type, etag, immutable: name.startsWith("assets/"), bytes, compressed });
  }
  return files;
}

/** The file that answers `path`; undefined for what is the API's, or nothing. */
export function staticFileOf(files: StaticFiles, path: string): StaticFile | undefined {
  const file = files.get(path);
  if (file !== undefined) {
    return file;
  }
  // The pages' own addresses have no ending; the API's lie under /v1 or have routes of their own.
  const isPage = !path.startsWith("/v1/") && path !== "/v1" && !path.slice(path.lastIndexOf("/")).includes(".");
  return isPage ? files.get(path.startsWith(CHECKOUT.prefix) ? CHECKOUT.file : INDEX) : undefined;
}

/** The body for a client that takes `accepted` encodings, and its encoding where it has one. */
function chooseBody(file: StaticFile, accepted: string): { body: Uint8Array; encoding?: string } {
  const names = accepted
    .split(",")
    .filter((part) => !/;\s*q=0(\.0+)?\s*$/.test(part))
    .map((part) => part.split(";")[0].trim());
  for (const [encoding] of ENCODINGS) {
    const body = file.compressed.get(encoding);
    if (body !== undefined && names.includes(encoding)) {
      return { body, encoding };
    }
  }
  return { body: file.bytes };
}

function answer(response: HttpResponse, request: HttpRequest, file: StaticFile): void {
  const isHead = request.getMethod() === "head";
  const unchanged = request.getHeader("if-none-match") === file.etag;
  const { body, encoding } = chooseBody(file, request.getHeader("accept-encoding"));
  // An answer without a body may still be on its way when this returns, and the module insists on hearing of aborts then.
  response.onAborted(() => undefined);
  response.cork(() => {
    response.writeStatus(unchanged ? "304 Not Modified" : "200 OK");
    for (const [name, value] of PAGE_HEADERS) {
      response.writeHeader(name, value);
    }
    response.writeHeader("Cache-Control", file.immutable ? IMMUTABLE : "no-cache");
    response.writeHeader("ETag", file.etag).writeHeader("Vary", "Accept-Encoding");
    if (unchanged) {
      response.endWithoutBody();
      return;
    }
    response.writeHeader("Content-Type", file.type);
    if (encoding !== undefined) {
      response.writeHeader("Content-Encoding", encoding);
    }
    if (isHead) {
      response.endWithoutBody(body.length);
    } else {
      response.end(body);
    }
  });
}

/** Answers GET and HEAD of the pages; leaves every other request to the handlers that follow. */
export function serveStaticFiles(
  app: TemplatedApp,
  mayAsk: (response: HttpResponse, request: HttpRequest) => boolean,
  files: StaticFiles = loadStaticFiles(),
): void {
  if (!files.has(INDEX)) {
    return;
  }
  const handler = (response: HttpResponse, request: HttpRequest): void => {
    const file = staticFileOf(files, request.getUrl());
    // Who may not ask is answered by the handlers that follow, too.
    if (file === undefined || !mayAsk(response, request)) {
      request.setYield(true);
    } else {
      answer(response, request, file);
    }
  };
  app.get("/*", handler);
  app.head("/*", handler);
}
