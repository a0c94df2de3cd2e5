// A process that commits blocks to a chain of growth until it is killed: forked with its task as JSON, it tells after each block how far
// the stores have followed. When all blocks are made it waits; it ends with whoever started it.

import { systemClock } from "../src/base/clock.js";
import { GrowthChain } from "./support/growthChain.js";
import type { GrowthTask } from "./support/killGrowing.js";

process.once("disconnect", () => process.exit(1));
const { directory, transactions, blocksMost, msPerBlock, ...options } = JSON.parse(process.argv[2]) as GrowthTask;
let blocks = 0;
const clock =
  msPerBlock === undefined ? systemClock : { ...systemClock, monotonicMs: (): number => msPerBlock * blocks };
const chain = await GrowthChain.open(directory, options, clock);
for (; blocks < blocksMost; blocks++) {
  await chain.commitBlock(chain.transfers(transactions));
  process.send!(chain.progress);
}
