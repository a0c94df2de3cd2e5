// The thread that writes the history: it makes the rows of blocks that it is told of, and merges runs. Reading stays with the main
// thread, which this one asks before it removes rows that a reader may still look for.

import { parentPort, workerData } from "node:worker_threads";
import { assert } from "./base/assert.js";
import { KeyValueHistory } from "./history/keyValueHistory.js";
import { standBehind } from "./pool/backgroundThread.js";
import { decodeCommittedBlock } from "./storage/committedBlock.js";
import { openLmdbStore } from "./storage/lmdbStore.js";

/** What the main thread says: a block (encoded), that everything until now is to be written, that it reads the latest list, or the end. */
export type HistoryRequest =
  | { type: "block"; payload: Uint8Array }
  | { type: "flush"; number: number }
  | { type: "follows" }
  | { type: "close" };

/** What this thread says; `merged` is to be answered with `follows`. */
export type HistoryAnswer =
  | { type: "flushed"; number: number }
  | { type: "failed"; number: number; error: unknown }
  | { type: "merged" };

assert(parentPort !== null, "the history is written by a thread of its own");
const port = parentPort;
standBehind();
const { directory } = workerData as { directory: string };
let onFollows: () => void = () => undefined;

const answer = (message: HistoryAnswer): void => port.postMessage(message);
const store = openLmdbStore(directory);
const history = KeyValueHistory.open(
  store,
  () =>
    new Promise((resolve) => {
      onFollows = resolve;
      answer({ type: "merged" });
    }),
);

// A merge takes seconds where runs are large: what is added meanwhile is written all the same, or blocks would wait for it.
const closing = new AbortController();
let tidying: Promise<void> = Promise.resolve();
let failure: unknown;

function tidy(): void {
  tidying = history.tidy(closing.signal).catch((error: unknown) => {
    if (!closing.signal.aborted) {
      failure ??= error;
    }
  });
}

async function flush(): Promise<void> {
  if (failure !== undefined) {
    throw failure;
  }
  await history.write();
  tidy();
}

port.on("message", (request: HistoryRequest) => {
  switch (request.type) {
    case "block":
      history.add(decodeCommittedBlock(request.payload));
      break;
    case "flush": {
      const { number } = request;
      flush().then(
        () => answer({ type: "flushed", number }),
        (error: unknown) => answer({ type: "failed", number, error }),
      );
      break;
    }
    case "follows":
      onFollows();
      break;
    case "close":
      closing.abort();
      onFollows();
      void tidying.then(() => store.close()).finally(() => port.close());
      break;
  }
});
