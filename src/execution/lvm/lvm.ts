// The package export `ttchain/lvm`: the contract machine, its values and its errors, for tests and tools in TypeScript.

export { defaultGasSchedule, type GasSchedule } from "../../protocol/gasSchedule.js";
export { LVM_ERRORS, LvmError, type LvmErrorCode, LvmFault } from "../../protocol/lvmError.js";
export { decodeLvmValue, encodeLvmValue, LvmBignum, type LvmKey, type LvmValue } from "../../protocol/lvmValue.js";
export { CallTrace, type StorageName, type TraceEntry } from "./callTrace.js";
export type { ContractAbi } from "./contractAbi.js";
export type { FrameOutcome, FrameRequest } from "./frame.js";
export { type FunctionUse, LineProfile, type LineUse } from "./lineProfile.js";
export {
  type LvmBlock,
  type LvmContract,
  type LvmDeployment,
  type LvmEffects,
  type LvmEvent,
  type LvmHost,
  type LvmReads,
  type LvmTransaction,
  NATIVE_TOKEN,
} from "./lvmHost.js";
export { type LvmCall, type LvmInspection, LvmMachine, type LvmMachineOptions, type LvmResult } from "./lvmMachine.js";
export { MemoryHost } from "./memoryHost.js";
export type { LvmObserver } from "./observer.js";
export {
  type ContractPackage,
  type ContractTestOptions,
  type ContractTestReport,
  type TestCaseReport,
  testContract,
} from "./testContract.js";
