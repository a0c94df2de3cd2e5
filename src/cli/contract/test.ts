// ttchain contract test: runs a contract's own tests in the machine that blocks use.

import { Command } from "commander";
import type { ContractTestReport } from "../../execution/lvm/lvm.js";
import { CommandFailedError } from "../failures.js";
import { withExamples, withJsonOption } from "../options.js";
import { printAnswer } from "../output.js";
import { type Project, quotePlaces, readProject, withFileNames } from "./projectFolder.js";
import { runTests, type TestRunOptions, withTestOptions } from "./runTests.js";

/** The cases for people, each with its gas and, where it failed, the places in both files. */
export function caseLines(project: Project, report: ContractTestReport): string[] {
  const width = Math.max(0, ...report.cases.map(({ name }) => name.length));
  return report.cases.flatMap(({ name, isPassed, gasUsed, code, message }) => {
    const line = `  ${isPassed ? "✓" : "✗"} ${name.padEnd(width)}  ${gasUsed.toLocaleString("en-US").padStart(12)} gas`;
    return isPassed
      ? [line]
      : [
          line,
          `      ${withFileNames(message)} [${code}]`,
          ...quotePlaces(project, message).map((text) => `  ${text}`),
        ];
  });
}

/** Throws where the tests did not pass. */
export function expectPassed(project: Project, report: ContractTestReport): void {
  const failed = report.cases.filter(({ isPassed }) => !isPassed).length;
  if (failed > 0) {
    throw new CommandFailedError(`${failed} of ${report.cases.length} cases failed`, report);
  }
  if (!report.isPassed) {
    const text = [`${withFileNames(report.message)} [${report.code}]`, ...quotePlaces(project, report.message)];
    throw new CommandFailedError(text.join("\n"), report);
  }
}

export function testContractCommand(): Command {
  const command = new Command("test")
    .description("run a contract's tests, on an empty chain or on a fork of a live one")
    .argument("[folder]", "where contract.lua and tests.lua are", ".");
  withExamples(withJsonOption(withTestOptions(command)), "contract test", 'contract test tipjar --case "owner"');
  return command.action(async (folder: string, options: TestRunOptions) => {
    const project = readProject(folder);
    const report = await runTests(project, options);
    const title = report.abi === undefined ? [] : [`${report.abi.name} ${report.abi.version}`];
    const lines = [...title, ...caseLines(project, report)];
    if (!report.isPassed) {
      if (options.json !== true) {
        process.stdout.write(`${lines.join("\n")}\n`);
      }
      expectPassed(project, report);
    }
    const total = `${report.cases.length} cases passed, ${report.gasUsed.toLocaleString("en-US")} gas`;
    printAnswer(options, report, [...lines, total]);
  });
}
