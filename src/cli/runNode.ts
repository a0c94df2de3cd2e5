// Runs a node in this process until it is told to stop or can't go on.

import { systemClock } from "../base/clock.js";
import { nodeDisk } from "../base/disk.js";
import { type LogLevel, makeLogger } from "../base/logging.js";
import { systemRandom } from "../base/random.js";
import type { Node } from "../node.js";
import type { NodeOptions } from "../nodeParts.js";
import { runUntilStopped } from "./runUntilStopped.js";

/** Starts the node and ends the process with it. */
export async function runNode(options: NodeOptions, logLevel: LogLevel): Promise<Node> {
  const logger = makeLogger({ level: logLevel });
  // Loaded here: a wallet's commands need nothing of a node, and its parts take a third of a second to load.
  const { Node: NodeClass } = await import("../node.js");
  return runUntilStopped("the node", logger, (onFailure) =>
    NodeClass.start(options, { clock: systemClock, disk: nodeDisk, random: systemRandom, logger, onFailure }),
  );
}
