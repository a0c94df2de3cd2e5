// ttchain contract trace: what a case of a contract's tests does, step by step: lines, storage, payments, events, nested calls.

import { Command } from "commander";
import { keyBytes } from "../../base/bytes.js";
import { CallTrace, type StorageName, type TraceEntry } from "../../execution/lvm/lvm.js";
import { testAddress } from "../../execution/lvm/testApi.js";
import { formatAddress } from "../../protocol/address.js";
import { withExamples, withJsonOption } from "../options.js";
import { printAnswer } from "../output.js";
import { type Project, readProject, withFileNames } from "./projectFolder.js";
import { runTests, type TestRunOptions, withTestOptions } from "./runTests.js";
import { showValue } from "./showValue.js";
import { caseLines } from "./test.js";

const ENTRIES_MAX = 20_000;
const TRACE_INDENT = " ".repeat(21);

function showVariable({ name, key }: StorageName): string {
  return key === undefined ? name : `${name}[${showValue(key)}]`;
}

function showAddress(address: string): string {
  return formatAddress(keyBytes(address));
}

/** A line of the contract under test with its text; of another contract, its number alone. */
function showLine(source: string[], entry: TraceEntry & { kind: "line" }): string {
  const text = entry.contract === testAddress("contract") ? (source[entry.line - 1] ?? "").trimEnd() : "";
  return `${entry.gas.toLocaleString("en-US").padStart(12)} ${String(entry.line).padStart(6)} | ${text}`;
}

function showEntry(source: string[], entry: TraceEntry): string {
  const indent = "  ".repeat(entry.depth - 1);
  const effect = (text: string) => `${TRACE_INDENT}${indent}${text}`;
  switch (entry.kind) {
    case "enter":
      return `${indent}→ ${entry.functionName}(${entry.args.map(showValue).join(", ")})`;
    case "line":
      return `${indent}${showLine(source, entry)}`;
    case "read":
      return effect(`read  ${showVariable(entry.variable)} = ${showValue(entry.value)}`);
    case "write":
      return effect(`write ${showVariable(entry.variable)}: ${showValue(entry.before)} → ${showValue(entry.value)}`);
    case "transfer": {
      const { from, to, token, amountUnits } = entry.transfer;
      return effect(`pays  ${amountUnits} ${token}: ${showAddress(from)} → ${showAddress(to)}`);
    }
    case "deploy":
      return effect(`makes ${showAddress(entry.address)} of ${showAddress(entry.template)}`);
    case "event":
      return effect(`event ${entry.name} ${showValue(entry.args)}`);
    case "leave": {
      const gas = `${entry.gasUsed.toLocaleString("en-US")} gas`;
      return entry.code === "LVM_OK"
        ? `${indent}← ${showValue(entry.value)} (${gas})`
        : `${indent}✗ ${entry.code}: ${withFileNames(entry.message)} (${gas}); everything above is undone`;
    }
  }
}

interface CaseTrace {
  readonly name: string;
  readonly entries: TraceEntry[];
}

function traceLines(project: Project, { name, entries }: CaseTrace): string[] {
  const source = new TextDecoder().decode(project.source).split("\n");
  const heading = `${"gas".padStart(12)} ${"line".padStart(6)}`;
  return [`"${name}"`, heading, ...entries.map((entry) => showEntry(source, entry)), ""];
}

export function traceContractCommand(): Command {
  const command = new Command("trace")
    .description("show step by step what a contract's tests do, failed ones too")
    .argument("[folder]", "where contract.lua and tests.lua are", ".");
  withExamples(
    withJsonOption(withTestOptions(command)),
    "contract trace",
    'contract trace tipjar --case "owner takes" --json',
  );
  return command.action(async (folder: string, options: TestRunOptions) => {
    const project = readProject(folder);
    let trace = new CallTrace(ENTRIES_MAX);
    let starts: { name: string; at: number }[] = [];
    const report = await runTests(project, options, () => {
      trace = new CallTrace(ENTRIES_MAX);
      starts = [];
      return { observer: trace, onCase: (name) => starts.push({ name, at: trace.entries.length }) };
    });
    const cases = starts.map(({ name, at }, i) => ({ name, entries: trace.entries.slice(at, starts[i + 1]?.at) }));
    const left = trace.left === 0 ? [] : [`… and ${trace.left.toLocaleString("en-US")} steps more: see --case`];
    const lines = [...cases.flatMap((one) => traceLines(project, one)), ...left, ...caseLines(project, report)];
    printAnswer(options, { cases, left: trace.left, report }, lines);
  });
}
