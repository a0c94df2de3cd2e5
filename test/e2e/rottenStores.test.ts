// LMDB keeps no checksums: the node's own find what rots in it. Values are altered through the package itself, behind the node's back, and
// bits of the whole file are flipped.

import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "lmdb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { runCommand, startNode } from "./nodeProcess.js";

let directory: string;
let chain: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-rot-"));
  chain = join(directory, "chain");
  const node = await startNode(chain, 0);
  const load = ["load", "--url", node.url, "--tills", "8", "--rate", "40", "--seconds", "2", "--seed", "4", "--json"];
  expect((await runCommand(load)).code).toBe(0);
  expect(await node.kill("SIGTERM")).toBe(0);
}, 120_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

function copyOf(name: string): string {
  const target = join(directory, name);
  execFileSync("cp", ["-r", chain, target]);
  return target;
}

/** Flips a bit of the last value of a table. */
async function rotValue(path: string, table: string): Promise<void> {
  const binary = { keyEncoding: "binary", encoding: "binary" } as const;
  const root = open<Uint8Array, Uint8Array>({ path, maxDbs: 64, mapSize: 2 ** 30, noSubdir: false, ...binary });
  const database = root.openDB<Uint8Array, Uint8Array>({ name: table, ...binary });
  const [entry] = [...database.getRange({ reverse: true, limit: 1 })];
  const value = Uint8Array.from(entry.value);
  value[value.length >> 1] ^= 4;
  await database.put(Uint8Array.from(entry.key), value);
  await root.close();
}

const TABLES: [string, string, string][] = [
  ["state", "pages", "state"],
  ["state", "expiry", "state"],
  ["state", "undo", "state"],
  ["history", "history.runs", "history"],
  ["history", "history.summaries", "history"],
  ["history", "history.meta", "history"],
];

describe("a value that is not the one written", () => {
  test.each(TABLES)("in %s, table %s, is named by verify", async (store, table, part) => {
    const data = copyOf(table);
    await rotValue(join(data, store), table);
    const { code, stdout } = await runCommand(["verify", "--data", data, "--json"]);
    const answer = JSON.parse(stdout) as { damage: { part: string; message: string } };
    expect([code, answer.damage.part]).toEqual([1, part]);
    expect(answer.damage.message).toContain(`table ${table}`);
  });

  test("is not served by a running node, which says so and ends", async () => {
    const data = copyOf("running");
    await rotValue(join(data, "history"), "history.summaries");
    const node = await startNode(data, 0);
    let log = "";
    node.process.stdout?.on("data", (text: string) => {
      log += text;
    });
    const ended = new Promise<number | null>((resolve) => node.process.once("exit", resolve));
    const heights = Array.from({ length: 100 }, (_, i) => node.height + 1 - i).filter((height) => height > 0);
    for (const height of heights) {
      const answer = await fetch(`${node.url}/v1/blocks?before=${height + 1}&limit=1`).catch(() => undefined);
      if (answer === undefined || answer.status !== 200) {
        expect(answer?.status ?? 500).toBe(500);
        break;
      }
    }
    expect(await ended).toBe(1);
    expect(log).toContain("is damaged: table history.summaries");
  }, 60_000);
});

test("bits flipped anywhere in LMDB's file are named, or lie where nothing is stored", async () => {
  const random = new SeededRandom(3);
  const path = join(copyOf("pages-of-lmdb"), "state", "data.mdb");
  const sound = await readFile(path);
  let named = 0;
  for (let i = 0; i < 4; i++) {
    const rotten = Uint8Array.from(sound);
    // Two at a time, a page apart: more of the file is met.
    for (const bit of [random.below(sound.length * 8), random.below(sound.length * 8)]) {
      rotten[bit >> 3] ^= 1 << (bit & 7);
    }
    await writeFile(path, rotten);
    const { code, stdout } = await runCommand(["verify", "--data", join(directory, "pages-of-lmdb"), "--json"]);
    if (code === 0) {
      expect(JSON.parse(stdout)).toMatchObject({ sound: true });
    } else {
      named++;
    }
  }
  expect(named).toBeGreaterThan(0);
});
