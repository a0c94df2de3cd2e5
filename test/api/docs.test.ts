// The documents say what the code does: error codes, routes, and the OpenAPI description.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROUTES, SOCKET_PATH } from "../../src/api/routeTable.js";
import { httpStatusOf } from "../../src/http/errorJson.js";
import { ERROR_CODES, type ErrorCode } from "../../src/protocol/errors.js";
import { ApiChain } from "./apiChain.js";
import { SchemaChecker } from "./schemaChecker.js";

function readDocument(name: string): string {
  return readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
}

let chain: ApiChain;
let schemas: SchemaChecker;

beforeAll(async () => {
  chain = await ApiChain.start({ accounts: 1 });
  schemas = await SchemaChecker.load(chain.url);
});

afterAll(() => chain.stop());

test("docs/errors.md lists every code with its number and meaning, in the table's order", () => {
  const rows = [...readDocument("errors.md").matchAll(/^\| (\d+) \| `([A-Z_]+)` \| (.*) \|$/gm)];
  const expected = Object.entries(ERROR_CODES).map(([code, [number, meaning]]) => [`${number}`, code, meaning]);
  expect(rows.map(([, number, code, meaning]) => [number, code, meaning])).toEqual(expected);
});

test("docs/api.md names every route", () => {
  const text = readDocument("api.md");
  const shown = (path: string): string => path.replace("{block}", "{height or hash}");
  const missing = ROUTES.filter(({ method, path }) => {
    const named = path.startsWith("/v1") ? `\`${method.toUpperCase()} ${shown(path)}` : path;
    return !text.includes(named);
  });
  expect(missing.map(({ path }) => path)).toEqual([]);
  expect(text).toContain(SOCKET_PATH);
});

test("docs/api.md names every code that has an HTTP status of its own", () => {
  const text = readDocument("api.md");
  const own = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => ![400, 422].includes(httpStatusOf(code)));
  expect(own.filter((code) => !text.includes(code))).toEqual([]);
});

test("the OpenAPI document describes exactly the routes served", () => {
  const described = Object.entries(schemas.document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  const served = [...ROUTES.map(({ method, path }) => `${method} ${path}`), `get ${SOCKET_PATH}`];
  expect(described.toSorted()).toEqual(served.toSorted());
  expect(new Set(served).size).toBe(served.length);
});

test("every parameter of a path is described, and every schema that is referred to exists", () => {
  for (const { path, parameters = [] } of ROUTES) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    expect(parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name)).toEqual(named);
  }
  const text = JSON.stringify(schemas.document);
  for (const [, name] of text.matchAll(/#\/components\/schemas\/(\w+)/g)) {
    expect(schemas.document.components.schemas).toHaveProperty(name);
  }
});

test("every route answers under its path, with an error of the documented form where it is asked badly", async () => {
  for (const { method, path } of ROUTES) {
    const url = chain.url + path.replace(/\{\w+\}/g, "x");
    const response = await fetch(url, { method: method.toUpperCase() });
    const text = await response.text();
    expect(response.status, `${method} ${path}: ${text}`).not.toBe(500);
    expect(response.status, `${method} ${path}: ${text}`).not.toBe(404);
    if (response.status >= 400) {
      const problems = schemas.problems({ $ref: "#/components/schemas/Error" }, JSON.parse(text), "$");
      expect(problems).toEqual([]);
    }
  }
});
