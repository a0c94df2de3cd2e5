// A small chain state in memory for trying contracts, empty or over another state that it never changes: what testContract
// gives every test case, and tests in TypeScript use.
import { assert } from "../../base/assert.js";
import { utf8Bytes } from "../../base/bytes.js";
import { sha256 } from "../../wasm/sha256.js";
import type { LvmContract, LvmEffects, LvmHost } from "./lvmHost.js";

/** As in a chain of four delegates. */
const SEED_HEIGHTS = 2;

export class MemoryHost implements LvmHost {
  readonly contracts = new Map<string, LvmContract>();
  /** Undefined: an entry of the state beneath that was deleted here. */
  private readonly storage = new Map<string, Map<string, Uint8Array | undefined>>();
  private readonly balances = new Map<string, bigint>();
  private readonly seedAsks = new Set<number>();

  constructor(private readonly beneath?: LvmHost) {}

  getContract(address: string): LvmContract | undefined {
    return this.contracts.get(address) ?? this.beneath?.getContract(address);
  }

  getStorage(contract: string, key: string): Uint8Array | undefined {
    const entries = this.storage.get(contract);
    return entries?.has(key) ? entries.get(key) : this.beneath?.getStorage(contract, key);
  }

  getBalance(address: string, token: string): bigint {
    return this.balances.get(`${token} ${address}`) ?? this.beneath?.getBalance(address, token) ?? 0n;
  }

  setBalance(address: string, token: string, amountUnits: bigint): void {
    this.balances.set(`${token} ${address}`, amountUnits);
  }

  seedHeights(): number {
    return this.beneath?.seedHeights() ?? SEED_HEIGHTS;
  }

  /** A hash of the height stands for what proposers would have brought. */
  seedAt(height: number): Uint8Array | undefined {
    return this.seedAsks.has(height) ? sha256(utf8Bytes(`seed ${height}`)) : this.beneath?.seedAt(height);
  }

  /** Makes what a successful call changed part of this state. */
  apply(effects: LvmEffects): void {
    for (const { address, template } of effects.deployments) {
      const code = this.getContract(template);
      assert(code !== undefined, "the machine found the template");
      this.contracts.set(address, code);
    }
    for (const height of effects.seedAsks) {
      this.seedAsks.add(height);
    }
    for (const { contract, key, value } of effects.storage) {
      const entries = this.storage.get(contract) ?? new Map<string, Uint8Array | undefined>();
      this.storage.set(contract, entries);
      entries.set(key, value);
    }
    for (const { from, to, token, amountUnits } of effects.transfers) {
      const left = this.getBalance(from, token) - amountUnits;
      assert(left >= 0n, "the machine checked the balance");
      this.setBalance(from, token, left);
      this.setBalance(to, token, this.getBalance(to, token) + amountUnits);
    }
  }
}
