// A node that is too old for what the chain decided makes blocks up to the last that it understands, and then stops and says why.

import { expect, test, vi } from "vitest";
import { equalBytes } from "../../src/base/bytes.js";
import { UpgradeNeededError, upgradeNeeded } from "../../src/consensus/upgradeNeeded.js";
import { encodeUpgrade } from "../../src/protocol/officeLeaves.js";
import { systemKey } from "../../src/protocol/stateLeaves.js";
import { TestChain } from "../support/testChain.js";

test("a node stops between two blocks where a version begins that it doesn't know", async () => {
  const chain = await TestChain.start();
  expect(upgradeNeeded(chain.state)).toBeUndefined();
  const value = encodeUpgrade({ version: 2, heightActive: 4 });
  const get = chain.state.get.bind(chain.state);
  vi.spyOn(chain.state, "get").mockImplementation((key) => (equalBytes(key, systemKey("upgrade")) ? value : get(key)));
  expect(upgradeNeeded(chain.state)).toEqual({ version: 2, heightActive: 4 });
  await chain.engine.start();
  await chain.clock.advance(20_000);
  expect(chain.state.height).toBe(3);
  expect(chain.failures).toHaveLength(1);
  expect(chain.failures[0]).toBeInstanceOf(UpgradeNeededError);
});
