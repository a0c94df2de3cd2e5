// Rows of plain payments that the intake kernel reads are those that decoded transactions give, byte by byte.

import fc from "fast-check";
import { expect, test } from "vitest";
import { concatBytes, toHex } from "../../src/base/bytes.js";
import { IdTable } from "../../src/history/idTable.js";
import { BlockRows } from "../../src/history/runs/blockRows.js";
import { ID_ROW_BYTES, writeIdRow } from "../../src/history/runs/idBuckets.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { EVENT_KINDS, type ReceiptEvent } from "../../src/protocol/receipt.js";
import { tokenBytes } from "../../src/protocol/tokens.js";
import { operationsOffset } from "../../src/protocol/transaction.js";
import { type RecordedBlock, recordOf } from "../../src/storage/committedBlock.js";
import { makeBlock, named } from "./madeBlock.js";

const people = ["alice", "bob", "carol"].map(named);
const person = fc.constantFrom(...people);
const token = fc.constantFrom("TTC", "TTM", "TTMI", "ab".repeat(32));

const transfer: fc.Arbitrary<Operation> = fc.record(
  {
    kind: fc.constant("transfer" as const),
    account: fc.constant(0),
    to: person,
    token,
    amount: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
    reference: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  },
  { requiredKeys: ["kind", "account", "to", "token", "amount"] },
);
const other: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constant("burn" as const),
  account: fc.constant(0),
  token,
  amount: fc.constant(5n),
});
const event: fc.Arbitrary<ReceiptEvent> = fc.oneof(
  fc.tuple(person, person).map(([from, to]) => ({
    kind: EVENT_KINDS.contractTransfer,
    data: concatBytes(from, to, tokenBytes("TTM"), Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0)),
  })),
  person.map((account) => ({ kind: EVENT_KINDS.depositTaken, data: concatBytes(account, new Uint8Array(8)) })),
);
const made = fc.record(
  {
    signers: fc.uniqueArray(person, { minLength: 1, maxLength: 2 }),
    operations: fc.oneof(
      { weight: 4, arbitrary: transfer.map((operation) => [operation]) },
      { weight: 1, arbitrary: fc.array(fc.oneof(transfer, other), { minLength: 1, maxLength: 3 }) },
    ),
    code: fc.constantFrom(0, 300),
    lane: fc.constantFrom(0, 7),
    events: fc.array(event, { maxLength: 2 }),
    fee: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    memo: fc.uint8Array({ minLength: 1, maxLength: 9 }),
  },
  { requiredKeys: ["signers", "operations", "code", "fee", "lane"] },
);

function idRows({ ids, height, transactionCount }: RecordedBlock): Uint8Array {
  const rows = new Uint8Array(ID_ROW_BYTES * transactionCount);
  for (let index = 0; index < transactionCount; index++) {
    writeIdRow(rows, ID_ROW_BYTES * index, ids, 32 * index, height, index);
  }
  return rows;
}

function rowsOf(block: RecordedBlock, withKernel: boolean, most: number): string[] {
  const rows = new BlockRows(block.transactionCount, () => undefined, { withKernel });
  for (let next = 0; next < block.transactionCount; ) {
    next = rows.addSome(block, next, most);
  }
  const { payments } = rows;
  return [
    toHex(rows.arena.take()),
    toHex(rows.ids),
    rows.offsets.taken().join(),
    toHex(payments.payments.take()),
    toHex(payments.subjects.take()),
    payments.subjectOffsets.taken().join(),
  ];
}

test("rows are the same whether the kernel or the decoder reads the transactions", () => {
  fc.assert(
    fc.property(fc.array(made, { maxLength: 12 }), fc.integer({ min: 1, max: 2 ** 40 - 1 }), (transactions, height) => {
      const block = recordOf(makeBlock(height, transactions));
      const expected = rowsOf(block, false, 1_000);
      expect(rowsOf(block, true, 1_000)).toEqual(expected);
      expect(rowsOf(block, true, 3)).toEqual(expected);
      expect(expected[1]).toBe(toHex(idRows(block)));
      for (const { bytes, operations } of block.transactions) {
        expect(bytes[operationsOffset(bytes)]).toBe(operations.length);
      }
    }),
  );
});

test("a block as its record has the parts that it was made of", () => {
  fc.assert(
    fc.property(fc.array(made, { maxLength: 5 }), (transactions) => {
      const block = makeBlock(7, transactions);
      const recorded = recordOf(block);
      expect(recordOf(recorded)).toBe(recorded);
      expect({ ...recorded, ...recorded.block }).toEqual({
        ...block,
        ...block.block,
        payload: recorded.payload,
        ids: concatBytes(...block.transactions.map(({ id }) => id)),
        transactionCount: block.transactions.length,
      });
    }),
  );
});

test("an id is found among many, and one that is not among them is not", () => {
  // Few different first bytes, so that places in the table collide.
  const id = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 200 })).map(([first, last]) => {
    const bytes = new Uint8Array(32);
    bytes[3] = first;
    bytes[31] = last;
    return bytes;
  });
  fc.assert(
    fc.property(fc.uniqueArray(id, { selector: toHex, maxLength: 60 }), fc.array(id), (ids, asked) => {
      const table = new IdTable(concatBytes(...ids));
      const names = ids.map(toHex);
      for (const one of [...ids, ...asked]) {
        const number = names.indexOf(toHex(one));
        expect(table.find(one)).toBe(number < 0 ? undefined : number);
      }
    }),
  );
});
