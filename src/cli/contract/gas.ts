// ttchain contract gas: what the functions of a contract cost in its tests, and where the gas goes, line by line.

import { Command } from "commander";
import { type FunctionUse, LineProfile, type LineUse } from "../../execution/lvm/lvm.js";
import { testAddress } from "../../execution/lvm/testApi.js";
import { withExamples, withJsonOption } from "../options.js";
import { printAnswer } from "../output.js";
import { type Project, readProject } from "./projectFolder.js";
import { runTests, type TestRunOptions, withTestOptions } from "./runTests.js";
import { expectPassed } from "./test.js";

const number = (value: number) => value.toLocaleString("en-US");

function functionLines(functions: FunctionUse[]): string[] {
  const rows = functions.map(({ name, calls, failures, gasMin, gasMax, gas }) => [
    name,
    number(calls),
    number(failures),
    number(gasMin),
    number(Math.round(gas / calls)),
    number(gasMax),
  ]);
  const all = [["function", "calls", "failed", "least", "mean", "most gas"], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  "),
  );
}

/** The source with the gas of each line; lines that used none keep their place so that the whole can be read. */
function lineLines(project: Project, lines: LineUse[]): string[] {
  const total = lines.reduce((sum, { gas }) => sum + gas, 0);
  const uses = new Map(lines.map((use) => [use.line, use]));
  const before = uses.get(0);
  const show = (use: LineUse | undefined, text: string) => {
    const share = use === undefined || total === 0 ? "" : `${((100 * use.gas) / total).toFixed(1)} %`;
    const [gas, visits] = use === undefined ? ["", ""] : [number(use.gas), number(use.visits)];
    return `${gas.padStart(12)} ${share.padStart(7)} ${visits.padStart(8)}  ${text}`.trimEnd();
  };
  const source = new TextDecoder().decode(project.source).replace(/\n$/, "").split("\n");
  const body = source.map((text, i) => show(uses.get(i + 1), `${String(i + 1).padStart(4)} | ${text}`));
  const heading = `${"gas".padStart(12)} ${"share".padStart(7)} ${"visits".padStart(8)}`;
  return [heading, show(before, "loading the contract and its arguments"), ...body];
}

export function gasContractCommand(): Command {
  const command = new Command("gas")
    .description("show what a contract's functions cost in its tests, and where the gas goes")
    .argument("[folder]", "where contract.lua and tests.lua are", ".");
  withExamples(withJsonOption(withTestOptions(command)), "contract gas", 'contract gas tipjar --case "owner" --json');
  return command.action(async (folder: string, options: TestRunOptions) => {
    const project = readProject(folder);
    let profile = new LineProfile();
    const report = await runTests(project, options, () => {
      profile = new LineProfile();
      return { observer: profile };
    });
    expectPassed(project, report);
    const contract = testAddress("contract");
    const [functions, lines] = [profile.functionsOf(contract), profile.linesOf(contract)];
    printAnswer(options, { functions, lines }, [...functionLines(functions), "", ...lineLines(project, lines)]);
  });
}
