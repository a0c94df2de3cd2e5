// The ledger alone: microseconds a transfer, on a state in a Map so that the tree's cost stays outside. First the kernel by itself, with
// all accounts in its tables: from the transactions' bytes to receipts and changed entries. Then blocks as the application has
// them executed, on the kernel and on its TypeScript twin, leaves loaded and changes given back. The least that any ledger in
// this process would do stands beside them: the same transfers on balances in a Map.

import { bytesKey } from "../src/base/bytes.js";
import { SeededRandom } from "../src/base/random.js";
import type { BlockState } from "../src/execution/executeBlock.js";
import { KernelLedger, type Ledger, twinLedger } from "../src/execution/kernel/kernelLedger.js";
import { encodeKernelParameters } from "../src/execution/kernel/kernelParameters.js";
import { defaultGasSchedule } from "../src/protocol/gasSchedule.js";
import { NAME_DEFAULTS } from "../src/protocol/nameParameters.js";
import { encodeParameters } from "../src/protocol/parameters.js";
import { RDPOS_DEFAULTS } from "../src/protocol/rdposParameters.js";
import { accountKey, encodeAccountLeaf, encodeSystemLeaf, systemKey } from "../src/protocol/stateLeaves.js";
import { decodeTransaction, encodeTransaction, type Transaction } from "../src/protocol/transaction.js";
import type { StateChange } from "../src/protocol/writeSet.js";
import type { StateChanges } from "../src/state/state.js";
import { LedgerKernel } from "../src/wasm/ledgerKernel.js";
import type { BenchRow } from "./row.js";
import {
  AMOUNT_UNITS,
  GENESIS_HASH,
  makePeople,
  type Person,
  RawPayments,
  transferBody,
} from "./support/rawPayments.js";

const ACCOUNT_COUNTS = [100_000, 1_000_000];
const BLOCK_TRANSACTIONS = 5_000;
const BLOCKS = 20;
const WARM_BLOCKS = 8;
const KERNEL_CAPACITY = { accounts: 1 << 20, blockBytes: 1 << 23 };
const START_UNITS = 10n ** 12n;

class MapState implements BlockState {
  readonly leaves = new Map<string, Uint8Array>();

  get(key: Uint8Array): Uint8Array | undefined {
    return this.leaves.get(bytesKey(key));
  }

  expiredLeaves(): Iterable<Uint8Array> {
    return [];
  }

  apply(changes: Iterable<StateChange>): void {
    for (const { key, value } of changes) {
      if (value !== undefined) {
        this.leaves.set(bytesKey(key), value);
      }
    }
  }
}

export const PARAMETERS = {
  validUntilHeightsMax: 1_000,
  referenceHeightsMax: 1_000_000,
  referenceKeepHeights: 1_000,
  feeRateBasisPoints: 50,
  feeMinTtcUnits: 10_000_000n,
  feeCreateTokenTtcUnits: 1n,
  feeMintTtcUnits: 1n,
  feeBurnTtcUnits: 1n,
  depositAccountTtcUnits: 1n,
  depositBalanceTtcUnits: 1n,
  blockBytesMax: 1,
  blockTransactionsMax: 1,
  blockIntervalMs: 1,
  heartbeatIntervalMs: 1,
  roundBlocks: 1_000,
  quotes: [],
  blockGasMax: 20_000_000,
  blockPackageGasMax: 20_000_000,
  gasPriceTtcUnits: 10_000n,
  depositByteTtcUnits: 10_000n,
  rdpos: RDPOS_DEFAULTS,
  names: NAME_DEFAULTS,
  gas: defaultGasSchedule,
};

/** Who pays, and whether with a reference. */
interface Load {
  name: string;
  senders: number;
  references: boolean;
}

/** Makes blocks of transfers from the load's senders to anybody, one at a time, so that they don't weigh on the heap. */
class BlockMaker {
  private readonly people: Person[];
  private readonly load: Load;
  private readonly random = new SeededRandom(2);
  private readonly sequences: Uint32Array;

  constructor(people: Person[], load: Load) {
    this.people = people;
    this.load = load;
    this.sequences = new Uint32Array(load.senders);
  }

  next(): Transaction[] {
    return Array.from({ length: BLOCK_TRANSACTIONS }, () => {
      const from = this.random.below(this.load.senders);
      const to = this.people[this.random.below(this.people.length)];
      const reference = this.load.references ? this.random.bytes(32) : undefined;
      reference?.set([100, 0, 0, 0, 0, 0, 0, 0]);
      const body = transferBody(this.people[from], to, this.sequences[from]++, reference);
      return decodeTransaction(encodeTransaction(body, [new Uint8Array(64)]));
    });
  }
}

function medianOf(times: number[]): number {
  return times.sort((a, b) => a - b)[times.length >> 1];
}

/** The median of nanoseconds a transaction, over all blocks but the first few. */
function timeBlocks<T>(next: () => T[], run: (block: T[], height: number) => void): number {
  const times: number[] = [];
  for (let height = 1; height <= BLOCKS; height++) {
    const block = next();
    const start = process.hrtime.bigint();
    run(block, height);
    times.push(Number(process.hrtime.bigint() - start) / block.length);
  }
  return medianOf(times.slice(WARM_BLOCKS));
}

function stateOf(people: Person[]): MapState {
  const state = new MapState();
  const value = encodeAccountLeaf({ balances: [START_UNITS, 0n, 0n], deposit: 0n, tokenCount: 0 });
  state.apply([{ key: systemKey("parameters"), value: encodeSystemLeaf(encodeParameters(PARAMETERS)) }]);
  for (const { address } of people) {
    state.leaves.set(bytesKey(accountKey(address)), value);
  }
  return state;
}

function timeLedger(people: Person[], load: Load, ledger: Ledger): number {
  const state = stateOf(people);
  let changes: StateChanges = [];
  const maker = new BlockMaker(people, load);
  return timeBlocks(
    () => {
      state.apply(changes);
      return maker.next();
    },
    (transactions, height) => {
      const context = { height, timeMs: height, genesisHash: GENESIS_HASH };
      changes = ledger.executeBlock(state, context, transactions).changes;
      ledger.committed(height, changes);
    },
  );
}

/** The kernel on encoded transfers between random people, after each of them has paid once. */
function timeKernel(people: Person[]): number {
  const kernel = new LedgerKernel(KERNEL_CAPACITY, new SeededRandom(3).bytes(16));
  const state = stateOf(people);
  const payments = new RawPayments(people);
  const random = new SeededRandom(4);
  const anybody = (): number => random.below(people.length);
  const noId = new Uint8Array(32);
  const run = (block: Uint8Array[], height: number): void => {
    const context = { height, timeMs: height, genesisHash: GENESIS_HASH };
    kernel.setParameters(encodeKernelParameters(PARAMETERS, context));
    kernel.beginBlock();
    let [next, executed] = [0, 0];
    while (next < block.length) {
      kernel.beginBatch();
      while (next < block.length && kernel.add(block[next])) {
        next++;
      }
      kernel.prepare(state, () => noId);
      executed += kernel.execute(0);
    }
    kernel.endBlock(true);
    if (executed !== block.length) {
      throw new Error(`the kernel executed ${executed} of ${block.length} transfers`);
    }
  };
  for (let first = 0; first < people.length; first += BLOCK_TRANSACTIONS) {
    run(
      Array.from({ length: BLOCK_TRANSACTIONS }, (_, index) => payments.payment(first + index, anybody())),
      1,
    );
  }
  return timeBlocks(
    () => Array.from({ length: BLOCK_TRANSACTIONS }, () => payments.payment(anybody(), anybody())),
    run,
  );
}

/** No ledger: neither fees, lanes, receipts nor encoding. What is left when all of that is taken away. */
function timeBareMap(people: Person[], load: Load): number {
  const balances = new Map(people.map(({ address }) => [bytesKey(address), START_UNITS]));
  const maker = new BlockMaker(people, load);
  return timeBlocks(
    () => maker.next(),
    (transactions) => {
      for (const { signers, operations } of transactions) {
        const [operation] = operations;
        if (operation.kind === "transfer") {
          const from = bytesKey(signers[0].address);
          const to = bytesKey(operation.to);
          balances.set(from, (balances.get(from) as bigint) - AMOUNT_UNITS);
          balances.set(to, (balances.get(to) as bigint) + AMOUNT_UNITS);
        }
      }
    },
  );
}

function loadsOf(accounts: number): Load[] {
  return [
    { name: `a transfer between random accounts of ${accounts}`, senders: accounts, references: false },
    { name: `a transfer by one of 50 busy senders, ${accounts} accounts`, senders: 50, references: false },
    { name: `a transfer with a reference, ${accounts} accounts`, senders: accounts, references: true },
  ];
}

const TWIN = "TypeScript twin";
const BARE = "balances in a Map";

function rowOf(name: string, nsPerOperation: number, rival: string, rivalNsPerOperation: number): BenchRow {
  return { name, nsPerOperation, rival, rivalNsPerOperation, ratio: rivalNsPerOperation / nsPerOperation };
}

function rowsFor(accounts: number): BenchRow[] {
  const people = makePeople(accounts);
  const rows: BenchRow[] = [];
  const kernelNs = timeKernel(people);
  for (const load of loadsOf(accounts)) {
    const ledgerNs = timeLedger(people, load, new KernelLedger());
    const twinNs = timeLedger(people, load, twinLedger);
    const bareNs = timeBareMap(people, load);
    if (rows.length === 0) {
      const name = `ledger kernel alone, ${accounts} accounts in its tables: a transfer between random ones`;
      rows.push(rowOf(name, kernelNs, TWIN, twinNs), rowOf(name, kernelNs, BARE, bareNs));
    }
    rows.push(rowOf(`ledger: ${load.name}`, ledgerNs, TWIN, twinNs));
    rows.push(rowOf(`ledger: ${load.name}`, ledgerNs, BARE, bareNs));
  }
  return rows;
}

/** Rows for each number of accounts, in nanoseconds a transfer. */
export async function benchLedger(): Promise<BenchRow[]> {
  return ACCOUNT_COUNTS.flatMap(rowsFor);
}
