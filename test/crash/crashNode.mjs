// A built node that ends itself with SIGKILL at a named point between the steps of a commit. The points lie in the parts that the machine
// hands to the node (disk, stores, network); no path of the product knows of them.
//
//    node test/crash/crashNode.mjs DIRECTORY PORT [POINT COUNT]     dies when it comes to POINT for the COUNTth time

import { loadUws } from "../../dist/api/loadUws.js";
import { systemClock } from "../../dist/base/clock.js";
import { nodeDisk } from "../../dist/base/disk.js";
import { makeLogger } from "../../dist/base/logging.js";
import { systemRandom } from "../../dist/base/random.js";
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
    delegates: 4,
    historyHeights: 100,
    segmentBytes: 1_000_000,
    stateCacheBytes: 1 << 26,
    keyTableCacheBytes: 1 << 22,
    originsAllowed: [],
    version: "0.0.0",
  },
  {
    clock: systemClock,
    disk,
    random: systemRandom,
    logger: makeLogger({ level: "warn" }),
    onFailure: (error) => {
      console.error(error);
      process.exit(1);
    },
    // Without a point it is the product's own node, whose history has a thread of its own.
    ...(point === undefined ? {} : { openStore, uws: withPublishPoints }),
  },
);
console.log(
  JSON.stringify({ event: "listening", url: node.url, height: node.height, recovered: node.recoveredBlocks }),
);
