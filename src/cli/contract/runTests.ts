// Runs a project's tests for the commands that show them: on an empty chain, or on a fork of a live one.

import type { Command } from "commander";
import { DEFAULT_NODE_URL } from "../../client/client.js";
import { type ContractTestOptions, type ContractTestReport, testContract } from "../../execution/lvm/lvm.js";
import { wholeNumber } from "../options.js";
import { onFork } from "./forkedState.js";
import type { Project } from "./projectFolder.js";

export interface TestRunOptions {
  case?: string;
  fork?: string | true;
  gas: number;
  json?: boolean;
}

/** Far more than a chain gives a package: a profile is wanted of slow tests above all. */
const GAS_LIMIT = 1_000_000_000;

export function withTestOptions(command: Command): Command {
  return command
    .option("--case <text>", "only cases whose names contain this")
    .option("--fork [url]", "begin each case on the state of a live chain instead of an empty one")
    .option("--gas <limit>", "gas for all cases together", wholeNumber(1, GAS_LIMIT), GAS_LIMIT);
}

/**
 * The report. `makeOptions` is called for every attempt: on a fork the tests run again from their start each time that they asked for
 * something that had to be fetched first.
 */
export async function runTests(
  project: Project,
  options: TestRunOptions,
  makeOptions: () => ContractTestOptions = () => ({}),
): Promise<ContractTestReport> {
  const isWanted = (name: string) => name.includes(options.case ?? "");
  const run = (fork: ContractTestOptions) =>
    testContract(project, options.gas, { isWanted, ...makeOptions(), ...fork });
  if (options.fork === undefined) {
    return run({});
  }
  const url = options.fork === true ? process.env.TTCHAIN_URL || DEFAULT_NODE_URL : options.fork;
  return onFork(url, (state, prices) => run({ state, prices }));
}
