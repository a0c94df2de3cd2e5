// A built node that ends itself with SIGKILL at a named point between the steps of a commit. The points lie in the parts that the machine
// hands to the node (disk, stores, network); no path of the product knows of them.
//
//    node test/crash/crashNode.mjs DIRECTORY PORT [POINT COUNT]     dies when it comes to POINT for the COUNTth time
//
// History and state are written by threads of their own, as in the product, but where a point lies between their writes: then here.

import { syncBuiltinESMExports } from "node:module";
import threads, { MessagePort, Worker } from "node:worker_threads";
import { systemClock } from "../../dist/base/clock.js";
import { nodeDisk } from "../../dist/base/disk.js";
import { makeLogger } from "../../dist/base/logging.js";
import { systemRandom } from "../../dist/base/random.js";
import { loadUws } from "../../dist/http/loadUws.js";
import { Node } from "../../dist/node.js";
import { openLmdbStore } from "../../dist/storage/lmdbStore.js";

const [directory, port, point, count] = process.argv.slice(2);
let passes = 0;

function pass(name) {
  if (name === point && ++passes >= Number(count)) {
    process.kill(process.pid, "SIGKILL");
    // The signal comes at once; nothing may be done in between.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
}

function partOf(path) {
  return path.includes("/blocks/") ? "log" : "record";
}

function withFilePoints(file, part) {
  return {
    get size() {
      return file.size;
    },
    readAt: (offset, length) => file.readAt(offset, length),
    truncate: (size) => file.truncate(size),
    close: () => file.close(),
    async append(parts) {
      pass(`${part}.beforeAppend`);
      if (point === `${part}.amidAppend` && passes + 1 >= Number(count)) {
        const bytes = Buffer.concat(parts);
        await file.append([bytes.subarray(0, bytes.length >> 1)]);
      }
      pass(`${part}.amidAppend`);
      await file.append(parts);
      pass(`${part}.afterAppend`);
    },
    async sync() {
      await file.sync();
      pass(`${part}.afterSync`);
    },
  };
}

const disk = {
  ...nodeDisk,
  open: async (path, mode) => withFilePoints(await nodeDisk.open(path, mode), partOf(path)),
  async rename(from, to) {
    pass(`${partOf(from)}.beforeRename`);
    await nodeDisk.rename(from, to);
    pass(`${partOf(from)}.afterRename`);
  },
};

const ANSWERS = {
  flushed: "thread.afterFlush",
  merged: "thread.afterMerge",
  written: "stateThread.afterWrite",
};

/** The points around the threads that write history and state: what they are told and what they answer. */
function watchWritingThreads() {
  const { postMessage, emit } = Worker.prototype;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message.type === "flush") {
      pass("thread.beforeFlush");
      // Somewhere in its writing.
      setTimeout(() => pass("thread.amidFlush"), (process.pid + message.number) % 40);
    } else if (message.type === "piece") {
      pass("stateThread.amidPieces");
    } else if (message.type === "write") {
      pass("stateThread.beforeWrite");
      setTimeout(() => pass("stateThread.amidWrite"), process.pid % 10);
    }
    postMessage.call(this, message, ...rest);
  };
  Worker.prototype.emit = function (event, message, ...rest) {
    const point = event === "message" ? ANSWERS[message?.type] : undefined;
    if (point !== undefined) {
      pass(point);
    }
    return emit.call(this, event, message, ...rest);
  };
}

/** The points between a block's contract calls and the threads that run them ahead of their turn. */
function watchCallWorkers() {
  const { receiveMessageOnPort } = threads;
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (message, ...rest) {
    postMessage.call(this, message, ...rest);
    if (message?.calls !== undefined) {
      pass("calls.afterSend");
    }
  };
  threads.receiveMessageOnPort = (port) => {
    const received = receiveMessageOnPort(port);
    if (received?.message?.done !== undefined) {
      pass("calls.afterAnswer");
    }
    return received;
  };
  syncBuiltinESMExports();
}

watchWritingThreads();
watchCallWorkers();

/** State and history are written every 15 s: time runs faster for who waits for that. */
const TIMES_AS_FAST = 4;
const isWritePoint = /^(state|history|thread)/.test(point ?? "");
const clock = isWritePoint
  ? { ...systemClock, monotonicMs: () => TIMES_AS_FAST * systemClock.monotonicMs() }
  : systemClock;

function openStore(path) {
  const store = openLmdbStore(path);
  const part = path.endsWith("/state") ? "state" : "history";
  return {
    get: (table, key) => store.get(table, key),
    range: (table, range) => store.range(table, range),
    close: () => store.close(),
    async write(changes) {
      pass(`${part}.beforeWrite`);
      const written = store.write(changes);
      pass(`${part}.amidWrite`);
      await written;
      pass(`${part}.afterWrite`);
    },
  };
}

const uws = loadUws();
const withPublishPoints = {
  ...uws,
  App() {
    const app = uws.App();
    const publish = app.publish.bind(app);
    app.publish = (...message) => {
      pass("feed.beforePublish");
      const sent = publish(...message);
      pass("feed.afterPublish");
      return sent;
    };
    return app;
  },
};

const node = await Node.start(
  {
    dataDirectory: directory,
    host: "127.0.0.1",
    port: Number(port),
    workers: 1,
    ...(point?.startsWith("calls") ? { contractWorkers: 1 } : {}),
    delegates: 4,
    historyHeights: 100,
    segmentBytes: 1_000_000,
    stateCacheBytes: 1 << 26,
    keyTableCacheBytes: 1 << 22,
    originsAllowed: [],
    version: "0.0.0",
  },
  {
    clock,
    disk,
    random: systemRandom,
    logger: makeLogger({ level: "warn" }),
    onFailure: (error) => {
      console.error(error);
      process.exit(1);
    },
    ...(/^(state|history)\./.test(point ?? "") ? { openStore } : {}),
    ...(point?.startsWith("feed") ? { uws: withPublishPoints } : {}),
  },
);
console.log(
  JSON.stringify({ event: "listening", url: node.url, height: node.height, recovered: node.recoveredBlocks }),
);
