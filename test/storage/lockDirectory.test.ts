import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lockDirectory } from "../../src/storage/lockDirectory.js";
import { failureOf } from "./blockLogHelpers.js";

let directory: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lock-"));
});
afterEach(() => {
  for (const child of children.splice(0)) {
    child.kill("SIGKILL");
  }
  rmSync(directory, { recursive: true });
});

/** Another process that holds the lock of `path` by the built code; resolves when it does. */
async function startHolder(path: string): Promise<ChildProcess> {
  const url = new URL("../../dist/storage/lockDirectory.js", import.meta.url).href;
  const code = `import { lockDirectory } from ${JSON.stringify(url)};
    await lockDirectory(${JSON.stringify(path)}); console.log("locked"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  await new Promise((resolve, reject) => {
    child.stdout!.once("data", resolve);
    child.once("exit", () => reject(new Error("the holder ended early")));
  });
  return child;
}

function ended(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once("exit", resolve));
}

describe("a directory's lock", () => {
  test("names the process that holds it, and is free when that was killed", async () => {
    const holder = await startHolder(directory);
    const error = await failureOf(lockDirectory(directory));
    expect(error).toMatchObject({ code: "DIRECTORY_IN_USE" });
    expect(error.message).toBe(`another node runs on ${directory}: process ${holder.pid}`);
    const end = ended(holder);
    holder.kill("SIGKILL");
    await end;
    const lock = await lockDirectory(directory);
    expect(readdirSync(directory)).toHaveLength(1);
    await lock.release();
    expect(readdirSync(directory)).toHaveLength(0);
  });

  test("keeps even the same process from taking it twice, until it is released", async () => {
    const lock = await lockDirectory(directory);
    expect(await failureOf(lockDirectory(directory))).toMatchObject({ code: "DIRECTORY_IN_USE" });
    await lock.release();
    await (await lockDirectory(directory)).release();
  });

  test("is never held twice when many ask at once", async () => {
    for (let round = 0; round < 20; round++) {
      const attempts = await Promise.allSettled(Array.from({ length: 6 }, () => lockDirectory(directory)));
      const held = attempts.filter((attempt) => attempt.status === "fulfilled");
      expect(held.length).toBeLessThanOrEqual(1);
      await Promise.all(held.map(({ value }) => value.release()));
    }
  });

  test("works where the directory's path is too long for a socket", async () => {
    const deep = join(directory, "d".repeat(120));
    mkdirSync(deep);
    const lock = await lockDirectory(deep);
    expect(await failureOf(lockDirectory(deep))).toMatchObject({ code: "DIRECTORY_IN_USE" });
    await lock.release();
  });
});
