import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

// A limit on files' size is the nearest thing to a full disk that needs no rights: the shell sets it for a process of its
// own, which runs the built code.
const FILE_KILOBYTES_MAX = 2000;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "full-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function runWithLimit(code: string): unknown {
  const built = (path: string) => JSON.stringify(new URL(`../../dist/${path}`, import.meta.url).href);
  const imports = `import { openLmdbStore } from ${built("storage/lmdbStore.js")};
    import { BlockLog } from ${built("storage/blockLog.js")};
    import { nodeDisk } from ${built("base/disk.js")};
    const directory = ${JSON.stringify(directory)};`;
  const shell = `trap "" XFSZ; ulimit -f ${FILE_KILOBYTES_MAX}; exec "$0" "$@"`;
  const args = ["-c", shell, process.execPath, "--input-type=module", "-e", imports + code];
  const { stdout, status, stderr } = spawnSync("bash", args, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe.skipIf(process.platform === "win32")("a write that the machine refuses", () => {
  // On the calling thread a batch of thousands goes into transactions within one.
  test.each([
    { onThisThread: false, count: 50, size: 1_000 },
    { onThisThread: true, count: 2_500, size: 40 },
  ])("fails the LMDB store, which keeps what it acknowledged and takes nothing more: %o", (options) => {
    const { onThisThread, count, size } = options;
    const result = runWithLimit(`
      let store = openLmdbStore(directory, { onThisThread: ${onThisThread} });
      const changes = (n) => Array.from({ length: ${count} }, (_, i) => (
        { table: "t", key: Uint8Array.of(n, i >> 8, i), value: new Uint8Array(${size}).fill(n) }));
      let acknowledged = 0;
      let code;
      while (code === undefined) {
        await store.write(changes(acknowledged)).then(() => acknowledged++, (error) => { code = error.code; });
      }
      const second = await store.write(changes(0)).catch((error) => error.code);
      const readable = [...store.range("t", {})].length;
      await store.close();
      store = openLmdbStore(directory);
      const reopened = [...store.range("t", {})].length;
      await store.close();
      console.log(JSON.stringify({ code, second, lost: [readable, reopened].map((left) => acknowledged * ${count} - left),
        acknowledged }));
    `);
    const acknowledged = expect.any(Number);
    expect(result).toEqual({ code: "STORE_FAILED", second: "STORE_FAILED", lost: [0, 0], acknowledged });
    expect((result as { acknowledged: number }).acknowledged).toBeGreaterThan(0);
  });

  test("fails the block log, which keeps what it acknowledged and takes nothing more", () => {
    const result = runWithLimit(`
      const options = { genesisHash: new Uint8Array(32) };
      let log = await BlockLog.open(nodeDisk, directory, options);
      let acknowledged = 0;
      let failure;
      while (failure === undefined) {
        await log.append(acknowledged + 1, [new Uint8Array(70_000).fill(1)])
          .then(() => acknowledged++, (error) => { failure = error; });
      }
      const second = await log.append(acknowledged + 1, []).catch((error) => error.code);
      const readable = log.lastHeight;
      await log.close();
      log = await BlockLog.open(nodeDisk, directory, options);
      const lost = [acknowledged - readable, acknowledged - log.lastHeight];
      console.log(JSON.stringify({ code: failure.code, cause: failure.cause.code, second, lost, torn: log.tornBytes > 0 }));
      await log.close();
    `);
    expect(result).toEqual({ code: "LOG_FAILED", cause: "EFBIG", second: "LOG_FAILED", lost: [0, 0], torn: true });
  });
});
