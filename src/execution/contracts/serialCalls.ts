// Calls of contracts on this thread, one after another.

import type { GasSchedule } from "../../protocol/gasSchedule.js";
import { MIGRATION_NAME, UPGRADE_VOTE_NAME } from "../lvm/contractAbi.js";
import type { LvmCall, LvmResult } from "../lvm/lvmMachine.js";
import type { WorkingState } from "../workingState.js";
import type { ContractCalls } from "./contractUsage.js";
import { contractMachine } from "./machine.js";
import { StateHost } from "./stateHost.js";

/** Runs a call on the working state as it is. */
export function runSerially(state: WorkingState, call: Omit<LvmCall, "host">, prices: GasSchedule): LvmResult {
  const isUpgrade = call.functionName === MIGRATION_NAME || call.functionName === UPGRADE_VOTE_NAME;
  const reachable = isUpgrade ? call.contract : undefined;
  return contractMachine(prices).callOn(new StateHost(state, reachable), call);
}

export function serialCalls(prices: GasSchedule): ContractCalls {
  return { runnerFor: (state) => (call) => runSerially(state, call, prices) };
}
