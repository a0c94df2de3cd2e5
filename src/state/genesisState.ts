// The state of height 0: what a genesis file's allocations, tokens, parameters and delegates are as leaves. A pure function of
// the file, so that every node begins from the same root.

import { parseAddress } from "../protocol/address.js";
import { encodeDelegates } from "../protocol/delegates.js";
import { CodedError } from "../protocol/errors.js";
import { parseGasSchedule } from "../protocol/gasSchedule.js";
import {
  type Genesis,
  type GenesisIssuers,
  type GenesisParameters,
  NATIVE_FACES,
  parseGenesisAmount,
  TTC_SUPPLY_UNITS,
  verifyGenesis,
} from "../protocol/genesis.js";
import { genesisDelegates } from "../protocol/genesisDelegates.js";
import { STATE_VALUE_BYTES_MAX } from "../protocol/limits.js";
import { parseNameParameters } from "../protocol/nameParameters.js";
import { type ChainParameters, encodeParameters, verifyParameters } from "../protocol/parameters.js";
import { parseRdposParameters } from "../protocol/rdposParameters.js";
import { encodeRound, firstRound } from "../protocol/round.js";
import {
  accountKey,
  encodeAccountLeaf,
  encodeSystemLeaf,
  encodeTokenLeaf,
  systemKey,
  tokenKey,
} from "../protocol/stateLeaves.js";
import { NATIVE_TOKENS, type NativeToken, tokenBytes } from "../protocol/tokens.js";
import { type StateChange, sortChanges } from "../protocol/writeSet.js";
import { DELEGATES_LEAF, PARAMETERS_LEAF, ROUND_LEAF } from "./views.js";

/** The parameters that a genesis file names. Throws MALFORMED for values that no chain can run with. */
export function genesisParameters(json: GenesisParameters): ChainParameters {
  const quotes = json.quotes.map(({ token, units, ttcUnits }) => {
    tokenBytes(token);
    return { token, units: parseGenesisAmount(units), ttcUnits: parseGenesisAmount(ttcUnits) };
  });
  if (quotes.some((quote) => quote.units === 0n || quote.ttcUnits === 0n)) {
    throw new CodedError("MALFORMED", "expected a quote's two amounts above 0, got 0");
  }
  const parameters: ChainParameters = {
    validUntilHeightsMax: json.validUntilHeightsMax,
    referenceHeightsMax: json.referenceHeightsMax,
    referenceKeepHeights: json.referenceKeepHeights,
    feeRateBasisPoints: json.feeRateBasisPoints,
    feeMinTtcUnits: parseGenesisAmount(json.feeMinTtcUnits),
    feeCreateTokenTtcUnits: parseGenesisAmount(json.feeCreateTokenTtcUnits),
    feeMintTtcUnits: parseGenesisAmount(json.feeMintTtcUnits),
    feeBurnTtcUnits: parseGenesisAmount(json.feeBurnTtcUnits),
    depositAccountTtcUnits: parseGenesisAmount(json.depositAccountTtcUnits),
    depositBalanceTtcUnits: parseGenesisAmount(json.depositBalanceTtcUnits),
    blockBytesMax: json.blockBytesMax,
    blockTransactionsMax: json.blockTransactionsMax,
    blockIntervalMs: json.blockIntervalMs,
    heartbeatIntervalMs: json.heartbeatIntervalMs,
    roundBlocks: json.roundBlocks,
    rdpos: parseRdposParameters(json.rdpos, parseGenesisAmount),
    names: parseNameParameters(json.names, parseGenesisAmount),
    gas: parseGasSchedule(json.gas),
    quotes: quotes.sort((a, b) => (a.token < b.token ? -1 : 1)),
    blockGasMax: json.blockGasMax,
    blockPackageGasMax: json.blockPackageGasMax,
    gasPriceTtcUnits: parseGenesisAmount(json.gasPriceTtcUnits),
    depositByteTtcUnits: parseGenesisAmount(json.depositByteTtcUnits),
  };
  verifyParameters(parameters);
  return parameters;
}

function tokenChange(token: NativeToken, supply: bigint, issuers: GenesisIssuers | undefined): StateChange {
  const issued = issuers !== undefined;
  const value = encodeTokenLeaf({
    symbol: token,
    ...NATIVE_FACES[token],
    supply,
    mintable: issued,
    burnable: issued,
    freezable: false,
    heightCreated: 0,
    issuersNeeded: issued ? issuers.needed : 0,
    issuers: issued ? issuers.addresses.map(parseAddress) : [],
  });
  return { key: tokenKey(token), value };
}

function allocationChange(allocation: Genesis["allocations"][number]): StateChange {
  const balances: [bigint, bigint, bigint] = [parseGenesisAmount(allocation.amount), 0n, 0n];
  const value = encodeAccountLeaf({ balances, deposit: 0n, tokenCount: 0 });
  return { key: accountKey(parseAddress(allocation.address)), value };
}

/** The leaves of height 0 in ascending order of their keys. Throws a coded error for a genesis that no chain can begin from. */
export function genesisChanges(genesis: Genesis): StateChange[] {
  verifyGenesis(genesis);
  const changes = genesis.allocations.map(allocationChange);
  for (const token of NATIVE_TOKENS) {
    const isCoin = token === "TTC";
    changes.push(tokenChange(token, isCoin ? TTC_SUPPLY_UNITS : 0n, isCoin ? undefined : genesis.issuers[token]));
  }
  const parameters = genesisParameters(genesis.parameters);
  const delegates = genesisDelegates(genesis);
  for (const [name, content] of [
    [PARAMETERS_LEAF, encodeParameters(parameters)],
    [DELEGATES_LEAF, encodeDelegates(delegates)],
    [ROUND_LEAF, encodeRound(firstRound(delegates, parameters.roundBlocks))],
  ] as const) {
    const value = encodeSystemLeaf(content);
    if (value.length > STATE_VALUE_BYTES_MAX) {
      throw new CodedError(
        "MALFORMED",
        `expected ${name} of at most ${STATE_VALUE_BYTES_MAX} bytes, got ${value.length}`,
      );
    }
    changes.push({ key: systemKey(name), value });
  }
  return sortChanges(changes);
}
