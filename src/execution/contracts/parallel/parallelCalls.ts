// Calls of a block's contract transactions on several workers, ahead of their turn. At its turn a call's result counts only if everything
// that it read is still as it read it; else it runs again, on this thread, with nothing beside it. So the block's result, gas
// included, is that of running one after another, whatever the workers did and however many there are.

import { bytesKey, equalBytes, keyBytes } from "../../../base/bytes.js";
import type { CallContract } from "../../../protocol/operations/operation.js";
import type { ChainParameters } from "../../../protocol/parameters.js";
import type { Transaction } from "../../../protocol/transaction.js";
import type { LvmReads } from "../../lvm/lvmHost.js";
import type { LvmCall, LvmResult } from "../../lvm/lvmMachine.js";
import type { WorkingState } from "../../workingState.js";
import { contractLeaf, readSource } from "../contractEntries.js";
import type { CallRunner, ContractCalls } from "../contractUsage.js";
import { contractCall } from "../runContract.js";
import { runSerially } from "../serialCalls.js";
import { StateHost } from "../stateHost.js";
import type { Answer, Question, SpeculativeCall, SpeculativeResult } from "./callMessages.js";
import type { CallPool } from "./callPool.js";
import { ReadTemplates } from "./readTemplates.js";

/** Below this much gas, handing a call over costs more than running it: about 0.1 ms. */
const SPECULATIVE_GAS_MIN = 50_000;

/** What became of calls since the start. */
export interface ParallelCounts {
  /** Run by this thread alone, by a worker with a result that counted, by a worker in vain. */
  serial: number;
  kept: number;
  repeated: number;
  /** Not run at all: their turn had passed, because the block did not hold their transaction. */
  passed: number;
}

interface BlockPlace {
  height: number;
  timeMs: number;
  genesisHash: Uint8Array;
  parameters: Pick<ChainParameters, "blockGasMax" | "gas">;
}

function answerFrom(state: WorkingState, question: Question): Answer {
  const host = new StateHost(state);
  switch (question.kind) {
    case "contract":
      return host.getContract(question.address)?.codeHash;
    case "source": {
      const address = keyBytes(question.address);
      return readSource(state, address, contractLeaf(state, address).leaf?.sourceBytes ?? 0);
    }
    case "storage":
      return host.getStorage(question.address, question.key);
    case "balance":
      return host.getBalance(question.address, question.token);
    case "seedHeights":
      return host.seedHeights();
    case "seed":
      return host.seedAt(question.height);
  }
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}

/** Whether a call that read this would read the same now. */
function holds(state: WorkingState, { storage, balances, contracts }: LvmReads): boolean {
  const host = new StateHost(state);
  return (
    contracts.every(({ address, codeHash }) => host.getContract(address)?.codeHash === codeHash) &&
    storage.every(({ contract, key, value }) => isSame(host.getStorage(contract, key), value)) &&
    balances.every(({ address, token, amountUnits }) => host.getBalance(address, token) === amountUnits)
  );
}

/** The calls of one block. */
class BlockCalls implements ContractCalls {
  private readonly places = new Map<string, number>();
  private readonly results = new Map<number, SpeculativeResult>();
  /** Calls that workers were given: more than places where a block that is then refused names a transaction twice. */
  private readonly given: number;

  constructor(
    private readonly owner: ParallelCalls,
    private readonly state: WorkingState,
    private readonly block: BlockPlace,
    transactions: readonly Transaction[],
  ) {
    const calls: SpeculativeCall[] = [];
    for (const transaction of transactions) {
      for (const [operationIndex, operation] of transaction.operations.entries()) {
        // What asks for more gas than a block has stands in no block, whatever its proposer says.
        const isCall = operation.kind === "callContract" && operation.gasLimit <= block.parameters.blockGasMax;
        const call = isCall ? this.callOf(block, transaction, operation) : undefined;
        if (call !== undefined && owner.templates.gasOf(call) >= owner.gasMin) {
          this.places.set(bytesKey(transaction.id) + operationIndex, calls.length);
          calls.push({ index: calls.length, call, prefetched: this.prefetch(call) });
        }
      }
    }
    this.given = calls.length;
    owner.pool.begin(calls, block.parameters.gas);
  }

  private callOf(block: BlockPlace, transaction: Transaction, operation: CallContract): Omit<LvmCall, "host"> {
    const origin = transaction.signers[operation.account].address;
    const feePayer = transaction.signers[transaction.feePayer].address;
    return contractCall(block, { origin, feePayer, contract: operation.contract }, operation);
  }

  private prefetch(call: Omit<LvmCall, "host">): LvmReads {
    const host = new StateHost(this.state);
    const { contracts, storage, balances } = this.owner.templates.of(call);
    return {
      contracts: contracts.map((address) => ({ address, codeHash: host.getContract(address)?.codeHash })),
      storage: storage.map(({ contract, key }) => ({ contract, key, value: host.getStorage(contract, key) })),
      balances: balances.map(({ address, token }) => ({
        address,
        token,
        amountUnits: host.getBalance(address, token),
      })),
    };
  }

  runnerFor(state: WorkingState, transaction: Transaction): CallRunner {
    return (call, operationIndex) => {
      const place = this.places.get(bytesKey(transaction.id) + operationIndex);
      return place === undefined ? this.serially(state, call) : this.atItsTurn(state, call, place);
    };
  }

  private serially(state: WorkingState, call: Omit<LvmCall, "host">): LvmResult {
    const result = runSerially(state, call, this.block.parameters.gas);
    this.owner.counts.serial++;
    this.owner.templates.learn(call, result.reads(), result.gasUsed);
    return result;
  }

  private atItsTurn(state: WorkingState, call: Omit<LvmCall, "host">, place: number): LvmResult {
    this.owner.pool.passTo(place);
    while (!this.results.has(place)) {
      this.owner.pool.wait(this.answer, this.done);
    }
    const { result, reads } = this.results.get(place) as SpeculativeResult;
    if (result !== undefined && holds(state, reads)) {
      this.owner.counts.kept++;
      this.owner.templates.learn(call, reads, result.gasUsed);
      return { ...result, reads: () => reads };
    }
    this.owner.counts.repeated++;
    return this.serially(state, call);
  }

  private readonly answer = (question: Question): Answer => answerFrom(this.state, question);

  private readonly done = (result: SpeculativeResult): void => {
    this.results.set(result.index, result);
    this.owner.counts.passed += result.result === undefined ? 1 : 0;
  };

  /** Waits for calls that have begun and whose turn never came, so that the next block finds the workers free. */
  end(): void {
    this.owner.pool.passTo(this.given);
    while (this.results.size < this.given) {
      this.owner.pool.wait(this.answer, this.done);
    }
  }
}

export class ParallelCalls {
  readonly counts: ParallelCounts = { serial: 0, kept: 0, repeated: 0, passed: 0 };
  readonly templates = new ReadTemplates();

  /** `gasMin`: what a call will probably use, at the least, to be given to a worker. */
  constructor(
    readonly pool: CallPool,
    readonly gasMin = SPECULATIVE_GAS_MIN,
  ) {}

  /** Runs `work` with calls that workers run ahead, on `state`, in which the block's payments are done. */
  within<T>(
    state: WorkingState,
    block: BlockPlace,
    transactions: readonly Transaction[],
    work: (calls: ContractCalls) => T,
  ): T {
    const calls = new BlockCalls(this, state, block, transactions);
    try {
      return work(calls);
    } finally {
      calls.end();
    }
  }
}
