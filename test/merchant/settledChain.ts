// The blocks of a ledger's chain as settlement reads them, and what a store's journal of them comes to.

import { toHex } from "../../src/base/bytes.js";
import { ZoneDays } from "../../src/history/payments/zoneDays.js";
import { DayCollector, type DayStatement } from "../../src/merchant/settlement/dayStatement.js";
import type { Posting } from "../../src/merchant/settlement/posting.js";
import { parseSettledStore, type SettledStore } from "../../src/merchant/settlement/settledStore.js";
import { SettlementLedger } from "../../src/merchant/settlement/settlementLedger.js";
import { formatAddress } from "../../src/protocol/address.js";
import { CERTIFICATE_SOLO } from "../../src/protocol/certificate.js";
import { nativeIndex, type TokenId } from "../../src/protocol/tokens.js";
import type { Transaction } from "../../src/protocol/transaction.js";
import { encodeWriteSet, sortChanges } from "../../src/protocol/writeSet.js";
import { genesisChanges } from "../../src/state/genesisState.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { GENESIS, type LedgerChain, type Person } from "../execution/ledgerChain.js";
import { named } from "../history/madeBlock.js";

const ZERO = new Uint8Array(32);

/** The block that the chain has just executed. */
export function committedBlock(chain: LedgerChain): CommittedBlock {
  const { height, result } = chain;
  const timeMs = GENESIS.timeMs + chain.timeMs + height;
  const transactions = result.included as Transaction[];
  return {
    height,
    hash: named(`block ${height}`),
    block: {
      header: { height, timeMs, proposer: ZERO, parentHash: ZERO, transactionsRoot: ZERO },
      result: ZERO,
      transactions: transactions.map(({ bytes }) => bytes),
    },
    certificate: { kind: CERTIFICATE_SOLO, signatures: [] },
    receipts: result.receipts,
    writeSet: encodeWriteSet(sortChanges([...result.changes])),
    transactions,
  };
}

export function storeOf(owner: Person, tokens: TokenId[], timeZone = "Asia/Seoul"): SettledStore {
  return parseSettledStore({
    name: `${owner.name}'s`,
    address: formatAddress(owner.address),
    timeZone,
    tills: [
      { number: 1, name: "door" },
      { number: 2, name: "=bar" },
    ],
    staff: [{ number: 7, name: 'Kim, "Minji"' }],
    tokens: tokens.filter((token) => nativeIndex(token) < 0).map((token) => ({ token, decimals: 2 })),
  });
}

export interface Journal {
  ledger: SettlementLedger;
  postings: Posting[];
}

export function journalOf(store: SettledStore, blocks: readonly CommittedBlock[]): Journal {
  const postings: Posting[] = [];
  const ledger = new SettlementLedger({
    store,
    genesis: genesisChanges(GENESIS),
    onPosting: (posting) => postings.push(posting),
  });
  for (const block of blocks) {
    ledger.apply(block);
  }
  return { ledger, postings };
}

export function statementOf(store: SettledStore, blocks: readonly CommittedBlock[], day: string): DayStatement {
  const collector = new DayCollector(store, new ZoneDays(store.timeZone).span(day));
  const ledger = new SettlementLedger({
    store,
    genesis: genesisChanges(GENESIS),
    onPosting: (posting) => collector.add(posting),
  });
  for (const block of blocks) {
    ledger.apply(block);
    collector.onBlock(ledger.height, ledger.timeMs, (token, units) => ledger.worth(token, units));
  }
  return collector.statement();
}

/** Sums of units by something of each posting. */
export function sums(postings: readonly Posting[], key: (posting: Posting) => string): Record<string, bigint> {
  const result: Record<string, bigint> = {};
  for (const posting of postings) {
    result[key(posting)] = (result[key(posting)] ?? 0n) + posting.units;
  }
  return result;
}

export const hexOf = (bytes: Uint8Array | undefined): string => (bytes === undefined ? "" : toHex(bytes));
