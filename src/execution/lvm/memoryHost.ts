// A small chain state in memory for trying contracts: what testContract gives every test case, and tests in TypeScript use.
import { assert } from "../../base/assert.js";
import type { LvmContract, LvmEffects, LvmHost } from "./lvmHost.js";

export class MemoryHost implements LvmHost {
  readonly contracts = new Map<string, LvmContract>();
  private readonly storage = new Map<string, Map<string, Uint8Array>>();
  private readonly balances = new Map<string, bigint>();

  getContract(address: string): LvmContract | undefined {
    return this.contracts.get(address);
  }

  getStorage(contract: string, key: string): Uint8Array | undefined {
    return this.storage.get(contract)?.get(key);
  }

  getBalance(address: string, token: string): bigint {
    return this.balances.get(`${token} ${address}`) ?? 0n;
  }

  setBalance(address: string, token: string, amountUnits: bigint): void {
    this.balances.set(`${token} ${address}`, amountUnits);
  }

  /** Makes what a successful call changed part of this state. */
  apply(effects: LvmEffects): void {
    for (const { contract, key, value } of effects.storage) {
      const entries = this.storage.get(contract) ?? new Map<string, Uint8Array>();
      this.storage.set(contract, entries);
      if (value === undefined) {
        entries.delete(key);
      } else {
        entries.set(key, value);
      }
    }
    for (const { from, to, token, amountUnits } of effects.transfers) {
      const left = this.getBalance(from, token) - amountUnits;
      assert(left >= 0n, "the machine checked the balance");
      this.setBalance(from, token, left);
      this.setBalance(to, token, this.getBalance(to, token) + amountUnits);
    }
  }
}
