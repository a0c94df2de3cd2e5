// `state`: a contract's storage as values, maps and arrays, and `abi`: what it declares. State variables are objects made
// while the contract loads; one entry's key is the variable's name with its length, then the encoded map key or index.

import { LvmError } from "../../protocol/lvmError.js";
import { encodeLvmValue } from "../../protocol/lvmValue.js";
import type { AbiFunctionKind, AbiStateVariable } from "./contractAbi.js";
import { loadingDeclarations, runningFrame, writingFrame } from "./frame.js";
import { STORAGE_KEY_BYTES_MAX, STORAGE_VALUE_BYTES_MAX } from "./limits.js";
import { REGISTRY_INDEX, TYPE_INTEGER } from "./luaLayout.js";
import { OBJECT_STATE_ARRAY, OBJECT_STATE_MAP, OBJECT_STATE_VALUE } from "./luaStack.js";
import type { ApiFunction, ApiLibrary, Sandbox } from "./sandbox.js";

function storageLimit(): never {
  throw new LvmError(
    "LVM_STORAGE_LIMIT",
    `expected a key of at most ${STORAGE_KEY_BYTES_MAX} bytes and a value of at most ${STORAGE_VALUE_BYTES_MAX}`,
  );
}

/** Reads an entry of the running contract; charges gas. */
export function readEntry(sandbox: Sandbox, key: string): Uint8Array | undefined {
  const { prices, lua } = sandbox;
  const frame = runningFrame(sandbox.frame);
  lua.charge(prices.storageRead);
  const value = frame.storage.read(key);
  if (value !== undefined) {
    lua.charge(Math.ceil(value.length / prices.storageReadBytesPerGas));
  }
  return value;
}

/** Writes an entry of the running contract, or deletes it; charges gas. */
export function writeEntry(sandbox: Sandbox, key: string, value: Uint8Array | undefined): void {
  const { prices, lua } = sandbox;
  const frame = writingFrame(sandbox.frame);
  lua.charge(
    value === undefined
      ? prices.storageDelete
      : prices.storageWrite + prices.storageWriteByte * (key.length + value.length),
  );
  frame.request.journal.write(frame.storage, key, value);
}

function pushEntry(sandbox: Sandbox, key: string): number {
  const value = readEntry(sandbox, key);
  return value === undefined ? sandbox.stack.pushNil() : sandbox.stack.pushEncoded(value);
}

/** Stores the value at `position`, or deletes the entry where it is nil. */
function storeEntry(sandbox: Sandbox, key: string, position: number): void {
  const { stack } = sandbox;
  const isNil = stack.isNil(position);
  writeEntry(sandbox, key, isNil ? undefined : stack.encodeAt(position, STORAGE_VALUE_BYTES_MAX, storageLimit));
}

/** The name part of the keys of the state object at position 1, which must be of `kind`. */
function objectPrefix(sandbox: Sandbox, kind: number): string {
  const { stack, lua } = sandbox;
  if (stack.objectKindAt(1) !== kind) {
    stack.wrongType(1, "state variable (call its methods with a colon)");
  }
  const address = stack.objectAt(1) + 8;
  return lua.buffer.latin1Slice(address, address + 1 + lua.bytes[address]);
}

function declare(kind: AbiStateVariable["kind"], object: number): ApiFunction {
  return (sandbox) => {
    const declarations = loadingDeclarations(sandbox.frame);
    const name = sandbox.stack.nameAt(1);
    declarations.addState(kind, name);
    const address = sandbox.stack.pushObject(object, 1 + name.length) + 8;
    sandbox.lua.bytes[address] = name.length;
    sandbox.lua.buffer.write(name, address + 1, "latin1");
    return 1;
  };
}

function mapKey(sandbox: Sandbox): string {
  const { stack } = sandbox;
  if (stack.isNil(2)) {
    stack.wrongType(2, "a key");
  }
  const prefix = objectPrefix(sandbox, OBJECT_STATE_MAP);
  const key = stack.encodeKeyAt(2, STORAGE_KEY_BYTES_MAX - prefix.length, storageLimit);
  return prefix + key;
}

function indexKey(prefix: string, index: bigint): string {
  return prefix + Buffer.from(encodeLvmValue(index)).toString("latin1");
}

/** An array's length is kept under its bare name. */
function arrayLength(sandbox: Sandbox, prefix: string): bigint {
  const value = readEntry(sandbox, prefix);
  return value === undefined ? 0n : Buffer.from(value).readBigInt64BE(1) ^ -(1n << 63n);
}

function setArrayLength(sandbox: Sandbox, prefix: string, length: bigint): void {
  writeEntry(sandbox, prefix, length === 0n ? undefined : encodeLvmValue(length));
}

/** Methods are found by name on every state object; entries by whatever else indexes it. */
const arrayMethods: Record<string, ApiFunction> = {
  append: (sandbox) => {
    const prefix = objectPrefix(sandbox, OBJECT_STATE_ARRAY);
    if (sandbox.stack.isNil(2)) {
      sandbox.stack.wrongType(2, "a value");
    }
    const length = arrayLength(sandbox, prefix) + 1n;
    storeEntry(sandbox, indexKey(prefix, length), 2);
    setArrayLength(sandbox, prefix, length);
    return sandbox.stack.pushInteger(length);
  },
  pop: (sandbox) => {
    const prefix = objectPrefix(sandbox, OBJECT_STATE_ARRAY);
    const length = arrayLength(sandbox, prefix);
    if (length === 0n) {
      return sandbox.stack.pushNil();
    }
    const key = indexKey(prefix, length);
    const pushed = pushEntry(sandbox, key);
    writeEntry(sandbox, key, undefined);
    setArrayLength(sandbox, prefix, length - 1n);
    return pushed;
  },
};

const valueMethods: Record<string, ApiFunction> = {
  get: (sandbox) => pushEntry(sandbox, objectPrefix(sandbox, OBJECT_STATE_VALUE)),
  set: (sandbox) => {
    storeEntry(sandbox, objectPrefix(sandbox, OBJECT_STATE_VALUE), 2);
    return 0;
  },
};

/** Pushes the method that position 2 names: a field of the hidden table `state.<table>`. */
function pushMethod(sandbox: Sandbox, table: string): number {
  const { functions, state } = sandbox.lua;
  functions.lua_rawgeti(state, REGISTRY_INDEX, BigInt(sandbox.methodTables[table]));
  functions.lua_pushvalue(state, 2);
  functions.lua_rawget(state, -2);
  return 1;
}

/** The position-2 index of the array at position 1; fails outside 1 to `max`. */
function checkedIndex(sandbox: Sandbox, max: bigint): bigint {
  const index = sandbox.stack.integerAt(2);
  if (index < 1n || index > max) {
    throw new LvmError("LVM_BAD_ARGUMENT", `expected an index from 1 to ${max}, got ${index}`);
  }
  return index;
}

const objects: ApiLibrary["objects"] = {
  [OBJECT_STATE_VALUE]: { __index: (sandbox) => pushMethod(sandbox, "value") },
  [OBJECT_STATE_MAP]: {
    __index: (sandbox) => pushEntry(sandbox, mapKey(sandbox)),
    __newindex: (sandbox) => {
      storeEntry(sandbox, mapKey(sandbox), 3);
      return 0;
    },
  },
  [OBJECT_STATE_ARRAY]: {
    __index: (sandbox) => {
      if (sandbox.stack.typeAt(2) !== TYPE_INTEGER) {
        return pushMethod(sandbox, "array");
      }
      const prefix = objectPrefix(sandbox, OBJECT_STATE_ARRAY);
      return pushEntry(sandbox, indexKey(prefix, sandbox.stack.integerAt(2)));
    },
    __newindex: (sandbox) => {
      const prefix = objectPrefix(sandbox, OBJECT_STATE_ARRAY);
      if (sandbox.stack.isNil(3)) {
        sandbox.stack.wrongType(3, "a value (arrays have no holes; see pop)");
      }
      storeEntry(sandbox, indexKey(prefix, checkedIndex(sandbox, arrayLength(sandbox, prefix))), 3);
      return 0;
    },
    __len: (sandbox) => sandbox.stack.pushInteger(arrayLength(sandbox, objectPrefix(sandbox, OBJECT_STATE_ARRAY))),
  },
};

export const stateLibrary: ApiLibrary = {
  tables: {
    state: {
      value: declare("value", OBJECT_STATE_VALUE),
      map: declare("map", OBJECT_STATE_MAP),
      array: declare("array", OBJECT_STATE_ARRAY),
    },
  },
  objects,
  methods: { value: valueMethods, array: arrayMethods },
};

/** Pins the function at `position` in the registry and declares it. */
function declareFunction(sandbox: Sandbox, kind: AbiFunctionKind, name: string, position: number): number {
  const { stack, lua } = sandbox;
  const declarations = loadingDeclarations(sandbox.frame);
  if (lua.functions.lua_type(lua.state, position) !== 6) {
    stack.wrongType(position, "function");
  }
  const parameters = stack.isNil(position + 1) ? "" : stack.byteStringAt(position + 1);
  const returns = stack.isNil(position + 2) ? "" : stack.byteStringAt(position + 2);
  lua.functions.lua_pushvalue(lua.state, position);
  const slot = lua.functions.luaL_ref(lua.state, REGISTRY_INDEX);
  declarations.addFunction(kind, name, parameters, returns, slot);
  return 0;
}

export const abiLibrary: ApiLibrary = {
  tables: {
    abi: {
      contract: (sandbox) => {
        const declarations = loadingDeclarations(sandbox.frame);
        declarations.name = sandbox.stack.nameAt(1);
        declarations.version = sandbox.stack.nameAt(2);
        return 0;
      },
      constructor: (sandbox: Sandbox) => declareFunction(sandbox, "constructor", "constructor", 1),
      call: (sandbox) => declareFunction(sandbox, "call", sandbox.stack.nameAt(1), 2),
      payable: (sandbox) => declareFunction(sandbox, "payable", sandbox.stack.nameAt(1), 2),
      view: (sandbox) => declareFunction(sandbox, "view", sandbox.stack.nameAt(1), 2),
    },
  },
  objects: {},
  methods: {},
};
