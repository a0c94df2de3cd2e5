// The thread that writes to a store which another one reads: it takes batches in pieces, and does all that a write costs.

import { parentPort, workerData } from "node:worker_threads";
import { assert } from "./base/assert.js";
import type { KeyValueChange } from "./storage/keyValueStore.js";
import { openLmdbStore } from "./storage/lmdbStore.js";
import { unpackChanges } from "./storage/packedWrite.js";

/** What the reading thread says: a part of a batch, its end, or that no more comes. Tables are named in the order of their numbers. */
export type StoreRequest =
  | { type: "piece"; piece: Uint8Array<ArrayBuffer>; tables: string[] }
  | { type: "write"; number: number }
  | { type: "close" };

export type StoreAnswer = { type: "written"; number: number } | { type: "failed"; number: number; error: unknown };

assert(parentPort !== null, "a store is written by a thread of its own");
const port = parentPort;
const { directory } = workerData as { directory: string };
const answer = (message: StoreAnswer): void => port.postMessage(message);
const store = openLmdbStore(directory);
let changes: KeyValueChange[] = [];

port.on("message", (request: StoreRequest) => {
  switch (request.type) {
    case "piece":
      unpackChanges(request.piece, request.tables, changes);
      break;
    case "write": {
      const { number } = request;
      const batch = changes;
      changes = [];
      store.write(batch).then(
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
