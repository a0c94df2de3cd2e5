// What a server's process ends with, by which a service manager knows whether to start it again.

import { readFile } from "node:fs/promises";
import { afterEach, expect, test, vi } from "vitest";
import { makeLogger } from "../../src/base/logging.js";
import { EXIT_CODES } from "../../src/cli/failures.js";
import { runUntilStopped } from "../../src/cli/runUntilStopped.js";
import { UpgradeNeededError } from "../../src/consensus/upgradeNeeded.js";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
const before = SIGNALS.map((signal) => process.listeners(signal));

afterEach(() => {
  vi.restoreAllMocks();
  for (const [i, signal] of SIGNALS.entries()) {
    for (const listener of process.listeners(signal).filter((one) => !before[i].includes(one))) {
      process.off(signal, listener);
    }
  }
});

async function exitCodeAfter(error: Error): Promise<unknown> {
  const exit = vi.spyOn(process, "exit").mockImplementation((() => undefined) as never);
  const stop = vi.fn(async () => undefined);
  let fail: (error: unknown) => void = () => undefined;
  await runUntilStopped("the node", makeLogger({ level: "silent" }), async (onFailure) => {
    fail = onFailure;
    return { stop };
  });
  fail(error);
  await vi.waitFor(() => expect(exit).toHaveBeenCalled());
  expect(stop).toHaveBeenCalledOnce();
  return exit.mock.calls[0][0];
}

test("a node that is too old stops cleanly and is not started again, after other failures it is", async () => {
  const unit = await readFile(new URL("../../ops/systemd/ttchain-node.service", import.meta.url), "utf8");
  expect(unit).toContain(`RestartPreventExitStatus=${EXIT_CODES.tooOld}\n`);
  expect(await exitCodeAfter(new UpgradeNeededError("version 2"))).toBe(EXIT_CODES.tooOld);
  vi.restoreAllMocks();
  expect(await exitCodeAfter(new Error("the disk is full"))).toBe(EXIT_CODES.failed);
});
