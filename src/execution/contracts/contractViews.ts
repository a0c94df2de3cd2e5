// Questions to contracts that no transaction asks: what a source declares, what a view function gives on a state. Nothing is written.

import { bytesKey } from "../../base/bytes.js";
import { CodedError } from "../../protocol/errors.js";
import { type GasSchedule, isSameSchedule } from "../../protocol/gasSchedule.js";
import { LvmError } from "../../protocol/lvmError.js";
import { readParameters, type StateReader } from "../../state/views.js";
import { sha256 } from "../../wasm/sha256.js";
import type { ContractAbi } from "../lvm/contractAbi.js";
import { WorkingState } from "../workingState.js";
import { contractMachine } from "./machine.js";
import { contractCall } from "./runContract.js";
import { StateHost } from "./stateHost.js";

/** Gas of a read-only call: nobody pays for it, and the node's main thread runs it. */
export const VIEW_GAS_MAX = 2_000_000;
const ABIS_KEPT = 256;

const abis = new Map<string, ContractAbi>();
/** Those that `abis` was found by: what loads by some prices may not by others. */
let pricesOfAbis: GasSchedule | undefined;

/** What the source declares; undefined where it does not load by these prices, as in a call. */
export function inspectContract(source: Uint8Array, prices: GasSchedule): ContractAbi | undefined {
  if (pricesOfAbis === undefined || !isSameSchedule(pricesOfAbis, prices)) {
    abis.clear();
    pricesOfAbis = prices;
  }
  const name = bytesKey(sha256(source));
  let abi = abis.get(name);
  if (abi === undefined) {
    try {
      abi = contractMachine(prices).inspect(source).abi;
    } catch (error) {
      if (error instanceof LvmError) {
        return undefined;
      }
      throw error;
    }
    if (abis.size >= ABIS_KEPT) {
      abis.clear();
    }
    abis.set(name, abi);
  }
  return abi;
}

/** Runs a view function on `state` as in a block of this height and time. Throws the contract's code. */
export function viewContract(
  state: StateReader,
  block: { height: number; timeMs: number; genesisHash: Uint8Array },
  call: { contract: Uint8Array; functionName: string; args: Uint8Array; caller: Uint8Array },
): { value: Uint8Array; gasUsed: number } {
  const { contract, functionName, args, caller } = call;
  const addresses = { origin: caller, feePayer: caller, contract };
  const result = contractMachine(readParameters(state).gas).call({
    ...contractCall(block, addresses, { functionName, args, gasLimit: VIEW_GAS_MAX }),
    host: new StateHost(new WorkingState(state)),
    isReadOnly: true,
  });
  if (result.code !== "LVM_OK") {
    const { line, message } = result.error ?? { line: undefined, message: undefined };
    throw new CodedError(result.code, message, line === undefined ? {} : { line });
  }
  return { value: result.value, gasUsed: result.gasUsed };
}
