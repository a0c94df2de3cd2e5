import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { nodeDisk } from "../../src/base/disk.js";
import { SeededRandom } from "../../src/base/random.js";
import { BlockLog } from "../../src/storage/blockLog.js";
import { openLmdbStore } from "../../src/storage/lmdbStore.js";

const ROUNDS = 6;
const built = (path: string) => JSON.stringify(new URL(`../../dist/${path}`, import.meta.url).href);

/** A process that appends to the log and writes to the store without end, and says each height once it is durable. */
function writerCode(directory: string): string {
  return `import { openLmdbStore } from ${built("storage/lmdbStore.js")};
    import { BlockLog } from ${built("storage/blockLog.js")};
    import { nodeDisk } from ${built("base/disk.js")};
    import { writeSync } from "node:fs";
    const options = { genesisHash: new Uint8Array(32), segmentBytes: 300000 };
    const log = await BlockLog.open(nodeDisk, ${JSON.stringify(join(directory, "log"))}, options);
    const store = openLmdbStore(${JSON.stringify(join(directory, "store"))});
    const value = (height) => new Uint8Array((height * 7919) % 40000).fill(height);
    const key = (height) => new Uint8Array(Uint32Array.of(height).buffer).reverse();
    const last = Uint8Array.of(9);
    const save = (height) => store.write([
      { table: "t", key: key(height), value: value(height) },
      { table: "t", key: last, value: key(height) },
    ]);
    // The store may lag behind the log: what it lacks is made up for first.
    const stored = store.get("t", last);
    for (let height = stored ? stored[3] + 256 * stored[2] + 1 : 1; height <= log.lastHeight; height++) {
      await save(height);
    }
    for (let height = (log.lastHeight ?? 0) + 1; ; height++) {
      await Promise.all([log.append(height, [key(height), value(height)]), save(height)]);
      writeSync(1, height + "\\n");
    }`;
}

/** Runs the writer and kills it about `count` heights later; resolves with the last height it said. */
function runAndKill(directory: string, count: number): Promise<number> {
  const args = ["--input-type=module", "-e", writerCode(directory)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let last = 0;
  let seen = 0;
  createInterface(child.stdout).on("line", (line) => {
    last = Number(line);
    seen += 1;
    if (seen === count) {
      child.kill("SIGKILL");
    }
  });
  return new Promise((resolve, reject) => {
    child.once("close", (_code, signal) => {
      signal === "SIGKILL" ? resolve(last) : reject(new Error("the writer ended by itself"));
    });
  });
}

test("a process killed at any instant loses nothing that it called durable", async () => {
  const directory = mkdtempSync(join(tmpdir(), "killed-"));
  const random = new SeededRandom(process.pid);
  for (let round = 0; round < ROUNDS; round++) {
    const acknowledged = await runAndKill(directory, 1 + random.below(60));
    const log = await BlockLog.open(nodeDisk, join(directory, "log"), { genesisHash: new Uint8Array(32) });
    const store = openLmdbStore(join(directory, "store"));
    const heights: number[] = [];
    for await (const { height, payload } of log.recordsFrom(1)) {
      expect(new DataView(payload.buffer, payload.byteOffset).getUint32(0)).toBe(height);
      expect(payload.length).toBe(4 + ((height * 7919) % 40000));
      heights.push(height);
    }
    expect(heights.length).toBeGreaterThanOrEqual(acknowledged);
    expect(heights).toEqual(Array.from(heights, (_, i) => i + 1));
    const stored = new DataView(store.get("t", Uint8Array.of(9))!.buffer).getUint32(0);
    expect(stored).toBeGreaterThanOrEqual(acknowledged);
    expect([...store.range("t", { end: Uint8Array.of(9) })]).toHaveLength(stored);
    await log.close();
    await store.close();
  }
  rmSync(directory, { recursive: true });
});
