// Derives again from the chain's blocks what they did to invoices: payments, refunds, ends, and what belongs to no invoice. What people did
// stays: stores, invoices as they were made, refunds that were asked for, assignments, answers to keys. So do the events, which are
// known by what they tell of: none is told again, and one that was lost is told now. Killed at any instant, it goes on where it was.

import { assert } from "../../base/assert.js";
import type { InvoiceJson, RefundJson } from "../../protocol/merchantApiTypes.js";
import type { GatewayParts } from "../gatewayParts.js";
import { type MerchantRows, type MerchantTable, orderedNumber } from "../rows/merchantRows.js";
import type { StoreRegistry } from "../stores/storeRegistry.js";
import { applyBlock, CURSOR_KEY } from "./applyBlock.js";
import { type AssignmentRow, countAssigned, findUnassigned } from "./changeInvoice.js";

const REBUILD_KEY = "rebuild";
/** Rows that are changed before the disk is waited for. */
const BATCH_ROWS = 1_000;
const BATCH_BLOCKS = 64;

/** Stands in the rows while a rebuild is not done: nothing may be served from them meanwhile. */
interface RebuildMark {
  /** What blocks did is taken out first, then put in again up to `height`. */
  state: "emptying" | "filling";
  height: number;
}

export function isRebuilding(rows: MerchantRows): boolean {
  return rows.has("meta", REBUILD_KEY);
}

/** Begins to rebuild, unless that was begun before. */
export async function beginRebuild(rows: MerchantRows): Promise<void> {
  if (!isRebuilding(rows)) {
    const height = rows.get<number>("meta", CURSOR_KEY) ?? 0;
    rows.put("meta", REBUILD_KEY, { state: "emptying", height } satisfies RebuildMark);
  }
  await rows.durable();
}

/** All rows of a table, in pages that are not kept open while what was read is changed. */
async function* allRows<T>(rows: MerchantRows, table: MerchantTable): AsyncGenerator<{ key: string; value: T }> {
  let start = "";
  for (;;) {
    const page = [...rows.range<T>(table, { start, limit: BATCH_ROWS })];
    yield* page;
    if (page.length < BATCH_ROWS) {
      return;
    }
    await rows.durable();
    start = `${page.at(-1)!.key}\0`;
  }
}

function askedRefund({ transactionId: _, height: __, ...refund }: RefundJson): RefundJson {
  return { ...refund, state: "asked" };
}

/** The invoice as people made it. */
function emptyInvoice({ heightPaid: _, paidMs: __, ...invoice }: InvoiceJson): InvoiceJson {
  const refunds = invoice.refunds.map(askedRefund);
  return { ...invoice, state: "open", payable: true, payments: [], refunds, version: 1 + refunds.length };
}

/** Takes out what blocks did. Done again it changes nothing more. */
export async function emptyOfBlocks(rows: MerchantRows, stores: StoreRegistry): Promise<void> {
  const mark = rows.get<RebuildMark>("meta", REBUILD_KEY);
  if (mark?.state !== "emptying") {
    return;
  }
  for await (const { key, value: invoice } of allRows<InvoiceJson>(rows, "invoice")) {
    const { id, parts, refunds } = emptyInvoice(invoice);
    rows.put("invoice", key, emptyInvoice(invoice));
    for (const [part, { heightExpiry, reference }] of parts.entries()) {
      rows.put("expiry", `${orderedNumber(heightExpiry)}/${reference}`, { invoice: id, part });
    }
    for (const { id: refund, heightExpiry, reference } of refunds) {
      rows.put("expiry", `${orderedNumber(heightExpiry)}/${reference}`, { invoice: id, refund });
    }
  }
  for await (const { key } of allRows(rows, "unassigned")) {
    rows.remove("unassigned", key);
  }
  // Before its first store a gateway had nothing that a block could pay.
  const first = Math.min(mark.height, ...stores.list().map(({ heightCreated }) => heightCreated));
  rows.put("meta", CURSOR_KEY, first);
  rows.put("meta", REBUILD_KEY, { ...mark, state: "filling" } satisfies RebuildMark);
  await rows.durable();
}

async function assignmentsByHeight(rows: MerchantRows): Promise<Map<number, { key: string; value: AssignmentRow }[]>> {
  const byHeight = new Map<number, { key: string; value: AssignmentRow }[]>();
  for await (const row of allRows<AssignmentRow>(rows, "assignment")) {
    byHeight.set(row.value.height, [...(byHeight.get(row.value.height) ?? []), row]);
  }
  for (const list of byHeight.values()) {
    list.sort((a, b) => a.value.version - b.value.version);
  }
  return byHeight;
}

/** Puts in again what the blocks did, each assignment after the block after which it was made. Throws HEIGHT_NOT_KEPT. */
export async function fillFromBlocks(parts: GatewayParts, onHeight: (height: number) => void): Promise<void> {
  const { rows, chain } = parts;
  const mark = rows.get<RebuildMark>("meta", REBUILD_KEY);
  assert(mark?.state === "filling", "a rebuild fills what it has emptied");
  const assignments = await assignmentsByHeight(rows);
  for (let height = parts.cursor() + 1; height <= mark.height; height++) {
    applyBlock(parts, await chain.block(height));
    onHeight(height);
    for (const { key, value } of assignments.get(height) ?? []) {
      const [store, payment] = key.split("/");
      countAssigned(parts, value, findUnassigned(parts, store, payment));
    }
    if (height % BATCH_BLOCKS === 0) {
      await rows.durable();
    }
  }
  rows.remove("meta", REBUILD_KEY);
  await rows.durable();
}
