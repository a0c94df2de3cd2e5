// The live feed: block summaries by WebSocket, kept for ten minutes. A summary per block is all that comes, whatever the number of
// payments, and components are told at most a few times a second.

import type { BlockSummary } from "ttchain";
import { client, connection, linkState, refreshStatus, subscribe } from "./node.js";
import { createStore } from "./store.js";

export interface LiveBlock extends BlockSummary {
  /** From the block's time to its arrival here; undefined for blocks that were there before the page. */
  delayMs?: number;
}

export const LIVE_WINDOW_MS = 10 * 60_000;
const TELL_INTERVAL_MS = 250;
/** While many blocks come, drawing each would cost more than it shows. */
const TELL_INTERVAL_BUSY_MS = 1_000;
const BUSY_BLOCK_INTERVAL_MS = 800;
const STATUS_INTERVAL_MS = 2_000;
const PAGE_BLOCKS = 100;
/** History read at the start: enough for ten idle minutes, bounded on a busy chain. */
const PAGES_MAX = 5;

/** Ascending by height. The list is replaced on every change. */
export const liveBlocks = createStore<LiveBlock[]>([]);

let blocks: LiveBlock[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let started = false;

/** Whether blocks come faster than one can look at them. */
export function isBusy(list: LiveBlock[]): boolean {
  const [before, last] = list.slice(-2);
  return last !== undefined && last.timeMs - before.timeMs < BUSY_BLOCK_INTERVAL_MS;
}

function tellSoon(): void {
  if (timer !== undefined) {
    return;
  }
  timer = setTimeout(
    () => {
      timer = undefined;
      const oldestMs = (blocks.at(-1)?.timeMs ?? 0) - LIVE_WINDOW_MS;
      const first = blocks.findIndex((block) => block.timeMs >= oldestMs);
      blocks = first > 0 ? blocks.slice(first) : blocks.slice();
      liveBlocks.set(blocks);
    },
    isBusy(blocks) ? TELL_INTERVAL_BUSY_MS : TELL_INTERVAL_MS,
  );
}

async function readHistory(): Promise<void> {
  let before: number | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const found = await client.blocks(before === undefined ? { limit: PAGE_BLOCKS } : { before, limit: PAGE_BLOCKS });
    blocks = [...found.reverse(), ...blocks];
    before = blocks[0]?.height;
    const spanMs = (blocks.at(-1)?.timeMs ?? 0) - (blocks[0]?.timeMs ?? 0);
    if (found.length < PAGE_BLOCKS || spanMs >= LIVE_WINDOW_MS) {
      break;
    }
  }
  tellSoon();
}

async function start(): Promise<void> {
  for (;;) {
    try {
      await readHistory();
      break;
    } catch {
      blocks = [];
      await new Promise((resolve) => setTimeout(resolve, STATUS_INTERVAL_MS));
    }
  }
  const from = (blocks.at(-1)?.height ?? 0) + 1;
  subscribe({ topic: "blocks", from }, (message) => {
    if (message.type === "block") {
      blocks.push({ ...message.block, delayMs: Math.max(0, Date.now() - message.block.timeMs) });
      tellSoon();
    }
  });
}

/** Begins the feed once; later calls change nothing. */
export function startLive(): void {
  if (started) {
    return;
  }
  started = true;
  // Opened at once, so that a node that is away is noticed even where there is no history to go on from.
  void connection();
  void start();
  const poll = (): void => {
    if (document.visibilityState === "visible") {
      refreshStatus().catch(() => undefined);
    }
  };
  poll();
  setInterval(poll, STATUS_INTERVAL_MS);
  linkState.watch(poll);
}

/** The latest height that this page knows of. */
export function latestHeight(): number {
  return blocks.at(-1)?.height ?? 0;
}
