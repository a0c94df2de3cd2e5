// `test`: what a contract package's own tests find in their global table besides the contract API. A test script runs in a
// sandbox of its own; the contract under test runs in the machine that blocks use, on a state in memory that starts empty
// for every case.
import { bytesKey } from "../../base/bytes.js";
import { CodedError } from "../../protocol/errors.js";
import { LvmError } from "../../protocol/lvmError.js";
import { decodeLvmValue, encodeLvmValue, type LvmValue } from "../../protocol/lvmValue.js";
import { RING_KEYS_MAX, signRing } from "../../protocol/ringSignature.js";
import { proveRandom } from "../../protocol/vrf.js";
import { ed25519, sha256 } from "../../wasm/crypto.js";
import { CONSTRUCTOR_NAME } from "./contractAbi.js";
import { byteStringsAt } from "./cryptoApi.js";
import { ARGUMENT_BYTES_MAX, DECLARATIONS_MAX, LOAD_GAS_MAX, TEST_NAME_BYTES_MAX } from "./limits.js";
import { REGISTRY_INDEX } from "./luaLayout.js";
import type { LvmEvent, LvmHost } from "./lvmHost.js";
import { NATIVE_TOKEN } from "./lvmHost.js";
import type { LvmMachine, LvmResult } from "./lvmMachine.js";
import { MemoryHost } from "./memoryHost.js";
import type { ApiFunction, ApiLibrary, Sandbox } from "./sandbox.js";

export interface TestCase {
  readonly name: string;
  /** Registry slot of its function in the script's image. */
  readonly slot: number;
}

/** An address that stands for a name in tests. */
export function testAddress(name: string): string {
  return Buffer.from(sha256(Buffer.from(`test address ${name}`))).toString("latin1");
}

/** The secret key that stands for a name in tests: no secret at all. */
function testSecretKey(name: string): Uint8Array {
  return sha256(Buffer.from(`test key ${name}`));
}

/** The state of the case that runs, and the cases found. */
export class TestSession {
  readonly cases: TestCase[] = [];
  readonly contract = testAddress("contract");
  private readonly codeHash: string;
  host = new MemoryHost();
  sender = testAddress("owner");
  amountUnits = 0n;
  token = NATIVE_TOKEN;
  height = 1;
  timeMs = 0;
  events: LvmEvent[] = [];

  constructor(
    private readonly machine: LvmMachine,
    private readonly source: Uint8Array,
    private readonly state?: LvmHost,
  ) {
    this.codeHash = bytesKey(sha256(source));
    this.reset();
  }

  /** Back to the start of a case: the contract is there, nothing else. */
  reset(): void {
    this.host = new MemoryHost(this.state);
    this.host.contracts.set(this.contract, { codeHash: this.codeHash, source: this.source });
    this.sender = testAddress("owner");
    this.amountUnits = 0n;
    this.token = NATIVE_TOKEN;
    this.height = 1;
    this.timeMs = 0;
    this.events = [];
  }

  /** One transaction; a payment is used up by it. */
  run(
    functionName: string,
    args: readonly LvmValue[],
    gasLimit: number,
    isReadOnly: boolean,
    contract = this.contract,
  ): LvmResult {
    const { sender, amountUnits, token, host } = this;
    const block = { height: this.height, timeMs: this.timeMs, genesisHash: testAddress("genesis") };
    const result = this.machine.call({
      host,
      transaction: { block, origin: sender, feePayer: sender },
      contract,
      sender,
      functionName,
      args,
      gasLimit,
      isReadOnly,
      amountUnits,
      token,
    });
    this.amountUnits = 0n;
    if (result.code === "LVM_OK") {
      this.events.push(...result.effects.events);
      host.apply(result.effects);
    }
    return result;
  }

  /**
   * Puts another contract on the chain, not constructed yet; gives its address. `charge` is told what loading it used, whether it loads
   * or not. Throws LvmError.
   */
  install(source: Uint8Array, gasLeft: number, charge: (gas: number) => void): string {
    const gasMax = Math.min(gasLeft, LOAD_GAS_MAX);
    let loadGas: number;
    try {
      loadGas = this.machine.inspect(source, gasMax).loadGas;
    } catch (error) {
      if (error instanceof LvmError) {
        charge(gasMax - this.machine.gasLeftOver);
      }
      throw error;
    }
    charge(loadGas);
    const address = testAddress(`contract ${this.host.contracts.size}`);
    this.host.contracts.set(address, { codeHash: bytesKey(sha256(source)), source });
    return address;
  }
}

function failed(message: string): never {
  throw new LvmError("LVM_TEST_FAILED", message);
}

/** One by one: as an array they could hold no nil. */
function argumentsFrom(sandbox: Sandbox, first: number): LvmValue[] {
  const tooLarge = (): never => failed("an argument is too large");
  const last = sandbox.stack.count;
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) =>
    decodeLvmValue(sandbox.stack.encodeAt(first + i, ARGUMENT_BYTES_MAX, tooLarge)),
  );
}

function runCall(
  session: TestSession,
  sandbox: Sandbox,
  functionName: string,
  first: number,
  isReadOnly: boolean,
): LvmResult {
  const args = argumentsFrom(sandbox, first);
  const result = session.run(functionName, args, sandbox.lua.gas, isReadOnly);
  sandbox.lua.charge(result.gasUsed);
  return result;
}

function caller(session: TestSession, isReadOnly: boolean): ApiFunction {
  return (sandbox) => {
    const result = runCall(session, sandbox, sandbox.stack.nameAt(1), 2, isReadOnly);
    if (result.code !== "LVM_OK") {
      failed(`the call failed with ${result.code}: ${result.error?.message}`);
    }
    return sandbox.stack.pushEncoded(result.value);
  };
}

function sameValue(sandbox: Sandbox): boolean {
  const tooLarge = (): never => failed("the values are too large to compare");
  const [first, second] = [1, 2].map((position) => sandbox.stack.encodeAt(position, ARGUMENT_BYTES_MAX, tooLarge));
  return Buffer.compare(first, second) === 0;
}

/** The functions of `test`, working on `session`. */
export function testLibrary(session: TestSession): ApiLibrary {
  return {
    tables: { test: { ...callFunctions(session), ...worldFunctions(session), ...keyFunctions } },
    objects: {},
    methods: {},
  };
}

function callFunctions(session: TestSession): Record<string, ApiFunction> {
  return {
    case: (sandbox) => {
      const { stack, lua } = sandbox;
      const name = stack.byteStringAt(1);
      if (name === "" || name.length > TEST_NAME_BYTES_MAX) {
        failed(`expected a name of 1 to ${TEST_NAME_BYTES_MAX} bytes for the case, got ${name.length}`);
      }
      if (lua.functions.lua_type(lua.state, 2) !== 6) {
        stack.wrongType(2, "function");
      }
      if (session.cases.length >= DECLARATIONS_MAX) {
        failed(`expected at most ${DECLARATIONS_MAX} cases`);
      }
      lua.functions.lua_pushvalue(lua.state, 2);
      session.cases.push({ name, slot: lua.functions.luaL_ref(lua.state, REGISTRY_INDEX) });
      return 0;
    },
    deploy: (sandbox) => {
      const result = runCall(session, sandbox, CONSTRUCTOR_NAME, 1, false);
      return result.code === "LVM_OK"
        ? 0
        : failed(`the constructor failed with ${result.code}: ${result.error?.message}`);
    },
    install: (sandbox) => {
      const { stack, lua } = sandbox;
      const source = stack.bytesAt(1).slice();
      const args = argumentsFrom(sandbox, 2);
      const address = session.install(source, lua.gas, (gas) => lua.charge(gas));
      const result = session.run(CONSTRUCTOR_NAME, args, lua.gas, false, address);
      lua.charge(result.gasUsed);
      return result.code === "LVM_OK"
        ? stack.pushByteString(address)
        : failed(`the constructor failed with ${result.code}: ${result.error?.message}`);
    },
    call: caller(session, false),
    view: caller(session, true),
    fails: (sandbox) => {
      const code = sandbox.stack.byteStringAt(1);
      const result = runCall(session, sandbox, sandbox.stack.nameAt(2), 3, false);
      if (result.code !== code) {
        failed(`expected the call to fail with ${code}, got ${result.code}: ${result.error?.message ?? ""}`);
      }
      return sandbox.stack.pushText(result.error?.message ?? "");
    },
    equal: (sandbox) => (sameValue(sandbox) ? 0 : failed("the values differ")),
  };
}

function worldFunctions(session: TestSession): Record<string, ApiFunction> {
  return {
    address: (sandbox) => sandbox.stack.pushByteString(testAddress(sandbox.stack.nameAt(1))),
    contract: (sandbox) => sandbox.stack.pushByteString(session.contract),
    as: (sandbox) => {
      session.sender = sandbox.stack.addressAt(1);
      return 0;
    },
    pay: (sandbox) => {
      session.amountUnits = sandbox.stack.integerAt(1);
      session.token = sandbox.stack.isNil(2) ? NATIVE_TOKEN : sandbox.stack.nameAt(2);
      return 0;
    },
    fund: (sandbox) => {
      const token = sandbox.stack.isNil(3) ? NATIVE_TOKEN : sandbox.stack.nameAt(3);
      session.host.setBalance(sandbox.stack.addressAt(1), token, sandbox.stack.integerAt(2));
      return 0;
    },
    balance: (sandbox) => {
      const token = sandbox.stack.isNil(2) ? NATIVE_TOKEN : sandbox.stack.nameAt(2);
      return sandbox.stack.pushInteger(session.host.getBalance(sandbox.stack.addressAt(1), token));
    },
    block: (sandbox) => {
      session.height = Number(sandbox.stack.integerAt(1));
      session.timeMs = Number(sandbox.stack.integerAt(2));
      return 0;
    },
    events: (sandbox) => {
      const events = session.events.map(({ name, data }) => [Buffer.from(name, "latin1"), decodeLvmValue(data)]);
      session.events = [];
      return sandbox.stack.pushEncoded(encodeLvmValue(events));
    },
  };
}

const keyFunctions: Record<string, ApiFunction> = {
  key: (sandbox) => sandbox.stack.pushBytes(ed25519.getPublicKey(testSecretKey(sandbox.stack.nameAt(1)))),
  sign: (sandbox) => {
    const { stack, lua, prices } = sandbox;
    const message = stack.bytesAt(2).slice();
    lua.charge(prices.ed25519Verify + Math.ceil(message.length / prices.sha256BytesPerGas));
    return stack.pushBytes(ed25519.sign(message, testSecretKey(stack.nameAt(1))));
  },
  proveRandom: (sandbox) => {
    const { stack, lua, prices } = sandbox;
    const input = stack.bytesAt(2).slice();
    lua.charge(prices.vrfVerify + input.length);
    return stack.pushBytes(proveRandom(testSecretKey(stack.nameAt(1)), input));
  },
  ringSign: (sandbox) => {
    const { stack, lua, prices } = sandbox;
    const secretKey = testSecretKey(stack.nameAt(1));
    const [scope, message] = [2, 3].map((position) => stack.bytesAt(position).slice());
    const ring = byteStringsAt(sandbox, 4, RING_KEYS_MAX, "keys");
    lua.charge(prices.ringVerify + prices.ringVerifyKey * ring.length);
    lua.charge(Math.ceil((scope.length + message.length) / prices.sha256BytesPerGas));
    try {
      return stack.pushBytes(signRing({ scope, message, ring }, secretKey, testSecretKey("randomness")));
    } catch (error) {
      if (error instanceof CodedError) {
        failed(error.message);
      }
      throw error;
    }
  },
};
