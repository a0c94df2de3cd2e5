// The state as the contract machine reads it: a block's working state, as far as the block has come.

import { bytesKey, keyBytes } from "../../base/bytes.js";
import { seedHeights } from "../../protocol/seed.js";
import { isCreatedTokenId, nativeIndex } from "../../protocol/tokens.js";
import type { LvmContract, LvmHost } from "../lvm/lvmHost.js";
import { delegatesEntry } from "../rdpos/delegateEntries.js";
import type { WorkingState } from "../workingState.js";
import { readSource } from "./contractEntries.js";
import { askedSeedEntry } from "./seeds.js";

export class StateHost implements LvmHost {
  /** `reachable`: a contract that is called even while it is paused. */
  constructor(
    private readonly state: WorkingState,
    private readonly reachable?: string,
  ) {}

  /** Undefined for one that is paused or destroyed too. */
  getContract(address: string): LvmContract | undefined {
    const { state } = this;
    const place = state.contract(address);
    const { leaf } = place.leaf;
    if (leaf === undefined || leaf.destroyed || (leaf.paused && address !== this.reachable)) {
      return undefined;
    }
    return {
      codeHash: bytesKey(leaf.codeHash),
      // Only asked for by a machine that has not loaded this code yet.
      get source() {
        return readSource(state, place.address, leaf.sourceBytes);
      },
    };
  }

  getStorage(contract: string, key: string): Uint8Array | undefined {
    return this.state.contractEntry(this.state.contract(contract), key).leaf?.value;
  }

  getBalance(address: string, token: string): bigint {
    const account = this.state.account(keyBytes(address));
    const index = nativeIndex(token);
    if (index >= 0) {
      return account.leaf?.balances[index] ?? 0n;
    }
    return isCreatedTokenId(token) ? (this.state.balance(account, token).leaf?.amount ?? 0n) : 0n;
  }

  seedHeights(): number {
    return seedHeights(delegatesEntry(this.state).leaf?.length ?? 0);
  }

  seedAt(height: number): Uint8Array | undefined {
    const { leaf } = askedSeedEntry(this.state, height);
    return leaf?.height === height ? leaf.seed : undefined;
  }
}
