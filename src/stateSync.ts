// Joins a chain by a snapshot of its state: the engine brings one from its peers under the eyes of its light client, the application checks and
// restores it, and the node starts from there. Until the engine asks for the block after it, everything lies in a directory of its own:
// a home without blocks has not joined, and a start begins again.

import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "./base/clock.js";
import { nodeDisk } from "./base/disk.js";
import type { Logger } from "./base/logging.js";
import { AbciServer } from "./consensus/comet/abciServer.js";
import { EngineProcess } from "./consensus/comet/engineProcess.js";
import { SnapshotReceiver } from "./consensus/comet/snapshotReceiver.js";
import type { CometNodeOptions } from "./engineOptions.js";
import { restoreSnapshot } from "./restoreSnapshot.js";
import { SnapshotWriter } from "./state/snapshot/snapshotFile.js";
import { lockDirectory } from "./storage/lockDirectory.js";

const JOINING = "joining";
const BLOCKS = "blocks";
const STATE = "state";
/** What the engine last signed, which must outlive everything else of it. */
const SIGNED = "priv_validator_state.json";

export interface StateSyncOptions {
  /** The node's home. */
  directory: string;
  genesisHash: Uint8Array;
  comet: CometNodeOptions;
  version: string;
  clock: Clock;
  logger: Logger;
}

/** Whether the home has its chain's blocks: then there is nothing to join by. */
export async function hasBlocks(directory: string): Promise<boolean> {
  return (await readdir(join(directory, BLOCKS)).catch(() => [])).length > 0;
}

/** Removes what an attempt before left, here and in the engine's home, but for what the engine signed. */
async function clear(directory: string, engineHome: string | undefined): Promise<void> {
  await rm(join(directory, JOINING), { recursive: true, force: true });
  await rm(join(directory, STATE), { recursive: true, force: true });
  const data = engineHome === undefined ? undefined : join(engineHome, "data");
  for (const name of data === undefined ? [] : await readdir(data)) {
    if (name !== SIGNED) {
      await rm(join(data as string, name), { recursive: true, force: true });
    }
  }
}

/** Resolves when the home holds a chain that the node can start from. Rejects where the engine or the disk fails. */
export async function joinByStateSync(options: StateSyncOptions): Promise<void> {
  const { directory, genesisHash, comet, version, clock, logger } = options;
  const lock = await lockDirectory(directory);
  try {
    await clear(directory, comet.process?.home);
    const joining = join(directory, JOINING);
    const file = join(joining, "fetched.snapshot");
    const restored = join(joining, "restored");
    await mkdir(joining, { mode: 0o700 });
    await receive(comet, { clock, logger }, (onJoined) => ({
      genesisHash,
      version,
      logger,
      onJoined,
      openFile: async () => {
        await rm(file, { force: true });
        return SnapshotWriter.create(file);
      },
      restore: async () => {
        await rm(restored, { recursive: true, force: true });
        const { manifest, delegatesProven } = await restoreSnapshot({ file, dataDirectory: restored });
        if (!delegatesProven) {
          throw new Error("the delegates of the snapshot's state are not those that agreed on its block");
        }
        logger.info({ height: manifest.height, leaves: manifest.leaves }, "a snapshot was restored");
      },
    }));
    // The blocks last: they say that the rest is there.
    await rename(join(restored, STATE), join(directory, STATE));
    await rm(join(directory, BLOCKS), { recursive: true, force: true });
    await rename(join(restored, BLOCKS), join(directory, BLOCKS));
    await nodeDisk.syncDirectory(directory);
    await rm(joining, { recursive: true, force: true });
  } finally {
    await lock.release();
  }
}

/** Runs the engine against a receiver until it has joined. */
async function receive(
  comet: CometNodeOptions,
  { clock, logger }: { clock: Clock; logger: Logger },
  optionsFor: (onJoined: () => void) => ConstructorParameters<typeof SnapshotReceiver>[0],
): Promise<void> {
  let server: AbciServer | undefined;
  let engine: EngineProcess | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const receiver = new SnapshotReceiver(optionsFor(resolve));
      engine = comet.process && new EngineProcess({ ...comet.process, clock, logger, onFailure: reject });
      AbciServer.listen(comet.socketPath, (request) => receiver.handle(request), reject)
        .then(async (listening) => {
          server = listening;
          await engine?.start();
        })
        .catch(reject);
    });
  } finally {
    // The engine waits for an answer that this process will not give: it ends when the socket does.
    const stopped = engine?.stop();
    await server?.close();
    await stopped;
  }
}
