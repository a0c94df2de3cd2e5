// The chain's parameters as JSON, in the form of a genesis file.

import type { ParametersJson } from "../../protocol/apiTypes.js";
import { nameParametersJson } from "../../protocol/nameParameters.js";
import type { ChainParameters } from "../../protocol/parameters.js";
import { rdposParametersJson } from "../../protocol/rdposParameters.js";

export function parametersJson(parameters: ChainParameters): ParametersJson {
  return {
    ...parameters,
    feeMinTtcUnits: parameters.feeMinTtcUnits.toString(),
    feeCreateTokenTtcUnits: parameters.feeCreateTokenTtcUnits.toString(),
    feeMintTtcUnits: parameters.feeMintTtcUnits.toString(),
    feeBurnTtcUnits: parameters.feeBurnTtcUnits.toString(),
    depositAccountTtcUnits: parameters.depositAccountTtcUnits.toString(),
    depositBalanceTtcUnits: parameters.depositBalanceTtcUnits.toString(),
    rdpos: rdposParametersJson(parameters.rdpos),
    names: nameParametersJson(parameters.names),
    quotes: parameters.quotes.map(({ token, units, ttcUnits }) => ({
      token,
      units: units.toString(),
      ttcUnits: ttcUnits.toString(),
    })),
    gasPriceTtcUnits: parameters.gasPriceTtcUnits.toString(),
    depositByteTtcUnits: parameters.depositByteTtcUnits.toString(),
  };
}
