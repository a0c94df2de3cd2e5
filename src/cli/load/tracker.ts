// What is known of every item: how far it has come, when, and how it ended. Latency counts from the time at which the item was
// due, not from when it was sent, so that a node that makes its clients wait can't hide it.

import { build, type Histogram } from "hdr-histogram-js";
import { assert } from "../../base/assert.js";
import { errorName } from "../../protocol/errors.js";
import type { PlanItem } from "./plan.js";

/** `refused`: the node said no, last we heard; `unknown`: sent, and the answer was lost. */
export type ItemState = "planned" | "sent" | "accepted" | "refused" | "unknown" | "committed" | "failed" | "expired";

const STATES: ItemState[] = ["planned", "sent", "accepted", "refused", "unknown", "committed", "failed", "expired"];
const FINAL_FROM = STATES.indexOf("committed");
/** Microseconds: an hour. */
const LATENCY_MAX_US = 3_600_000_000;

function latencyHistogram(): Histogram {
  return build({ lowestDiscernibleValue: 1, highestTrackableValue: LATENCY_MAX_US, numberOfSignificantValueDigits: 3 });
}

function countUp(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

export class Tracker {
  /** Microseconds from due to admitted, and from due to told committed or failed. */
  readonly acceptance = latencyHistogram();
  readonly commit = latencyHistogram();
  /** Microseconds from told admitted to told the end. */
  readonly settlement = latencyHistogram();
  /** Refusals by code, those that were tried again included. */
  readonly refusals = new Map<string, number>();
  /** Failures in a block by code. */
  readonly failures = new Map<string, number>();
  /** Answers to duplicates by code; "OK" where one was admitted. */
  readonly duplicateAnswers = new Map<string, number>();
  /** Things that must never happen, in words. */
  readonly violations: string[] = [];
  readonly counts: Record<ItemState, number>;
  /** Items sent at least once, duplicates not included. */
  sentOnce = 0;
  acceptedOnce = 0;
  readonly #states: Uint8Array;
  readonly #codes: Uint16Array;
  readonly #heights: Float64Array;
  readonly #wasAccepted: Uint8Array;
  readonly #wasSent: Uint8Array;
  readonly #acceptedMs: Float64Array;

  constructor(
    private readonly items: PlanItem[],
    private readonly dueMs: (index: number) => number,
  ) {
    const count = items.length;
    this.#states = new Uint8Array(count);
    this.#codes = new Uint16Array(count);
    this.#heights = new Float64Array(count);
    this.#wasAccepted = new Uint8Array(count);
    this.#wasSent = new Uint8Array(count);
    this.#acceptedMs = new Float64Array(count);
    const planned = items.filter((item) => item.kind !== "duplicate").length;
    this.counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<ItemState, number>;
    this.counts.planned = planned;
  }

  state(index: number): ItemState {
    return STATES[this.#states[index]];
  }

  isFinal(index: number): boolean {
    return this.#states[index] >= FINAL_FROM;
  }

  /** The name of the code with which an item ended: "OK" or an error. */
  code(index: number): string {
    return errorName(this.#codes[index]) ?? String(this.#codes[index]);
  }

  /** Height at which it ended; 0 where that is not known. */
  height(index: number): number {
    return this.#heights[index];
  }

  wasSent(index: number): boolean {
    return this.#wasSent[index] === 1;
  }

  wasAccepted(index: number): boolean {
    return this.#wasAccepted[index] === 1;
  }

  sent(index: number): void {
    if (this.#wasSent[index] === 0) {
      this.#wasSent[index] = 1;
      this.sentOnce++;
    }
    this.#set(index, "sent");
  }

  accepted(index: number, nowMs: number): void {
    if (this.#wasAccepted[index] === 0) {
      this.#wasAccepted[index] = 1;
      this.acceptedOnce++;
      this.#acceptedMs[index] = nowMs;
      this.#record(this.acceptance, nowMs - this.dueMs(index));
    }
    this.#set(index, "accepted");
  }

  refused(index: number, code: string): void {
    countUp(this.refusals, code);
    this.#set(index, "refused");
  }

  /** The connection broke before its end was told. */
  lost(index: number): void {
    this.#set(index, "unknown");
  }

  /** It ended: `number` 0 committed, 3xx failed in a block, 202 expired, 204 overtaken. Told twice, it must be the same. */
  final(index: number, number: number, height: number, nowMs: number): void {
    if (this.isFinal(index)) {
      if (this.#codes[index] !== number) {
        this.violations.push(
          `transaction ${index} was told as ${this.code(index)} first and as ${errorName(number)} later`,
        );
      }
      return;
    }
    this.#codes[index] = number;
    this.#heights[index] = height;
    const name = errorName(number) ?? String(number);
    if (name === "EXPIRED") {
      this.#set(index, "expired");
      return;
    }
    this.#set(index, number === 0 ? "committed" : "failed");
    this.#record(this.commit, nowMs - this.dueMs(index));
    // The end may be told before the admission.
    if (this.#wasAccepted[index] === 1) {
      this.#record(this.settlement, nowMs - this.#acceptedMs[index]);
    }
    if (number !== 0) {
      countUp(this.failures, name);
    }
  }

  /** The answer to a duplicate; `committedBefore`: the original was told committed before the duplicate was sent. */
  duplicateAnswered(index: number, code: string, committedBefore: boolean): void {
    countUp(this.duplicateAnswers, code);
    if (code === "OK" && committedBefore) {
      this.violations.push(`transaction ${this.items[index].original} was admitted again after it was committed`);
    }
  }

  #record(histogram: Histogram, tookMs: number): void {
    const us = Math.round(tookMs * 1_000);
    histogram.recordValue(Math.min(Math.max(us, 1), LATENCY_MAX_US));
  }

  #set(index: number, state: ItemState): void {
    assert(this.items[index].kind !== "duplicate", "a duplicate has no state of its own");
    const before = this.#states[index];
    // The end may be told before the admission is.
    if (before >= FINAL_FROM) {
      return;
    }
    this.counts[STATES[before]]--;
    this.counts[state]++;
    this.#states[index] = STATES.indexOf(state);
  }
}
