// Runs a node in this process until it is told to stop or can't go on.

import { systemClock } from "../base/clock.js";
import { nodeDisk } from "../base/disk.js";
import { type LogLevel, makeLogger } from "../base/logging.js";
import { systemRandom } from "../base/random.js";
import type { Node } from "../node.js";
import type { NodeOptions } from "../nodeParts.js";

/** A second signal while stopping ends the process at once. */
const EXIT_FORCED = 130;

/** Starts the node and ends the process with it: 0 after a signal, 1 after a failure. */
export async function runNode(options: NodeOptions, logLevel: LogLevel): Promise<Node> {
  const logger = makeLogger({ level: logLevel });
  let node: Node | undefined;
  let stopping = false;
  const stop = (reason: string, exitCode: number): void => {
    if (stopping) {
      process.exit(EXIT_FORCED);
    }
    stopping = true;
    logger.info({ reason }, "stopping");
    const stopped = node?.stop() ?? Promise.resolve();
    stopped.then(
      () => process.exit(exitCode),
      (error: unknown) => {
        logger.fatal({ err: error }, "the node did not stop cleanly; the block log holds everything committed");
        process.exit(1);
      },
    );
  };
  // Loaded here: a wallet's commands need nothing of a node, and its parts take a third of a second to load.
  const { Node: NodeClass } = await import("../node.js");
  node = await NodeClass.start(options, {
    clock: systemClock,
    disk: nodeDisk,
    random: systemRandom,
    logger,
    onFailure: (error) => {
      logger.fatal({ err: error }, "the node can't go on");
      stop("failure", 1);
    },
  });
  process.on("SIGINT", () => stop("SIGINT", 0));
  process.on("SIGTERM", () => stop("SIGTERM", 0));
  return node;
}
