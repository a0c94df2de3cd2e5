// Which ready transactions a block gets where it has not room for all.

import { expect, test } from "vitest";
import { Lane, type PoolAccount, type PoolEntry } from "../../src/mempool/poolAccount.js";
import { type BlockRoom, ReadyOrder } from "../../src/mempool/readyOrder.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import type { ChainParameters } from "../../src/protocol/parameters.js";
import type { Transaction } from "../../src/protocol/transaction.js";

const PARAMETERS = { blockGasMax: 1_000, blockPackageGasMax: 1_000 } as ChainParameters;
const BYTES = new Uint8Array(32);

/** An entry of a lane: a payment of so many bytes, or a call with so much gas. */
function entryOf(lane: Lane, sequence: number, bytes: number, gasLimit?: number): PoolEntry {
  const call = { kind: "callContract", account: 0, contract: BYTES, functionName: "f", args: BYTES, depositLimit: 0n };
  const operations = gasLimit === undefined ? [] : [{ ...call, gasLimit } as Operation];
  const transaction = { sequence, bytes: new Uint8Array(bytes), operations } as unknown as Transaction;
  const isContract = gasLimit !== undefined;
  return { transaction, idKey: `${sequence}`, lane, outflows: [], isContract, ready: false };
}

function laneOf(account: object = { lanesInUse: 0 }): Lane {
  return new Lane(account as PoolAccount, 0, undefined as never);
}

function taken(order: ReadyOrder, room: BlockRoom): number[] {
  return order.take(room, 2, PARAMETERS).map(({ sequence }) => sequence);
}

function addAll(order: ReadyOrder, lane: Lane, entries: PoolEntry[]): void {
  for (const entry of entries) {
    order.add(lane.add(entry, 0));
  }
}

test("a call never goes ahead of a payment before it in its lane that is too long for the room left", () => {
  const order = new ReadyOrder();
  const lane = laneOf();
  addAll(order, lane, [entryOf(lane, 0, 300), entryOf(lane, 1, 400), entryOf(lane, 2, 200, 10)]);
  expect(taken(order, { transactions: 9, bytes: 600 })).toEqual([0]);
  expect(taken(order, { transactions: 9, bytes: 800 })).toEqual([0, 1]);
  expect(taken(order, { transactions: 9, bytes: 900 })).toEqual([0, 1, 2]);
});
