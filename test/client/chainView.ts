// A chain to build transactions for, as tests need it.

import type { ChainView } from "../../src/client/buildTransaction.js";
import { defaultGasSchedule } from "../../src/protocol/gasSchedule.js";
import { NAME_DEFAULTS } from "../../src/protocol/nameParameters.js";
import type { ChainParameters } from "../../src/protocol/parameters.js";
import { RDPOS_DEFAULTS } from "../../src/protocol/rdposParameters.js";

export const testParameters: ChainParameters = {
  validUntilHeightsMax: 36_000,
  referenceHeightsMax: 26_000_000,
  referenceKeepHeights: 36_000,
  feeRateBasisPoints: 50,
  feeMinTtcUnits: 10_000_000n,
  feeCreateTokenTtcUnits: 10_000_000_000n,
  feeMintTtcUnits: 10_000_000n,
  feeBurnTtcUnits: 10_000_000n,
  depositAccountTtcUnits: 1_000_000n,
  depositBalanceTtcUnits: 1_000_000n,
  blockBytesMax: 4_194_304,
  blockTransactionsMax: 20_000,
  blockIntervalMs: 100,
  heartbeatIntervalMs: 2_000,
  roundBlocks: 990,
  quotes: [
    { token: "TTM", units: 100n, ttcUnits: 100_000_000n },
    { token: "TTMI", units: 100n, ttcUnits: 100_000_000n },
  ],
  blockGasMax: 20_000_000,
  blockPackageGasMax: 20_000_000,
  gasPriceTtcUnits: 10_000n,
  depositByteTtcUnits: 10_000n,
  rdpos: RDPOS_DEFAULTS,
  names: NAME_DEFAULTS,
  gas: defaultGasSchedule,
};

export const testChain: ChainView = {
  genesisHash: new Uint8Array(32).fill(7),
  parameters: testParameters,
  height: 1_000,
};
