// From source to an image of memory in which the contract's functions exist and nothing has run but its top level. The
// outcome depends on the source alone: loading gets no host, no arguments and its own limits.

import { LvmError } from "../../protocol/lvmError.js";
import { checkBytecode } from "./checkBytecode.js";
import { AbiBuilder, type ContractAbi, type LoadedFunction } from "./contractAbi.js";
import { MEMORY_BYTES_MAX } from "./limits.js";
import type { MemoryImage } from "./luaInstance.js";
import { prepareSource } from "./prepareSource.js";
import type { Sandbox } from "./sandbox.js";

/** A contract ready to be called. */
export interface ContractImage {
  readonly memory: MemoryImage;
  readonly abi: ContractAbi;
  readonly functions: ReadonlyMap<string, LoadedFunction>;
  readonly loadGas: number;
  readonly sourceBytes: number;
}

/**
 * Loads `source`, which error messages call `name` ("contract:12: ..."), with at most `gasMax`. Throws LvmError: the source's
 * fault, LVM_OUT_OF_GAS where the gas did not suffice, with the gas used in `sandbox.lua.gas`; LvmFault: this node's.
 */
export function loadContract(sandbox: Sandbox, source: Uint8Array, gasMax: number, name = "contract"): ContractImage {
  const { lua, stack } = sandbox;
  const declarations = new AbiBuilder();
  lua.restore(sandbox.baseImage, MEMORY_BYTES_MAX);
  lua.reuseBlocks();
  lua.gas = gasMax;
  // The check reads every byte once.
  lua.charge(source.length);
  const prepared = prepareSource(source);
  sandbox.frame = { declarations };
  try {
    sandbox.pushMessageHandler();
    if (!sandbox.load(prepared, name)) {
      const message = Buffer.from(stack.bytesAt(stack.count)).toString();
      const line = /^[a-z]+:(\d+):/.exec(message)?.[1];
      throw new LvmError("LVM_SYNTAX", message, line === undefined ? undefined : Number(line));
    }
    checkBytecode(lua);
    sandbox.protectedCall(0, 0);
    lua.functions.lua_settop(lua.state, 0);
  } catch (error) {
    throw error instanceof LvmError ? error : lua.classify(error);
  } finally {
    sandbox.frame = undefined;
  }
  const loadGas = gasMax - lua.gas;
  const { functions } = declarations;
  const sourceBytes = source.length;
  return { memory: lua.takeImage(), abi: declarations.build(), functions, loadGas, sourceBytes };
}
