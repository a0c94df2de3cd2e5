// The thread that writes to a store which another one reads: it takes batches in pieces, and does all that a write costs.

import { parentPort, workerData } from "node:worker_threads";
import { assert } from "./base/assert.js";
import { standBehind } from "./pool/backgroundThread.js";
import type { BatchPiece, KeyValueChange } from "./storage/keyValueStore.js";
import { openLmdbStore } from "./storage/lmdbStore.js";
import { unpackChanges } from "./storage/packedWrite.js";

/** What the reading thread says: a part of a batch, that the batch is not to be written, its end, or that no more comes. */
export type StoreRequest =
  | { type: "piece"; piece: BatchPiece }
  | { type: "drop" }
  | { type: "write"; number: number }
  | { type: "close" };

export type StoreAnswer = { type: "written"; number: number } | { type: "failed"; number: number; error: unknown };

assert(parentPort !== null, "a store is written by a thread of its own");
const port = parentPort;
standBehind();
const { directory } = workerData as { directory: string };
const answer = (message: StoreAnswer): void => port.postMessage(message);
const store = openLmdbStore(directory, { onThisThread: true });
let pieces: BatchPiece[] = [];

port.on("message", (request: StoreRequest) => {
  switch (request.type) {
    case "piece":
      pieces.push(request.piece);
      break;
    case "drop":
      pieces = [];
      break;
    case "write": {
      const { number } = request;
      const changes: KeyValueChange[] = [];
      for (const piece of pieces.splice(0)) {
        unpackChanges(piece, changes);
      }
      store.write(changes).then(
        () => answer({ type: "written", number }),
        (error: unknown) => answer({ type: "failed", number, error }),
      );
      break;
    }
    case "close":
      void store.close().finally(() => port.close());
      break;
  }
});
