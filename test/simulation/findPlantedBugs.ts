// Looks for the first seed whose life shows each planted bug.

import { PLANTED_BUGS, type PlantedBug } from "./plantedBugs.js";
import { simulate } from "./simulation.js";

export const PLANTED_STEPS = 150;
const SEEDS_MAX = 200;

/** Lives a life with the bug planted: what the simulator found, or undefined. */
export async function lifeWithBug({ plant, sabotage }: PlantedBug, seed: number): Promise<Error | undefined> {
  const undo = plant?.();
  try {
    await simulate({ seed, steps: PLANTED_STEPS, ...(sabotage === undefined ? {} : { sabotage }) });
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    undo?.();
  }
}

/** Tells of each bug and the seed that found it; false where one was not found. */
export async function findPlantedBugs(tell: (line: string) => void): Promise<boolean> {
  let all = true;
  for (const [name, bug] of Object.entries(PLANTED_BUGS)) {
    tell(`${name}: ${bug.what}`);
    let found: Error | undefined;
    for (let seed = 1; seed <= SEEDS_MAX && found === undefined; seed++) {
      found = await lifeWithBug(bug, seed);
    }
    tell(`  ${found?.message.split("\n")[0] ?? `not found in ${SEEDS_MAX} seeds`}`);
    all &&= found !== undefined;
  }
  return all;
}
