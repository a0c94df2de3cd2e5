// The result of a load run, for programs and for people.

import type { Histogram } from "hdr-histogram-js";
import { alignPairs, alignRows } from "../output.js";
import type { AuditReport } from "./audit.js";
import type { NodeCpu } from "./nodeCpu.js";
import { describeMemory, type NodeMemory } from "./nodeMemory.js";
import type { Tracker } from "./tracker.js";

/** Milliseconds. */
export interface Percentiles {
  count: number;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
}

export interface LoadReport {
  rate: number;
  seconds: number;
  seed: number;
  /** From the first arrival to the last outcome. */
  tookSeconds: number;
  /** Processor time that the fleet itself took from the first arrival to the last outcome. */
  fleetCpuSeconds: number;
  /** What the node took in the same time; undefined where it does not tell. */
  nodeCpu: NodeCpu | undefined;
  nodeMemoryMib: NodeMemory;
  offered: number;
  /** Duplicates not included, as in all that follow. */
  sent: number;
  accepted: number;
  committed: number;
  /** Committed transactions over the time from the first arrival to the last outcome. */
  committedPerSecond: number;
  failed: number;
  expired: number;
  /** Refused and never admitted. */
  refused: number;
  /** Neither refused nor ended. */
  unresolved: number;
  /** Refusals by code, those that were tried again included. */
  refusalsByCode: Record<string, number>;
  failuresByCode: Record<string, number>;
  duplicatesByAnswer: Record<string, number>;
  /** From when a transaction was due to when it was admitted, and committed or failed. */
  acceptance: Percentiles;
  /** From when the fleet was told that one is admitted to when it was told the end. */
  settlement: Percentiles;
  commit: Percentiles;
  audit: AuditReport;
}

const US_PER_MS = 1_000;

export function percentilesOf(histogram: Histogram): Percentiles {
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / US_PER_MS;
  const count = histogram.totalCount;
  return {
    count,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: count === 0 ? 0 : histogram.maxValue / US_PER_MS,
  };
}

export function makeReport(
  tracker: Tracker,
  run: Pick<
    LoadReport,
    "rate" | "seconds" | "seed" | "tookSeconds" | "fleetCpuSeconds" | "nodeCpu" | "nodeMemoryMib" | "offered"
  >,
  audit: AuditReport,
): LoadReport {
  const { counts } = tracker;
  return {
    ...run,
    sent: tracker.sentOnce,
    accepted: tracker.acceptedOnce,
    committed: counts.committed,
    committedPerSecond: Math.round(counts.committed / run.tookSeconds),
    failed: counts.failed,
    expired: counts.expired,
    refused: counts.refused,
    unresolved: counts.sent + counts.accepted + counts.unknown,
    refusalsByCode: Object.fromEntries(tracker.refusals),
    failuresByCode: Object.fromEntries(tracker.failures),
    duplicatesByAnswer: Object.fromEntries(tracker.duplicateAnswers),
    acceptance: percentilesOf(tracker.acceptance),
    settlement: percentilesOf(tracker.settlement),
    commit: percentilesOf(tracker.commit),
    audit,
  };
}

function showCounts(counts: Record<string, number>): string {
  const entries = Object.entries(counts);
  return entries.length === 0 ? "none" : entries.map(([code, count]) => `${code} ${count}`).join(", ");
}

function percentileRow(name: string, { p50, p90, p99, p999, max }: Percentiles): string[] {
  return [name, ...[p50, p90, p99, p999, max].map((ms) => ms.toFixed(1))];
}

function describeNodeCpu({ nodeCpu, tookSeconds }: LoadReport): string {
  if (nodeCpu === undefined) {
    return "does not tell its processor time";
  }
  const share = Math.round((100 * nodeCpu.mainThread) / tookSeconds);
  return `${nodeCpu.process.toFixed(1)} s of processor time, its main thread busy ${share} % of the time`;
}

/** Lines for people. */
export function describeReport(report: LoadReport): string[] {
  const { audit } = report;
  const checks = Object.entries(audit.checked).map(([name, count]): [string, string] => [`  ${name}`, String(count)]);
  return [
    ...alignPairs([
      ["Asked for", `${report.rate} a second for ${report.seconds} s, seed ${report.seed}`],
      ["Offered", String(report.offered)],
      ["Sent", String(report.sent)],
      ["Accepted", String(report.accepted)],
      [
        "Committed",
        `${report.committed}, ${report.committedPerSecond} a second over ${report.tookSeconds.toFixed(1)} s`,
      ],
      ["Failed in a block", `${report.failed}: ${showCounts(report.failuresByCode)}`],
      ["Expired", String(report.expired)],
      ["Refused for good", String(report.refused)],
      ["Refusals by code", showCounts(report.refusalsByCode)],
      ["Duplicates answered", showCounts(report.duplicatesByAnswer)],
      ["Unresolved", String(report.unresolved)],
      ["Node", describeNodeCpu(report)],
      ["Node's memory", describeMemory(report.nodeMemoryMib)],
      ["Fleet itself", `${report.fleetCpuSeconds.toFixed(1)} s of processor time`],
    ]),
    "",
    "Milliseconds from when a transaction was due:",
    ...alignRows([
      ["", "p50", "p90", "p99", "p99.9", "max"],
      percentileRow("accepted", report.acceptance),
      percentileRow("committed", report.commit),
      percentileRow("from accepted to committed", report.settlement),
    ]),
    "",
    `Audit ${audit.passed ? "passed" : "FAILED"}:`,
    ...alignPairs(checks),
    ...audit.findings.map((finding) => `  FOUND ${finding}`),
  ];
}
