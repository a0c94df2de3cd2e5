// The contract machine: runs calls of contracts to their end, one at a time, each in memory restored from its contract's
// image, at every depth of calls in a sandbox of its own. The result is a function of the host's view, the call and the
// prices alone. A fault of this node is thrown as LvmFault and leaves the machine usable.
import { assert } from "../../base/assert.js";
import { equalBytes } from "../../base/bytes.js";
import { defaultGasSchedule, type GasSchedule } from "../../protocol/gasSchedule.js";
import { LvmError, type LvmErrorCode, LvmFault } from "../../protocol/lvmError.js";
import { decodeLvmValues, type LvmValue, ValueWriter, writeLvmValue } from "../../protocol/lvmValue.js";
import { BASE_LIBRARY_SCRIPT } from "./baseLibrary.js";
import {
  type AbiParameter,
  CONSTRUCTOR_NAME,
  type ContractAbi,
  type LoadedFunction,
  MIGRATION_NAME,
} from "./contractAbi.js";
import { contractLibraries } from "./contractLibraries.js";
import type { FrameOutcome, FrameRequest } from "./frame.js";
import { ImageCache } from "./imageCache.js";
import { CallJournal } from "./journal.js";
import {
  ADDRESS_BYTES,
  ARGUMENT_BYTES_MAX,
  CALL_GAS_MAX,
  IMAGE_CACHE_BYTES_MAX,
  LOAD_GAS_MAX,
  MEMORY_BYTES_MAX,
  READ_ONLY_RETURN_BYTES_MAX,
  RETURN_BYTES_MAX,
} from "./limits.js";
import { type ContractImage, loadContract } from "./loadContract.js";
import type { MemoryImage } from "./luaInstance.js";
import { REGISTRY_INDEX, TYPE_FALSE, TYPE_TABLE, TYPE_TRUE } from "./luaLayout.js";
import { type LuaStack, OBJECT_BIGNUM } from "./luaStack.js";
import {
  type LvmContract,
  type LvmEffects,
  type LvmHost,
  type LvmReads,
  type LvmTransaction,
  NATIVE_TOKEN,
} from "./lvmHost.js";
import type { LvmObserver } from "./observer.js";
import { Sandbox } from "./sandbox.js";

const NOTHING = new Uint8Array(0);

/** A sandbox of a nested call that touched more memory than this is dropped afterwards. */
const NESTED_MEMORY_KEPT_BYTES = 2 * 1024 * 1024;

/** A transaction's call of a contract, or a read-only one. */
export interface LvmCall {
  readonly host: LvmHost;
  readonly transaction: LvmTransaction;
  /** Address, one byte per character, as are all addresses here. */
  readonly contract: string;
  readonly sender: string;
  /** Name in the contract's ABI; "constructor" for the one call after registration. */
  readonly functionName: string;
  /** Values, or their canonical encodings one after another. */
  readonly args: readonly LvmValue[] | Uint8Array;
  /** 0 to CALL_GAS_MAX. */
  readonly gasLimit: number;
  /** Paid by the sender to the contract; needs a payable function. */
  readonly amountUnits?: bigint | undefined;
  readonly token?: string | undefined;
  readonly isReadOnly?: boolean;
}

/** What every node gets for the same call. */
export interface LvmResult {
  readonly code: "LVM_OK" | LvmErrorCode;
  /** The returned value's canonical encoding; empty where the call failed. */
  readonly value: Uint8Array;
  readonly gasUsed: number;
  /** Empty where the call failed. */
  readonly effects: LvmEffects;
  /** What the call read of the host's view; put together when asked for. */
  readonly reads: () => LvmReads;
  /** Line: in the source of the contract that was called. */
  readonly error: { readonly message: string; readonly line: number | undefined } | undefined;
}

/** What loading shows of a contract. */
export interface LvmInspection {
  readonly abi: ContractAbi;
  readonly loadGas: number;
  readonly imageBytes: number;
}

export interface LvmMachineOptions {
  readonly prices?: GasSchedule;
  readonly imageCacheBytesMax?: number;
  /** Told of everything that calls do; for developers' tools. */
  readonly observer?: LvmObserver;
}

/** See the file's head. */
export class LvmMachine {
  private readonly prices: GasSchedule;
  private readonly images: ImageCache;
  private readonly sandboxes: (Sandbox | undefined)[] = [];
  private readonly argumentWriter = new ValueWriter();
  private readonly observer: LvmObserver | undefined;
  private baseImage: MemoryImage | undefined;

  constructor(options: LvmMachineOptions = {}) {
    this.prices = options.prices ?? defaultGasSchedule;
    this.observer = options.observer;
    this.images = new ImageCache(options.imageCacheBytesMax ?? IMAGE_CACHE_BYTES_MAX);
  }

  /** Runs one call. Throws LvmFault and nothing else. */
  call(call: LvmCall): LvmResult {
    return this.callOn(call.host, call);
  }

  /** The same on a host apart from the call. */
  callOn(host: LvmHost, call: Omit<LvmCall, "host">): LvmResult {
    assert(Number.isInteger(call.gasLimit) && call.gasLimit >= 0 && call.gasLimit <= CALL_GAS_MAX, "gasLimit in range");
    const journal = new CallJournal(host, this.observer);
    const { value, code, gasUsed, message, line } = this.callWith(journal, call);
    const error = code === "LVM_OK" ? undefined : { message, line };
    return { code, value, gasUsed, error, effects: journal.effects(), reads: () => journal.reads() };
  }

  /** As `call`, onto a journal that holds what came before in the same transaction. */
  callWith(journal: CallJournal, call: Omit<LvmCall, "host">): FrameOutcome {
    assert((call.amountUnits ?? 0n) >= 0n, "a payment is not negative");
    assert(call.contract.length === ADDRESS_BYTES && call.sender.length === ADDRESS_BYTES, "addresses have 32 bytes");
    const gas = call.gasLimit - this.prices.callBase;
    if (gas < 0) {
      return failure(new LvmError("LVM_OUT_OF_GAS", "out of gas"), call.gasLimit);
    }
    let args: Uint8Array;
    try {
      args = encodeArguments(this.argumentWriter, call.args);
    } catch (error) {
      assert(error instanceof LvmError, String(error));
      return failure(error, this.prices.callBase);
    }
    try {
      const { code, value, gasUsed, message, line } = this.runFrame({
        transaction: call.transaction,
        journal,
        depth: 1,
        contract: call.contract,
        sender: call.sender,
        functionName: call.functionName,
        args,
        token: call.token ?? NATIVE_TOKEN,
        amountUnits: call.amountUnits ?? 0n,
        gas,
        memoryBytesMax: MEMORY_BYTES_MAX,
        cLevels: 0,
        isReadOnly: call.isReadOnly ?? false,
        callers: [],
      });
      return { code, value, gasUsed: gasUsed + this.prices.callBase, message, line };
    } finally {
      this.dropLargeSandboxes();
    }
  }

  /** Loads a source, with at most `gasMax`, and says what it declares. Throws LvmError for what is wrong with it, LvmFault. */
  inspect(source: Uint8Array, gasMax = LOAD_GAS_MAX): LvmInspection {
    const { abi, loadGas, memory } = this.load(1, source, gasMax);
    return { abi, loadGas, imageBytes: memory.arena.length };
  }

  /** What was left to the last `inspect` that threw LvmError. */
  get gasLeftOver(): number {
    return Math.max(0, this.sandboxAt(1).lua.gas);
  }

  /**
   * What the last outermost call left in memory (SHA-256, hex) and how much it took at most: equal on every machine for the
   * same call. For tests and tools.
   */
  memoryReport(): { digest: string; highestBytes: number } {
    const { lua } = this.sandboxAt(1);
    return { digest: lua.memoryDigest(), highestBytes: lua.memoryHighestBytes };
  }

  private dropLargeSandboxes(): void {
    for (let depth = 2; depth < this.sandboxes.length; depth++) {
      if ((this.sandboxes[depth]?.lua.memoryHighestBytes ?? 0) > NESTED_MEMORY_KEPT_BYTES) {
        this.sandboxes[depth] = undefined;
      }
    }
  }

  private sandboxAt(depth: number): Sandbox {
    let sandbox = this.sandboxes[depth];
    if (sandbox === undefined) {
      sandbox = new Sandbox(this.prices, BASE_LIBRARY_SCRIPT, contractLibraries);
      this.baseImage ??= sandbox.baseImage;
      const isEqual = equalBytes(this.baseImage.arena, sandbox.baseImage.arena);
      assert(isEqual && equalBytes(this.baseImage.statics, sandbox.baseImage.statics), "base images are equal");
      this.sandboxes[depth] = sandbox;
    }
    return sandbox;
  }

  private load(depth: number, source: Uint8Array, gasMax: number): ContractImage {
    try {
      return loadContract(this.sandboxAt(depth), source, gasMax);
    } catch (error) {
      if (!(error instanceof LvmError)) {
        this.sandboxes[depth] = undefined;
      }
      throw error;
    }
  }

  /**
   * The contract's image, and what this call pays for it: the same whether it was loaded before or not. With less gas than
   * that a load would stop where the gas is used up, and so does the call.
   */
  private image(request: FrameRequest, contract: LvmContract): { image: ContractImage; charge: number } {
    const { loadDivisor, storageWriteByte } = this.prices;
    let image = this.images.get(contract.codeHash);
    if (image === undefined) {
      image = this.load(request.depth, contract.source, Math.min(request.gas * loadDivisor, LOAD_GAS_MAX));
      this.images.set(contract.codeHash, image);
    }
    const copied = request.deployment === undefined ? 0 : image.sourceBytes * storageWriteByte;
    return { image, charge: Math.ceil(image.loadGas / loadDivisor) + copied };
  }

  private runFrame(request: FrameRequest): FrameOutcome {
    const { observer } = this;
    if (observer === undefined) {
      return this.runUnobserved(request);
    }
    observer.enter(request);
    const outcome = this.runUnobserved(request);
    observer.leave(request, outcome);
    return outcome;
  }

  private runUnobserved(request: FrameRequest): FrameOutcome {
    const { journal } = request;
    const mark = journal.mark();
    let gasUsed = 0;
    try {
      const contract = contractOf(request);
      if (contract === undefined) {
        throw new LvmError("LVM_NO_CONTRACT", "there is no contract at the address");
      }
      // Where loading fails, the call pays all it has: such a contract can't be registered.
      gasUsed = request.gas;
      const { image, charge } = this.image(request, contract);
      if (charge > request.gas) {
        throw new LvmError("LVM_OUT_OF_GAS", "out of gas");
      }
      const sandbox = this.sandboxAt(request.depth);
      try {
        const value = this.runFunction(sandbox, request, image, charge);
        gasUsed = request.gas - sandbox.lua.gas;
        return { code: "LVM_OK", value, gasUsed, message: "", line: undefined };
      } catch (error) {
        const known = error instanceof LvmError ? error : sandbox.lua.classify(error);
        gasUsed = request.gas - Math.max(0, sandbox.lua.gas);
        throw known;
      } finally {
        sandbox.frame = undefined;
      }
    } catch (error) {
      journal.rollback(mark);
      if (error instanceof LvmError) {
        return failure(error, gasUsed);
      }
      this.sandboxes[request.depth] = undefined;
      throw error instanceof LvmFault ? error : new LvmFault(String(error), { cause: error });
    }
  }

  private runFunction(sandbox: Sandbox, request: FrameRequest, image: ContractImage, charge: number): Uint8Array {
    const { lua, stack } = sandbox;
    lua.gas = request.gas - charge;
    lua.restore(image.memory, request.memoryBytesMax);
    if (request.cLevels > 0) {
      lua.cLevels = request.cLevels;
    }
    const declared = findFunction(image, request);
    if (declared === undefined) {
      return NOTHING;
    }
    const { journal, contract, sender, token, amountUnits } = request;
    if (amountUnits > 0n && !journal.transfer({ from: sender, to: contract, token, amountUnits })) {
      throw new LvmError("LVM_BALANCE", `the caller has less than ${amountUnits} units of ${token}`);
    }
    const isReadOnly = request.isReadOnly || declared.kind === "view";
    sandbox.frame = {
      request,
      storage: journal.storageOf(contract),
      isReadOnly,
      isConstructor: declared.kind === "constructor",
      callContract: (nested) => this.runFrame(nested),
    };
    const { observer } = this;
    if (observer !== undefined) {
      lua.watchSteps((line, gas) => observer.step(contract, line, gas));
    }
    sandbox.pushMessageHandler();
    lua.functions.lua_rawgeti(lua.state, REGISTRY_INDEX, BigInt(declared.slot));
    const given = stack.pushEncoded(request.args);
    checkArguments(stack, declared.parameters, given);
    sandbox.protectedCall(given, 1);
    const bytesMax = request.isReadOnly ? READ_ONLY_RETURN_BYTES_MAX : RETURN_BYTES_MAX;
    return stack.encodeAt(2, bytesMax, () => {
      throw new LvmError("LVM_RETURN_LIMIT", `expected a return value of at most ${bytesMax} bytes`);
    });
  }
}

function failure(error: LvmError, gasUsed: number): FrameOutcome {
  return { code: error.code, value: NOTHING, gasUsed, message: error.message, line: error.line };
}

/** The code that runs: of the contract that is called, or of the one that comes to be. */
function contractOf({ journal, contract, sender, deployment }: FrameRequest): LvmContract | undefined {
  return deployment === undefined
    ? journal.contract(contract)
    : journal.deploy({ deployer: sender, address: contract, ...deployment });
}

/** The encoded arguments; `writer` is used anew. */
function encodeArguments(writer: ValueWriter, args: LvmCall["args"]): Uint8Array {
  writer.length = 0;
  writer.bytesMax = ARGUMENT_BYTES_MAX;
  writer.onOverflow = () => {
    throw new LvmError("LVM_BAD_ARGUMENT", `expected at most ${ARGUMENT_BYTES_MAX} bytes of arguments`);
  };
  if (args instanceof Uint8Array) {
    writer.reserve(args.length);
    // The machine trusts encodings; these come from a stranger.
    decodeLvmValues(args);
    return args;
  }
  for (const value of args) {
    writeLvmValue(writer, value);
  }
  return writer.take();
}

/** The function to run; undefined for the constructor of a contract that declares none. */
function findFunction(image: ContractImage, request: FrameRequest): LoadedFunction | undefined {
  const declared = image.functions.get(request.functionName);
  const isConstructor = request.functionName === CONSTRUCTOR_NAME;
  const isInner = request.depth > 1 && request.deployment === undefined;
  if (declared === undefined && isConstructor && !isInner && request.amountUnits === 0n) {
    return undefined;
  }
  const isOwnersAlone = isConstructor || request.functionName === MIGRATION_NAME;
  if (declared === undefined || (isOwnersAlone && isInner)) {
    throw new LvmError("LVM_NO_FUNCTION", `the contract has no function '${request.functionName}'`);
  }
  if (request.isReadOnly && declared.kind !== "view") {
    throw new LvmError("LVM_NOT_VIEW", `'${declared.name}' is not a view function`);
  }
  if (request.amountUnits > 0n && declared.kind !== "payable") {
    throw new LvmError("LVM_NOT_PAYABLE", `'${declared.name}' does not take payments`);
  }
  return declared;
}

function hasType(stack: LuaStack, position: number, { type, isOptional }: AbiParameter): boolean {
  if (stack.isNil(position)) {
    return isOptional || type === "any";
  }
  switch (type) {
    case "any":
      return true;
    case "boolean":
      return stack.typeAt(position) === TYPE_FALSE || stack.typeAt(position) === TYPE_TRUE;
    case "integer":
      return stack.isInteger(position);
    case "string":
      return stack.isString(position);
    case "address":
      return stack.isString(position) && stack.bytesAt(position).length === ADDRESS_BYTES;
    case "bignum":
      return stack.objectKindAt(position) === OBJECT_BIGNUM;
    case "table":
      return stack.typeAt(position) === TYPE_TABLE;
  }
}

/** The arguments lie above the handler and the function. */
function checkArguments(stack: LuaStack, parameters: readonly AbiParameter[], given: number): void {
  if (given > parameters.length) {
    throw new LvmError("LVM_BAD_ARGUMENT", `expected at most ${parameters.length} arguments, got ${given}`);
  }
  for (let i = 0; i < parameters.length; i++) {
    if (!hasType(stack, 3 + i, parameters[i])) {
      const { name, type } = parameters[i];
      throw new LvmError("LVM_BAD_ARGUMENT", `${name}: expected ${type}, got ${stack.typeName(3 + i)}`);
    }
  }
}
