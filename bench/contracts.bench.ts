// Blocks of contract calls as the application has them executed: admission, gas, the call, its effects, receipts. A token's transfers
// cost little each and run on this thread; heavy calls beside the same ones run ahead on a worker.

import { bytesKey, utf8Bytes } from "../src/base/bytes.js";
import { SeededRandom } from "../src/base/random.js";
import { CallPool } from "../src/execution/contracts/parallel/callPool.js";
import { ParallelCalls } from "../src/execution/contracts/parallel/parallelCalls.js";
import type { BlockState } from "../src/execution/executeBlock.js";
import { KernelLedger } from "../src/execution/kernel/kernelLedger.js";
import { addressOfKey, contractAddress } from "../src/protocol/address.js";
import { encodeLvmValues, type LvmValue } from "../src/protocol/lvmValue.js";
import type { Operation } from "../src/protocol/operations/operation.js";
import type { ChainParameters } from "../src/protocol/parameters.js";
import { encodeParameters } from "../src/protocol/parameters.js";
import { accountKey, encodeAccountLeaf, encodeSystemLeaf, systemKey } from "../src/protocol/stateLeaves.js";
import { chainTag, decodeTransaction, encodeBody, encodeTransaction } from "../src/protocol/transaction.js";
import type { StateChange } from "../src/protocol/writeSet.js";
import { sha256 } from "../src/wasm/sha256.js";
import { PARAMETERS } from "./ledger.bench.js";
import type { BenchRow } from "./row.js";

const PEOPLE = 500;
const ROUNDS = 12;
const WARM_ROUNDS = 4;
const GENESIS_HASH = sha256(utf8Bytes("contracts bench"));

const TOKEN = `
local balances, supply, paused = state.map("balances"), state.value("supply"), state.value("paused")
abi.call("take", function() balances[chain.sender()] = 1000000000 supply:set(1) end)
abi.call("transfer", function(to, amount)
  local from = chain.sender()
  if paused:get() then error("paused") end
  if supply:get() == 0 then error("nothing to move") end
  local have = balances[from] or 0
  if have < amount then error("too little") end
  balances[from] = have - amount
  balances[to] = (balances[to] or 0) + amount
end, "to: address, amount: integer")
abi.call("heavy", function(n)
  local x = 0
  for i = 1, n do x = (x * 31 + i) % 1000003 end
  balances[chain.sender()] = x
end, "n: integer")`;

class BenchState implements BlockState {
  private readonly leaves = new Map<string, Uint8Array>();

  get(key: Uint8Array): Uint8Array | undefined {
    return this.leaves.get(bytesKey(key));
  }

  expiredLeaves(): Iterable<Uint8Array> {
    return [];
  }

  apply(changes: StateChange[]): void {
    for (const { key, value } of changes) {
      if (value === undefined) {
        this.leaves.delete(bytesKey(key));
      } else {
        this.leaves.set(bytesKey(key), value);
      }
    }
  }
}

/** A chain of one contract and people who call it. */
class ContractChain {
  private readonly state = new BenchState();
  private readonly people: { publicKey: Uint8Array; address: Uint8Array }[] = [];
  private readonly sequences = new Uint32Array(PEOPLE);
  private readonly ledger: KernelLedger;
  private height = 0;
  private contract: Uint8Array = new Uint8Array(32);

  constructor(parameters: ChainParameters, parallelCalls: ParallelCalls | undefined) {
    const capacity = { accounts: 1 << 18, blockBytes: 1 << 22, random: new SeededRandom(1) };
    this.ledger = new KernelLedger({ ...capacity, ...(parallelCalls && { parallelCalls }) });
    const changes: StateChange[] = [
      { key: systemKey("parameters"), value: encodeSystemLeaf(encodeParameters(parameters)) },
    ];
    for (let i = 0; i < PEOPLE; i++) {
      const publicKey = sha256(utf8Bytes(`caller ${i}`));
      const address = addressOfKey(publicKey);
      this.people.push({ publicKey, address });
      const value = encodeAccountLeaf({ balances: [10n ** 15n, 0n, 0n], deposit: 0n, tokenCount: 0 });
      changes.push({ key: accountKey(address), value });
    }
    this.state.apply([...changes]);
    const source = utf8Bytes(TOKEN);
    const tests = utf8Bytes('test.case("loads", function() test.deploy() end)');
    const policy = { upgradePolicy: "never" as const, upgradeDelayHeights: 0 };
    const gas = { gasLimit: 10_000_000, depositLimit: 10n ** 12n };
    const operation: Operation = {
      kind: "registerContract",
      account: 0,
      source,
      tests,
      ...policy,
      args: new Uint8Array(0),
      ...gas,
    };
    const registration = this.transaction(0, operation);
    this.contract = contractAddress(registration.id, 0);
    this.block([registration]);
    this.run((i) => this.call(i, "take", []));
  }

  private transaction(sender: number, operation: Operation) {
    const body = encodeBody({
      chainTag: chainTag(GENESIS_HASH),
      signers: [this.people[sender]],
      feePayer: 0,
      lane: 0,
      sequence: this.sequences[sender]++,
      validUntil: this.height + 100,
      feeToken: "TTC",
      feeLimit: 10n ** 12n,
      operations: [operation],
    });
    return decodeTransaction(encodeTransaction(body, [new Uint8Array(64)]));
  }

  private call(sender: number, functionName: string, args: LvmValue[], gasLimit = 30_000) {
    const call = { kind: "callContract" as const, account: 0, contract: this.contract, functionName };
    const gas = { gasLimit, depositLimit: 10n ** 9n };
    return this.transaction(sender, { ...call, args: encodeLvmValues(args), ...gas });
  }

  private block(transactions: ReturnType<ContractChain["transaction"]>[]): void {
    this.height++;
    const context = { height: this.height, timeMs: this.height, genesisHash: GENESIS_HASH };
    const { changes } = this.ledger.executeBlock(this.state, context, transactions);
    this.ledger.committed(this.height, changes);
    this.state.apply([...changes]);
  }

  private run(make: (sender: number) => ReturnType<ContractChain["transaction"]>, count = PEOPLE): number {
    const transactions = Array.from({ length: count }, (_, i) => make(i));
    const start = process.hrtime.bigint();
    this.block(transactions);
    return Number(process.hrtime.bigint() - start) / count;
  }

  /** Median nanoseconds of a token's transfer. */
  transfers(): number {
    return medianOf(() => this.run((i) => this.call(i, "transfer", [this.people[(i * 7 + 1) % PEOPLE].address, 1n])));
  }

  /** Median nanoseconds of a call of about half a million gas. */
  heavyCalls(): number {
    return medianOf(() => this.run((i) => this.call(i, "heavy", [80_000n], 600_000), 32));
  }
}

function medianOf(round: () => number): number {
  const times = Array.from({ length: ROUNDS }, round).slice(WARM_ROUNDS);
  return times.sort((a, b) => a - b)[times.length >> 1];
}

/** Rows of calls within blocks; the rival is another number of threads. */
export async function benchContracts(): Promise<BenchRow[]> {
  // Fees of the ledger's bench, and gas for large blocks.
  const parameters = { ...PARAMETERS, blockGasMax: 200_000_000, validUntilHeightsMax: 1_000, roundBlocks: 1_000 };
  const serial = new ContractChain(parameters, undefined);
  const [transferNs, heavyNs] = [serial.transfers(), serial.heavyCalls()];
  const rows: BenchRow[] = [];
  for (const workers of [1, 2]) {
    const pool = CallPool.start(workers);
    const parallel = new ContractChain(parameters, new ParallelCalls(pool, 0));
    for (const [name, ns, rivalNs] of [
      ["token transfer in a block, on the main thread", transferNs, parallel.transfers()],
      ["call of 500,000 gas in a block, on the main thread", heavyNs, parallel.heavyCalls()],
    ] as const) {
      rows.push({
        name,
        nsPerOperation: ns,
        rival: `run ahead on ${workers} worker${workers > 1 ? "s" : ""}`,
        rivalNsPerOperation: rivalNs,
        ratio: rivalNs / ns,
      });
    }
    await pool.close();
  }
  return rows.sort((a, b) => (a.name < b.name ? -1 : 1));
}
