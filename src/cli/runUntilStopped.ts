// Runs a server in this process until it is told to stop or can't go on, and ends the process with it.

import type { Logger } from "../base/logging.js";
import { EXIT_CODES } from "./failures.js";

/** A second signal while stopping ends the process at once. */
const EXIT_FORCED = 130;

interface Stoppable {
  stop(): Promise<void>;
}

/** Starts it; the process then ends with 0 after a signal, 1 after a failure, 4 where a newer version is needed. `name` is what the log calls it. */
export async function runUntilStopped<T extends Stoppable>(
  name: string,
  logger: Logger,
  start: (onFailure: (error: unknown) => void) => Promise<T>,
): Promise<T> {
  let running: T | undefined;
  let stopping = false;
  const stop = (reason: string, exitCode: number): void => {
    if (stopping) {
      process.exit(EXIT_FORCED);
    }
    stopping = true;
    logger.info({ reason }, "stopping");
    const stopped = running?.stop() ?? Promise.resolve();
    stopped.then(
      () => process.exit(exitCode),
      (error: unknown) => {
        logger.fatal({ err: error }, `${name} did not stop cleanly; what was said to be durable is`);
        process.exit(1);
      },
    );
  };
  running = await start((error) => {
    logger.fatal({ err: error }, `${name} can't go on`);
    // A service that starts it again after other failures must leave this one stopped: starting helps nothing.
    // Told by its name: commands of wallets load nothing of a node.
    stop(
      "failure",
      error instanceof Error && error.name === "UpgradeNeededError" ? EXIT_CODES.tooOld : EXIT_CODES.failed,
    );
  });
  process.on("SIGINT", () => stop("SIGINT", 0));
  process.on("SIGTERM", () => stop("SIGTERM", 0));
  return running;
}
