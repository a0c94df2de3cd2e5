// A history that is made anew replaces the one before only when it is whole: whatever stops it, what was there stays.

import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KeyValueHistory } from "../../src/history/keyValueHistory.js";
import { rebuildHistory } from "../../src/rebuildHistory.js";
import { openLmdbStore } from "../../src/storage/lmdbStore.js";
import { lockDirectory } from "../../src/storage/lockDirectory.js";
import { makeChain } from "../restore/madeChain.js";

const BLOCKS = 2;
let directory: string;
let log: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-rebuild-"));
  expect((await makeChain(directory, 20_001)).height).toBe(BLOCKS);
  const [segment] = (await readdir(join(directory, "blocks"))).filter((name) => !name.endsWith(".index"));
  log = join(directory, "blocks", segment);
}, 60_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Stands for a history: rebuilding it must not read what is there, which may be rotten. */
async function placeHistory(): Promise<string> {
  const mark = join(directory, "history", "mark");
  await rm(join(directory, "history"), { recursive: true, force: true });
  await mkdir(join(directory, "history"));
  await appendFile(mark, "rows");
  await writeFile(join(directory, "history", "data.mdb"), "rotten");
  return mark;
}

const rebuild = (): ReturnType<typeof rebuildHistory> =>
  rebuildHistory({ dataDirectory: directory, paymentStore: undefined, tell: () => undefined });

test("where the log is damaged the history stays", async () => {
  const mark = await placeHistory();
  const sound = await readFile(log);
  const damaged = Uint8Array.from(sound);
  damaged[Math.floor(sound.length / 4)] ^= 1;
  await writeFile(log, damaged);
  await expect(rebuild()).rejects.toThrow(/damaged/);
  expect(await readFile(mark, "utf8")).toBe("rows");
  await writeFile(log, sound);
});

test("where a node runs on the directory, and where it holds no chain, the history stays", async () => {
  const mark = await placeHistory();
  const lock = await lockDirectory(directory);
  await expect(rebuild()).rejects.toThrow(/another node runs/);
  await lock.release();
  const genesis = join(directory, "genesis.json");
  const text = await readFile(genesis);
  await rm(genesis);
  await expect(rebuild()).rejects.toThrow(/genesis/);
  await writeFile(genesis, text);
  expect(await readFile(mark, "utf8")).toBe("rows");
});

test("a rotten history is replaced, and what a rebuild left that was ended is made anew", async () => {
  await placeHistory();
  await mkdir(join(directory, "history.making"), { recursive: true });
  await writeFile(join(directory, "history.making", "data.mdb"), "half");
  expect(await rebuild()).toMatchObject({ store: "lmdb", blocks: BLOCKS, height: BLOCKS });
  expect((await readdir(directory)).filter((name) => name.startsWith("history"))).toEqual(["history"]);
  const store = openLmdbStore(join(directory, "history"));
  expect(KeyValueHistory.open(store).checkpoint).toBe(BLOCKS);
  await store.close();
});
