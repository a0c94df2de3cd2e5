// A live chain's state as tests see it: leaves are fetched from a node when somebody first asks for them. The machine asks
// synchronously, so an answer that is not there yet ends the run; it is fetched, and the run begins again. That is safe
// because runs are deterministic, and it ends because each brings at least one leaf more.

import { assert } from "../../base/assert.js";
import { bytesKey, keyBytes } from "../../base/bytes.js";
import { TTChainClient } from "../../client/client.js";
import { type LvmContract, LvmFault, type LvmHost } from "../../execution/lvm/lvm.js";
import {
  CODE_PIECE_BYTES,
  codePieceKey,
  contractEntryKey,
  contractKey,
  decodeCodePiece,
  decodeContractEntry,
  decodeContractLeaf,
} from "../../protocol/contractLeaves.js";
import { decodeDelegates } from "../../protocol/delegates.js";
import type { GasSchedule } from "../../protocol/gasSchedule.js";
import { askedSeedKey, decodeAskedSeed, seedHeights } from "../../protocol/seed.js";
import {
  accountKey,
  balanceKey,
  decodeAccountLeaf,
  decodeBalanceLeaf,
  decodeSystemLeaf,
  systemKey,
} from "../../protocol/stateLeaves.js";
import { nativeIndex } from "../../protocol/tokens.js";
import { CommandFailedError } from "../failures.js";

/** Leaves that one command fetches. */
const LEAVES_MAX = 2_000;

class MissingLeaf extends Error {
  override name = "MissingLeaf";

  constructor(readonly key: Uint8Array) {
    super("a leaf of the chain's state must be fetched first");
  }
}

class ForkedState implements LvmHost {
  readonly leaves = new Map<string, Uint8Array | undefined>();

  private leaf(key: Uint8Array): Uint8Array | undefined {
    const name = bytesKey(key);
    if (!this.leaves.has(name)) {
      throw new MissingLeaf(key);
    }
    return this.leaves.get(name);
  }

  getContract(address: string): LvmContract | undefined {
    const bytes = this.leaf(contractKey(keyBytes(address)));
    const leaf = bytes === undefined ? undefined : decodeContractLeaf(bytes);
    if (leaf === undefined || leaf.destroyed || leaf.paused) {
      return undefined;
    }
    const source = new Uint8Array(leaf.sourceBytes);
    for (let at = 0; at < source.length; at += CODE_PIECE_BYTES) {
      const piece = this.leaf(codePieceKey(keyBytes(address), at / CODE_PIECE_BYTES));
      assert(piece !== undefined, "every piece of a contract's source is in the state");
      source.set(decodeCodePiece(piece), at);
    }
    return { codeHash: bytesKey(leaf.codeHash), source };
  }

  getStorage(contract: string, key: string): Uint8Array | undefined {
    const leaf = this.leaf(contractEntryKey(keyBytes(contract), keyBytes(key)));
    return leaf === undefined ? undefined : decodeContractEntry(leaf).value;
  }

  getBalance(address: string, token: string): bigint {
    const index = nativeIndex(token);
    if (index >= 0) {
      const leaf = this.leaf(accountKey(keyBytes(address)));
      return leaf === undefined ? 0n : decodeAccountLeaf(leaf).balances[index];
    }
    if (!/^[0-9a-f]{64}$/.test(token)) {
      return 0n;
    }
    const leaf = this.leaf(balanceKey(keyBytes(address), token));
    return leaf === undefined ? 0n : decodeBalanceLeaf(leaf).amount;
  }

  seedHeights(): number {
    const leaf = this.leaf(systemKey("delegates"));
    assert(leaf !== undefined, "every state has delegates");
    return seedHeights(decodeDelegates(decodeSystemLeaf(leaf)).length);
  }

  seedAt(height: number): Uint8Array | undefined {
    const bytes = this.leaf(askedSeedKey(height));
    const leaf = bytes === undefined ? undefined : decodeAskedSeed(bytes);
    return leaf?.height === height ? leaf.seed : undefined;
  }
}

function missingLeaf(error: unknown): MissingLeaf | undefined {
  if (error instanceof MissingLeaf) {
    return error;
  }
  return error instanceof LvmFault ? missingLeaf(error.cause) : undefined;
}

/** What `run` returns on the state and by the prices that the node at `url` has now; `run` may be called many times. */
export async function onFork<T>(url: string, run: (state: LvmHost, prices: GasSchedule) => T): Promise<T> {
  const client = new TTChainClient({ url });
  const { height, parameters } = await client.chain();
  const state = new ForkedState();
  for (;;) {
    try {
      return run(state, parameters.gas);
    } catch (error) {
      const missing = missingLeaf(error);
      if (missing === undefined) {
        throw error;
      }
      if (state.leaves.size >= LEAVES_MAX) {
        throw new CommandFailedError(`the tests ask for more than ${LEAVES_MAX} leaves of the chain's state`, {});
      }
      state.leaves.set(bytesKey(missing.key), (await client.proof(missing.key, height)).value);
    }
  }
}
