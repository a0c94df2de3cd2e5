// Settles a store from block 1 on: out of a stopped node's directory, or of a running node's blocks by its API. Both give the same
// journal, for it is a function of the blocks.

import { openChainData } from "./chainData.js";
import { requestBytes, requestJson } from "./client/requestJson.js";
import { ZoneDays } from "./history/payments/zoneDays.js";
import { DayCollector, type DayStatement } from "./merchant/settlement/dayStatement.js";
import type { Posting } from "./merchant/settlement/posting.js";
import type { SettledStore } from "./merchant/settlement/settledStore.js";
import { SettlementLedger } from "./merchant/settlement/settlementLedger.js";
import { CodedError } from "./protocol/errors.js";
import { type Genesis, verifyGenesis } from "./protocol/genesis.js";
import { genesisChanges } from "./state/genesisState.js";
import { type CommittedBlock, decodeCommittedBlock } from "./storage/committedBlock.js";

/** Blocks under way from a node at once. */
const REQUESTS_AT_ONCE = 16;
const REQUEST_TIMEOUT_MS = 30_000;
const BLOCK_BYTES_MAX = 64 * 1024 * 1024;
const DAYS_MAX = 400;

/** Where blocks come from: the directory of a stopped node, or the URL of a running one. */
export type SettlementSource = { directory: string } | { url: string };

export interface SettlementRequest {
  source: SettlementSource;
  store: SettledStore;
  /** Days of the store's time zone, both included. */
  fromDay: string;
  toDay: string;
}

export interface Settled {
  days: DayStatement[];
  /** The journal from the first day's beginning to the last one's end. */
  postings: Posting[];
}

interface OpenSource {
  genesis: Genesis;
  blocks: AsyncIterable<CommittedBlock>;
  close(): Promise<void>;
}

function incomplete(first: unknown): CodedError {
  return new CodedError(
    "HEIGHT_NOT_KEPT",
    `expected every block from 1 on, got the first at ${first}: settle from a node that keeps all (without --retain-blocks)`,
  );
}

async function openDirectory(directory: string): Promise<OpenSource> {
  const data = await openChainData(directory);
  const { blocks, genesis } = data;
  if ((blocks.firstHeight ?? 1) > 1) {
    await data.close();
    throw incomplete(blocks.firstHeight);
  }
  return {
    genesis,
    blocks: (async function* () {
      for (let height = 1; height <= blocks.lastHeight; height++) {
        const block = await blocks.read(height);
        if (block !== undefined) {
          yield block;
        }
      }
    })(),
    close: () => data.close(),
  };
}

async function openNode(url: string): Promise<OpenSource> {
  const get = (path: string): Promise<unknown> => requestJson(url, path, {}, REQUEST_TIMEOUT_MS);
  const genesis = (await get("/v1/genesis")) as Genesis;
  verifyGenesis(genesis);
  const { height: last } = (await get("/v1/status")) as { height: number };
  const block = async (height: number): Promise<CommittedBlock> => {
    const path = `/v1/blocks/${height}/record`;
    const bytes = await requestBytes(url, path, {}, REQUEST_TIMEOUT_MS, BLOCK_BYTES_MAX).catch((error: unknown) => {
      throw error instanceof CodedError && error.code === "HEIGHT_NOT_KEPT" ? incomplete(error.details.oldest) : error;
    });
    return decodeCommittedBlock(bytes);
  };
  return {
    genesis,
    blocks: (async function* () {
      for (let first = 1; first <= last; first += REQUESTS_AT_ONCE) {
        const count = Math.min(REQUESTS_AT_ONCE, last - first + 1);
        yield* await Promise.all(Array.from({ length: count }, (_, i) => block(first + i)));
      }
    })(),
    close: () => Promise.resolve(),
  };
}

/** Throws HEIGHT_NOT_KEPT where blocks are missing at the beginning: a journal begins with block 1. */
export async function settleStore({ source, store, fromDay, toDay }: SettlementRequest): Promise<Settled> {
  const spans = new ZoneDays(store.timeZone).between(fromDay, toDay, DAYS_MAX);
  const opened = await ("url" in source ? openNode(source.url) : openDirectory(source.directory));
  try {
    const days = spans.map((span) => new DayCollector(store, span));
    const postings: Posting[] = [];
    const [{ fromMs }, { toMs }] = [spans[0], spans[spans.length - 1]];
    const ledger = new SettlementLedger({
      store,
      genesis: genesisChanges(opened.genesis),
      onPosting: (posting) => {
        for (const day of days) {
          day.add(posting);
        }
        if (posting.timeMs >= fromMs && posting.timeMs < toMs) {
          postings.push(posting);
        }
      },
    });
    for await (const block of opened.blocks) {
      ledger.apply(block);
      for (const day of days) {
        day.onBlock(ledger.height, ledger.timeMs, (token, units) => ledger.worth(token, units));
      }
    }
    return { days: days.map((day) => day.statement()), postings };
  } finally {
    await opened.close();
  }
}
