// Sending: the same bytes until the fate is known, and never a verdict that could be wrong.

import { describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { Account } from "../../src/client/account.js";
import { transfer } from "../../src/client/actions.js";
import type { SubmitResult, TransactionState } from "../../src/client/answers.js";
import { buildTransaction } from "../../src/client/buildTransaction.js";
import { NodeUnreachableError } from "../../src/client/requestJson.js";
import { sendTransaction } from "../../src/client/sendTransaction.js";
import { testChain } from "./chainView.js";

const account = Account.random(new SeededRandom(1));
const transaction = buildTransaction(testChain, [account], {
  actions: [transfer(account, { to: new Uint8Array(32), amount: 1n })],
  lane: 0,
  sequence: 0,
});
const id = toHex(transaction.id);

type Answer<T> = T | Error;

/** Gives the scripted answers in turn, the last one for ever. */
class ScriptedNode {
  readonly sent: Uint8Array[] = [];
  asked = 0;

  constructor(
    private readonly results: Answer<Partial<SubmitResult> & { code: string }>[],
    private readonly states: Answer<Partial<TransactionState>>[] = [{ state: "unknown" }],
  ) {}

  async submit([bytes]: Uint8Array[]): Promise<SubmitResult[]> {
    this.sent.push(bytes);
    const answer = this.results.length > 1 ? this.results.shift()! : this.results[0];
    if (answer instanceof Error) {
      throw answer;
    }
    return [{ state: "refused", ...answer }];
  }

  async transaction(_: unknown, options?: { validUntil?: number }): Promise<TransactionState> {
    expect(options?.validUntil).toBe(transaction.validUntil);
    this.asked++;
    const answer = this.states.length > 1 ? this.states.shift()! : this.states[0];
    if (answer instanceof Error) {
      throw answer;
    }
    return { id, state: "unknown", ...answer };
  }
}

const committed = { code: "OK", state: "committed", height: 8, index: 0 } as const;
const away = new NodeUnreachableError("http://x", "ECONNREFUSED");

describe("sending", () => {
  test("resolves with what the node says at once", async () => {
    expect(await sendTransaction(new ScriptedNode([committed]), transaction)).toMatchObject({
      state: "committed",
      code: "OK",
      height: 8,
    });
    const receipt = { code: "REFERENCE_PAID" as const, number: 302, fee: 3n, feeToken: "TTC", events: [] };
    expect(
      await sendTransaction(new ScriptedNode([{ code: "REFERENCE_PAID", state: "failed", receipt }]), transaction),
    ).toMatchObject({
      state: "failed",
      code: "REFERENCE_PAID",
    });
  });

  test("sends the same bytes again to a node that is busy or away", async () => {
    const node = new ScriptedNode([{ code: "BUSY", retryAfterMs: 10 }, away, { code: "SENDER_LIMIT" }, committed]);
    expect(await sendTransaction(node, transaction)).toMatchObject({ state: "committed" });
    expect(node.sent).toHaveLength(4);
    expect(node.sent.every((bytes) => bytes === transaction.bytes)).toBe(true);
  });

  test("asks what became of it where the node knows it already", async () => {
    const node = new ScriptedNode(
      [{ code: "ALREADY_COMMITTED" }],
      [{ state: "unknown" }, { state: "committed", height: 6 }],
    );
    expect(await sendTransaction(node, transaction)).toMatchObject({ state: "committed", height: 6 });
    expect(node.asked).toBe(2);
  });

  test("reports a refusal of bytes that no node can have taken before", async () => {
    expect(await sendTransaction(new ScriptedNode([{ code: "SEQUENCE_USED", message: "m" }]), transaction)).toEqual({
      state: "refused",
      code: "SEQUENCE_USED",
      message: "m",
    });
    expect(await sendTransaction(new ScriptedNode([{ code: "BALANCE_RESERVED" }]), transaction)).toMatchObject({
      state: "refused",
    });
  });

  test("does not take a used sequence for a refusal where the first answer was lost", async () => {
    const node = new ScriptedNode(
      [away, { code: "SEQUENCE_USED" }],
      [{ state: "unknown" }, { state: "committed", height: 4 }],
    );
    expect(await sendTransaction(node, transaction)).toMatchObject({ state: "committed", height: 4 });
    const lost = new ScriptedNode([away, { code: "SEQUENCE_USED" }]);
    await expect(sendTransaction(lost, transaction, { timeoutMs: 400 })).rejects.toMatchObject({
      name: "OutcomeUnknownError",
    });
  });

  test("does not take any refusal for one where the first answer was lost: the bytes may have used up what is missing", async () => {
    for (const code of ["FEE_UNPAYABLE", "BALANCE_RESERVED", "INSUFFICIENT_BALANCE"] as const) {
      const node = new ScriptedNode([away, { code }], [{ state: "unknown" }, { state: "committed", height: 4 }]);
      expect(await sendTransaction(node, transaction)).toMatchObject({ state: "committed", height: 4 });
    }
    // A node that was busy has not taken them.
    const busy = new ScriptedNode([{ code: "BUSY", retryAfterMs: 10 }, { code: "FEE_UNPAYABLE" }]);
    expect(await sendTransaction(busy, transaction)).toMatchObject({ state: "refused", code: "FEE_UNPAYABLE" });
  });

  test("reports expiry as final", async () => {
    const node = new ScriptedNode([{ code: "EXPIRED" }], [{ state: "expired" }]);
    expect(await sendTransaction(node, transaction)).toEqual({ state: "expired", code: "EXPIRED" });
  });

  test("gives up with the transaction in hand when the time is up", async () => {
    const failure = await sendTransaction(new ScriptedNode([away]), transaction, { timeoutMs: 250 }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ name: "OutcomeUnknownError", transaction });
    expect(String(failure)).toContain("ECONNREFUSED");
  });
});
