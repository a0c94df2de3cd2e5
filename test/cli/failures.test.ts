// How commands fail: exit codes that scripts rely on, and messages that say what to do.

import { CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { CommandFailedError, exitCodeOf, explainFailure, failureAnswer, UsageError } from "../../src/cli/failures.js";
import { toJson } from "../../src/cli/output.js";
import { NodeUnreachableError } from "../../src/client/requestJson.js";
import { CodedError } from "../../src/protocol/errors.js";

describe("a failure", () => {
  test.each([
    [new CommandFailedError("no", {}), 1],
    [new CodedError("BUSY"), 1],
    [new Error("surprise"), 1],
    [new UsageError("no"), 2],
    [new CodedError("BAD_ADDRESS"), 2],
    [new CodedError("FOREIGN_ADDRESS"), 2],
    [new CommanderError(1, "commander.unknownCommand", ""), 2],
    [new CommanderError(0, "commander.helpDisplayed", ""), 0],
    [new NodeUnreachableError("http://x", "ECONNREFUSED"), 3],
  ])("%s ends the command with %i", (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });

  test("to reach a node says how to start one", () => {
    expect(explainFailure(new NodeUnreachableError("http://127.0.0.1:7070", "ECONNREFUSED"))).toBe(
      "no node answers at http://127.0.0.1:7070: ECONNREFUSED\nStart a node with `ttchain start`, or name another with --url or TTCHAIN_URL.",
    );
  });

  test("for want of coins says where to get some", () => {
    expect(explainFailure(new CodedError("INSUFFICIENT_BALANCE", "m"))).toContain("ttchain faucet");
    const failed = new CommandFailedError("refused", { code: "INSUFFICIENT_BALANCE" });
    expect(explainFailure(failed)).toContain("ttchain wallet balance");
  });

  test("is JSON for programs", () => {
    expect(failureAnswer(new CodedError("BUSY", "full", { retryAfterMs: 5 }))).toEqual({
      error: { code: "BUSY", message: "full", details: { retryAfterMs: 5 } },
    });
    expect(failureAnswer(new UsageError("m"))).toEqual({ error: { code: "USAGE", message: "m", details: {} } });
    expect(JSON.parse(toJson({ amount: 5n }))).toEqual({ amount: "5" });
  });
});
