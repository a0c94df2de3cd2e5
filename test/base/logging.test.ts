import { expect, test } from "vitest";
import { makeLogger } from "../../src/base/logging.js";

test("a logger writes one line of JSON an event at or above its level, with its fields", () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const logger = makeLogger({ level: "info", fields: { chain: "test" }, destination });
  logger.debug("not written");
  logger.child({ part: "log" }).info({ height: 5 }, "appended");
  expect(lines).toHaveLength(1);
  const line = JSON.parse(lines[0]);
  expect(line).toMatchObject({ chain: "test", part: "log", height: 5, msg: "appended" });
  expect(new Date(line.time).toISOString()).toBe(line.time);
});
