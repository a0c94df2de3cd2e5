// Payments in the embedded store: the suite of every store, and what is special to this one: blocks that are not durable yet, merged
// runs, and days of zones whose clocks change.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyValueHistory } from "../../src/history/keyValueHistory.js";
import { EmbeddedPayments } from "../../src/history/payments/embeddedPayments.js";
import { ZoneDays } from "../../src/history/payments/zoneDays.js";
import { MemoryStore } from "../support/memoryStore.js";
import { addAll } from "./historyChecks.js";
import { makeBlock } from "./madeBlock.js";
import { chains, expectPayments, people, questions, testPayments } from "./paymentSuite.js";

describe("durable payments", () => {
  testPayments(async () => {
    const kept = KeyValueHistory.open(new MemoryStore());
    return {
      history: new EmbeddedPayments(kept),
      async add(blocks) {
        addAll(kept, blocks);
        await kept.flush();
      },
    };
  }, 60);
});

test("answers are the same whether blocks are pending, durable or merged", async () => {
  await fc.assert(
    fc.asyncProperty(chains, questions, fc.array(fc.nat(2)), async (blocks, asked, flushes) => {
      const kept = KeyValueHistory.open(new MemoryStore());
      for (const [i, block] of blocks.entries()) {
        kept.add(block);
        if (flushes[i] === 1) {
          await kept.flush();
        }
      }
      await expectPayments(new EmbeddedPayments(kept), blocks, asked);
    }),
    { numRuns: 40 },
  );
});

test("forty runs, merged twice, hold every payment once", async () => {
  const store = new MemoryStore();
  const kept = KeyValueHistory.open(store);
  const blocks = [];
  for (let height = 1; height <= 40; height++) {
    const operations = Array.from({ length: height % 4 }, () => ({
      kind: "transfer" as const,
      account: 0,
      to: people[height % 3],
      token: "TTC",
      amount: BigInt(height),
    }));
    const made = { signers: [people[0]], operations, lane: 1 + (height % 2) };
    const block = makeBlock(height, operations.length === 0 ? [] : [made]);
    blocks.push(block);
    kept.add(block);
    await kept.flush();
  }
  const history = new EmbeddedPayments(KeyValueHistory.open(store));
  await expectPayments(history, blocks, [
    { of: { kind: "account", account: people[1] }, limit: 7 },
    { of: { kind: "token", token: "TTC" }, limit: 9 },
    { of: { kind: "till", account: people[0], till: 1 }, limit: 4 },
  ]);
});

describe("days of a zone", () => {
  const hours = (zone: string, day: string): number => {
    const { fromMs, toMs } = new ZoneDays(zone).span(day);
    return (toMs - fromMs) / 3_600_000;
  };

  test("have 23 to 25 hours where clocks change, and begin when the zone says", () => {
    expect(hours("Asia/Seoul", "2026-11-25")).toBe(24);
    expect(hours("Europe/Berlin", "2026-03-29")).toBe(23);
    expect(hours("Europe/Berlin", "2026-10-25")).toBe(25);
    // Midnight does not exist on this day: it begins at one.
    expect(hours("America/Asuncion", "2023-10-01")).toBe(23);
    expect(new ZoneDays("Asia/Kathmandu").span("2026-01-01").fromMs).toBe(Date.UTC(2025, 11, 31, 18, 15));
    expect(new ZoneDays("Pacific/Kiritimati").span("2026-01-01").fromMs).toBe(Date.UTC(2025, 11, 31, 10));
  });

  test("follow one another without gap or overlap", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("Asia/Seoul", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "America/Asuncion"),
        fc.integer({ min: 0, max: 365 * 3 }),
        (zone, days) => {
          const day = new Date(Date.UTC(2024, 0, 1) + days * 86_400_000).toISOString().slice(0, 10);
          const zoneDays = new ZoneDays(zone);
          const next = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
          const span = zoneDays.span(day);
          expect(zoneDays.span(next).fromMs).toBe(span.toMs);
          expect(zoneDays.dayOf(span.fromMs)).toBe(day);
          expect(zoneDays.dayOf(span.fromMs - 1) < day).toBe(true);
          expect(zoneDays.dayOf(span.toMs - 1)).toBe(day);
        },
      ),
      { numRuns: 60 },
    );
  });
});
