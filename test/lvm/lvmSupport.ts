// What the contract machine's tests share: a chain of one owner, two accounts and as many contracts as a test wants.
import type { LvmCall, LvmResult, LvmValue } from "../../src/execution/lvm/lvm.js";
import { decodeLvmValue, type LvmMachine, MemoryHost } from "../../src/execution/lvm/lvm.js";

export const OWNER = "o".repeat(32);
export const ALICE = "a".repeat(32);
export const BOB = "b".repeat(32);
export const CONTRACT = "c".repeat(32);

/** An address as contracts take it in arguments. */
export function bytes(address: string): Uint8Array {
  return new Uint8Array(Buffer.from(address, "latin1"));
}

export const TRANSACTION = {
  block: { height: 7, timeMs: 1_700_000_000_000, genesisHash: "g".repeat(32) },
  origin: OWNER,
  feePayer: OWNER,
};

/** A state in memory with `sources` at their addresses. */
export function hostWith(sources: Record<string, string>): MemoryHost {
  const host = new MemoryHost();
  for (const [address, source] of Object.entries(sources)) {
    const text = new Uint8Array(Buffer.from(source));
    host.contracts.set(address, { codeHash: source, source: text });
  }
  return host;
}

/** A contract on its own chain: every successful call's effects stay. */
export class TestContract {
  readonly host: MemoryHost;

  constructor(
    readonly machine: LvmMachine,
    source: string,
    others: Record<string, string> = {},
  ) {
    this.host = hostWith({ ...others, [CONTRACT]: source });
  }

  call(functionName: string, args: readonly LvmValue[] = [], changes: Partial<LvmCall> = {}): LvmResult {
    const result = this.machine.call({
      host: this.host,
      transaction: TRANSACTION,
      contract: CONTRACT,
      sender: OWNER,
      functionName,
      args,
      gasLimit: 1_000_000,
      ...changes,
    });
    this.host.apply(result.effects);
    return result;
  }

  /** The returned value; fails the test where the call fails. */
  value(functionName: string, args: readonly LvmValue[] = [], changes: Partial<LvmCall> = {}): LvmValue {
    const result = this.call(functionName, args, changes);
    if (result.code !== "LVM_OK") {
      throw new Error(`${functionName}: ${result.code} ${result.error?.message}`);
    }
    return decodeLvmValue(result.value);
  }
}

/** Runs `body` as a contract's only function. */
export function runBody(machine: LvmMachine, body: string, changes: Partial<LvmCall> = {}): LvmResult {
  return new TestContract(machine, `abi.payable("run", function() ${body}\nend)`).call("run", [], changes);
}

/** What `return <expression>` gives, strings as text. */
export function evaluate(machine: LvmMachine, body: string): LvmValue {
  const result = runBody(machine, body);
  if (result.code !== "LVM_OK") {
    throw new Error(`${result.code} ${result.error?.message}`);
  }
  const value = decodeLvmValue(result.value);
  return value instanceof Uint8Array ? Buffer.from(value).toString() : value;
}
