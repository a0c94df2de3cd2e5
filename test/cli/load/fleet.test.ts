// The fleet's bookkeeping against a scripted node: what is tried again, what is told once, and what the audit notices.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/base/clock.js";
import { finalNumber, OutcomeAsker } from "../../../src/cli/load/outcomeAsker.js";
import { makePlan, type PlanItem } from "../../../src/cli/load/plan.js";
import { percentilesOf } from "../../../src/cli/load/report.js";
import { TillConnection } from "../../../src/cli/load/tillConnection.js";
import { Tracker } from "../../../src/cli/load/tracker.js";
import type { TransactionState } from "../../../src/client/answers.js";
import { NodeUnreachableError } from "../../../src/client/requestJson.js";
import { loadWebSocket } from "../../../src/client/webSocket.js";
import { type Message, StandInNode } from "../../client/standInNode.js";

const { items } = makePlan({
  seed: 1,
  tills: 3,
  merchants: 1,
  payees: 0,
  count: 40,
  hotShare: 0,
  refunds: 0,
  duplicates: 0.2,
  doublePay: 0,
  references: 0,
  mileage: 0,
  referenceExpiryHeight: 9,
});
const [one, two, three] = items.filter(({ kind }) => kind !== "duplicate").map(({ index }) => index);
const duplicate = items.find(({ kind }) => kind === "duplicate") as PlanItem;

describe("the tracker", () => {
  test("counts latency from when an item was due, and each end once", () => {
    const tracker = new Tracker(items, (index) => index * 10);
    tracker.sent(two);
    tracker.accepted(two, two * 10 + 5);
    tracker.accepted(two, two * 10 + 500);
    tracker.final(two, 0, 7, two * 10 + 90);
    tracker.final(two, 0, 7, two * 10 + 900);
    expect(percentilesOf(tracker.acceptance)).toMatchObject({ count: 1 });
    expect(tracker.acceptance.maxValue / 1_000).toBeCloseTo(5, 1);
    expect(tracker.commit.maxValue / 1_000).toBeCloseTo(90, 0);
    expect(tracker.counts).toMatchObject({ committed: 1, accepted: 0, sent: 0 });
    expect([tracker.state(two), tracker.code(two), tracker.height(two)]).toEqual(["committed", "OK", 7]);
    expect(tracker.violations).toEqual([]);
  });

  test("notices when two ends are told, or a committed transaction is admitted again", () => {
    const tracker = new Tracker(items, () => 0);
    tracker.final(one, 0, 7, 1);
    tracker.final(one, 302, 8, 2);
    expect(tracker.violations).toHaveLength(1);
    tracker.duplicateAnswered(duplicate.index, "ALREADY_COMMITTED", true);
    tracker.duplicateAnswered(duplicate.index, "OK", false);
    expect(tracker.violations).toHaveLength(1);
    tracker.duplicateAnswered(duplicate.index, "OK", true);
    expect(tracker.violations).toHaveLength(2);
    expect(Object.fromEntries(tracker.duplicateAnswers)).toEqual({ ALREADY_COMMITTED: 1, OK: 2 });
  });

  test("takes an end that is told before the admission", () => {
    const tracker = new Tracker(items, () => 0);
    tracker.sent(one);
    tracker.final(one, 300, 7, 1);
    tracker.accepted(one, 2);
    expect(tracker.state(one)).toBe("failed");
    expect(Object.fromEntries(tracker.failures)).toEqual({ INSUFFICIENT_BALANCE: 1 });
    expect(tracker.counts.accepted).toBe(0);
  });

  test("does not count expiry as a commit", () => {
    const tracker = new Tracker(items, () => 0);
    tracker.final(one, 202, 7, 1);
    expect(tracker.state(one)).toBe("expired");
    expect(tracker.commit.totalCount).toBe(0);
  });
});

describe("a till's connection", () => {
  let node: StandInNode;
  let till: TillConnection;
  let tracker: Tracker;
  let asked: number[];
  let frames: (Message & { transactions: Uint8Array[] })[];

  beforeEach(async () => {
    node = await StandInNode.start();
    tracker = new Tracker(items, () => 0);
    asked = [];
    frames = [];
    node.onMessage = (message) => frames.push(message as (typeof frames)[number]);
    const signed = { get: (index: number) => ({ bytes: Uint8Array.of(index, 1), id: new Uint8Array(32).fill(index) }) };
    const context = { clock: systemClock, items, signed, tracker, askOutcome: (index: number) => asked.push(index) };
    till = await TillConnection.open(context, node.url, await loadWebSocket());
  });

  afterEach(async () => {
    till.close();
    await node.stop();
  });

  const sentItems = () => frames.map(({ transactions }) => transactions.map((bytes) => bytes[0]));

  async function frameCount(count: number): Promise<void> {
    await expect
      .poll(() => {
        till.flush();
        return frames.length;
      })
      .toBe(count);
  }

  test("sends what is due in one frame without waiting for the answer to the one before", async () => {
    till.due(one);
    till.due(two);
    till.flush();
    till.due(three);
    till.flush();
    await frameCount(2);
    expect(sentItems()).toEqual([[one, two], [three]]);
  });

  test("sends a refused item's same bytes again where the node was busy, and asks where it names no end", async () => {
    for (const index of [one, two, three]) {
      till.due(index);
    }
    await frameCount(1);
    const refused = [
      [0, "BUSY", "full", 1],
      [1, "ALREADY_COMMITTED", "m"],
      [2, "BAD_SIGNATURE", "m"],
    ];
    node.broadcast({ type: "results", request: frames[0].request, accepted: 0, refused, height: 1 });
    await frameCount(2);
    expect(sentItems()[1]).toEqual([one]);
    expect(asked).toEqual([two]);
    expect([tracker.state(two), tracker.state(three)]).toEqual(["refused", "refused"]);
    expect(Object.fromEntries(tracker.refusals)).toEqual({ BUSY: 1, ALREADY_COMMITTED: 1, BAD_SIGNATURE: 1 });
  });

  test("sends what was under way again, in order and before anything new, when the connection is back", async () => {
    for (const index of [one, two]) {
      till.due(index);
    }
    await frameCount(1);
    node.broadcast({ type: "results", request: frames[0].request, accepted: 2, refused: [], height: 1 });
    node.broadcast({ type: "final", height: 2, timeMs: 1, items: [[frames[0].request, 1, 0]] });
    await expect.poll(() => tracker.state(two)).toBe("committed");
    node.breakConnections();
    await expect.poll(() => tracker.state(one)).toBe("unknown");
    till.due(three);
    await frameCount(2);
    expect(sentItems()[1]).toEqual([one, three]);
  });

  test("sends a duplicate after its original only, and books its end on the original", async () => {
    till.due(duplicate.index);
    till.flush();
    till.due(duplicate.original);
    till.due(duplicate.index);
    await frameCount(1);
    expect(frames[0].transactions).toHaveLength(2);
    const { request } = frames[0];
    node.broadcast({ type: "results", request, accepted: 1, refused: [[1, "DUPLICATE", "m"]], height: 1 });
    node.broadcast({ type: "final", height: 2, timeMs: 1, items: [[request, 1, 0]] });
    await expect.poll(() => tracker.state(duplicate.original)).toBe("committed");
    expect(Object.fromEntries(tracker.duplicateAnswers)).toEqual({ DUPLICATE: 1 });
  });
});

describe("asking by id", () => {
  const id = new Uint8Array(32);
  const signed = { get: () => ({ bytes: id, id }) };

  function ask(answers: (TransactionState | Error)[]): { tracker: Tracker; asker: OutcomeAsker; again: number[] } {
    const tracker = new Tracker(items, () => 0);
    const again: number[] = [];
    const client = {
      async transaction(): Promise<TransactionState> {
        const answer = answers.length > 1 ? answers.shift()! : answers[0];
        if (answer instanceof Error) {
          throw answer;
        }
        return answer;
      },
    };
    const asker: OutcomeAsker = new OutcomeAsker({
      client,
      clock: systemClock,
      signed,
      tracker,
      validUntil: 9,
      onUnfinished(index) {
        again.push(index);
        asker.ask(index);
      },
    });
    tracker.sent(one);
    tracker.refused(one, "SEQUENCE_USED");
    asker.ask(one);
    return { tracker, asker, again };
  }

  test("outlasts a node that is away, and books the end", async () => {
    const away = new NodeUnreachableError("http://x", "ECONNREFUSED");
    const { tracker, asker } = ask([away, { id: "", state: "committed", height: 4 }]);
    await expect.poll(() => tracker.state(one)).toBe("committed");
    await expect.poll(() => asker.waiting).toBe(0);
  });

  test("has an unfinished one sent again, but not for ever", async () => {
    const { tracker, asker, again } = ask([{ id: "", state: "unknown" }]);
    await expect.poll(() => asker.waiting).toBe(0);
    expect(again).toHaveLength(20);
    expect(tracker.state(one)).toBe("refused");
  });
});

describe("an answer by id", () => {
  test("is an end only where the node says so", () => {
    const receipt = { code: "REFERENCE_PAID" as const, number: 302, fee: 1n, feeToken: "TTC", events: [] };
    expect(finalNumber({ id: "", state: "committed" })).toBe(0);
    expect(finalNumber({ id: "", state: "failed", receipt })).toBe(302);
    expect(finalNumber({ id: "", state: "expired" })).toBe(202);
    expect(finalNumber({ id: "", state: "pending" })).toBeUndefined();
    expect(finalNumber({ id: "", state: "unknown" })).toBeUndefined();
  });
});
