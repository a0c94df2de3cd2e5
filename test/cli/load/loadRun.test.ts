// The load command as people run it: a chain of its own, a fleet, an audit. Runs the built program.

import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const main = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));

function run(...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...words]);
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (err += chunk));
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

function runFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("ttchain-load-"));
}

describe.skipIf(!existsSync(main))("ttchain load", () => {
  test("pays, audits, and leaves nothing behind", async () => {
    const before = runFolders();
    const words = [
      "--tills",
      "12",
      "--merchants",
      "3",
      "--rate",
      "60",
      "--seconds",
      "3",
      "--references",
      "0.3",
      "--double-pay",
      "0.1",
    ];
    const { code, out, err } = await run("load", ...words, "--duplicates", "0.05", "--json");
    expect(code, err).toBe(0);
    const report = JSON.parse(out);
    expect(report).toMatchObject({
      offered: 180,
      unresolved: 0,
      refused: 0,
      expired: 0,
      audit: { passed: true, findings: [] },
    });
    expect(report.committed + report.failed).toBe(report.sent);
    expect(report.failed).toBe(report.failuresByCode.REFERENCE_PAID ?? 0);
    expect(report.failed).toBeGreaterThan(0);
    expect(report.commit.count).toBe(report.sent);
    expect(report.commit.p50).toBeGreaterThan(0);
    expect(runFolders().filter((name) => !before.includes(name))).toEqual([]);
  });

  test("says that no node answers", async () => {
    const { code, err } = await run("load", "--url", "http://127.0.0.1:1", "--rate", "1", "--seconds", "1");
    expect(code, err).toBe(3);
    expect(err).toContain("ttchain start");
  });
});
