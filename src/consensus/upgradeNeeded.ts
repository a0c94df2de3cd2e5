// A chain that decided to go on with a version of the protocol that this node doesn't know: the node says so early, and stops between two
// blocks where it would have to guess.

import { PROTOCOL_VERSION } from "../protocol/limits.js";
import { decodeUpgrade, UPGRADE_LEAF, type Upgrade } from "../protocol/officeLeaves.js";
import { systemKey } from "../protocol/stateLeaves.js";
import type { StateReader } from "../state/views.js";

const upgradeKey = systemKey(UPGRADE_LEAF);

/** The chain goes on without this node. */
export class UpgradeNeededError extends Error {
  override name = "UpgradeNeededError";
}

/** The upgrade that the chain decided on and this node is too old for; undefined while it can go on for good. */
export function upgradeNeeded(state: StateReader): Upgrade | undefined {
  const value = state.get(upgradeKey);
  const upgrade = value && decodeUpgrade(value);
  return upgrade !== undefined && upgrade.version > PROTOCOL_VERSION ? upgrade : undefined;
}

/** Throws UpgradeNeededError where a block of `height` follows rules that this node doesn't know. */
export function expectKnownVersion(state: StateReader, height: number): void {
  const upgrade = upgradeNeeded(state);
  if (upgrade !== undefined && height >= upgrade.heightActive) {
    throw new UpgradeNeededError(
      `from height ${upgrade.heightActive} on the chain follows version ${upgrade.version} of the protocol, this node knows version ${PROTOCOL_VERSION}: install a newer one`,
    );
  }
}
