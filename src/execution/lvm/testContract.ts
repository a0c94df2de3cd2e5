// Runs a contract package's own tests in the sandbox. Everything is metered and deterministic: the same package gives the
// same report on every node, so that the report can be part of an agreed result.

import { defaultGasSchedule, type GasSchedule } from "../../protocol/gasSchedule.js";
import { LvmError, type LvmErrorCode } from "../../protocol/lvmError.js";
import { BASE_LIBRARY_SCRIPT } from "./baseLibrary.js";
import type { ContractAbi } from "./contractAbi.js";
import { contractLibraries } from "./contractLibraries.js";
import { LOAD_GAS_MAX, MEMORY_BYTES_MAX } from "./limits.js";
import { type ContractImage, loadContract } from "./loadContract.js";
import { REGISTRY_INDEX } from "./luaLayout.js";
import type { LvmHost } from "./lvmHost.js";
import { LvmMachine } from "./lvmMachine.js";
import type { LvmObserver } from "./observer.js";
import { Sandbox } from "./sandbox.js";
import { type TestCase, TestSession, testLibrary } from "./testApi.js";

/** A contract with its tests, both Lua text. */
export interface ContractPackage {
  readonly source: Uint8Array;
  readonly tests: Uint8Array;
}

export interface TestCaseReport {
  readonly name: string;
  readonly isPassed: boolean;
  readonly gasUsed: number;
  readonly code: "LVM_OK" | LvmErrorCode;
  readonly message: string;
  /** In the test script. */
  readonly line: number | undefined;
}

export interface ContractTestReport {
  /** Whether source and script load, there is at least one case, and every case passes. */
  readonly isPassed: boolean;
  readonly gasUsed: number;
  /** What is wrong with the source or the script itself; LVM_OK where they load. */
  readonly code: "LVM_OK" | LvmErrorCode;
  readonly message: string;
  readonly abi: ContractAbi | undefined;
  readonly cases: readonly TestCaseReport[];
}

export interface ContractTestOptions {
  readonly prices?: GasSchedule;
  /** Told of what the calls of the contract under test do. */
  readonly observer?: LvmObserver;
  /** The state that every case begins on; empty where it is left out. */
  readonly state?: LvmHost;
  /** Runs cases for whose names this is true. */
  readonly isWanted?: (name: string) => boolean;
  /** Called before each case runs. */
  readonly onCase?: (name: string) => void;
}

/** Tests `contract` with at most `gasLimit` for everything. Throws LvmFault alone. */
export function testContract(
  contract: ContractPackage,
  gasLimit: number,
  options: ContractTestOptions = {},
): ContractTestReport {
  const { prices = defaultGasSchedule, observer, state, isWanted = () => true, onCase } = options;
  const machine = new LvmMachine({ prices, ...(observer === undefined ? {} : { observer }) });
  let gasLeft = gasLimit;
  let abi: ContractAbi | undefined;
  const cases: TestCaseReport[] = [];
  /** What the load that is under way was given, and what it has left: one that fails is paid for too. */
  let loading = { gasMax: Math.min(gasLeft, LOAD_GAS_MAX), gasLeft: () => machine.gasLeftOver };
  try {
    const inspected = machine.inspect(contract.source, loading.gasMax);
    abi = inspected.abi;
    gasLeft -= inspected.loadGas;
    const session = new TestSession(machine, contract.source, state);
    const sandbox = new Sandbox(prices, BASE_LIBRARY_SCRIPT, (lua) => [
      ...contractLibraries(lua),
      testLibrary(session),
    ]);
    loading = { gasMax: Math.min(gasLeft, LOAD_GAS_MAX), gasLeft: () => Math.max(0, sandbox.lua.gas) };
    const image = loadContract(sandbox, contract.tests, loading.gasMax, "tests");
    gasLeft -= image.loadGas;
    for (const testCase of session.cases.filter(({ name }) => isWanted(name))) {
      session.reset();
      onCase?.(testCase.name);
      const report = runCase(sandbox, image, testCase, gasLeft);
      gasLeft -= report.gasUsed;
      cases.push(report);
    }
  } catch (error) {
    if (!(error instanceof LvmError)) {
      throw error;
    }
    const gasUsed = gasLimit - gasLeft + loading.gasMax - loading.gasLeft();
    return { isPassed: false, gasUsed, code: error.code, message: error.message, abi, cases };
  }
  const isPassed = cases.length > 0 && cases.every((report) => report.isPassed);
  const message = cases.length === 0 ? "the package has no test case" : "";
  return { isPassed, gasUsed: gasLimit - gasLeft, code: "LVM_OK", message, abi, cases };
}

function runCase(sandbox: Sandbox, image: ContractImage, testCase: TestCase, gas: number): TestCaseReport {
  const { lua } = sandbox;
  lua.restore(image.memory, MEMORY_BYTES_MAX);
  lua.gas = gas;
  try {
    sandbox.pushMessageHandler();
    lua.functions.lua_rawgeti(lua.state, REGISTRY_INDEX, BigInt(testCase.slot));
    sandbox.protectedCall(0, 0);
    return {
      name: testCase.name,
      isPassed: true,
      gasUsed: gas - lua.gas,
      code: "LVM_OK",
      message: "",
      line: undefined,
    };
  } catch (error) {
    const known = error instanceof LvmError ? error : lua.classify(error);
    if (!(known instanceof LvmError)) {
      throw known;
    }
    const { code, message, line } = known;
    return { name: testCase.name, isPassed: false, gasUsed: gas - Math.max(0, lua.gas), code, message, line };
  }
}
