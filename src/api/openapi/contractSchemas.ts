// The shapes of src/protocol/contractApiTypes.ts as JSON Schema, by name.

import {
  ADDRESS,
  AMOUNT,
  arrayOf,
  FLAG,
  HASH,
  HEX,
  type JsonSchema,
  objectSchema,
  oneOfTexts,
  refTo,
  TEXT,
  WHOLE,
} from "../../http/openapi/schema.js";

/** A contract's value as JSON (docs/api.md). */
export const ANY: JsonSchema = {};
export const UPGRADE_POLICY = oneOfTexts("never", "owner", "ownerAfterDelay", "vote");

const NATIVE_AMOUNTS = objectSchema({ TTC: AMOUNT, TTM: AMOUNT, TTMI: AMOUNT });
const CONTRACT_COUNTS = {
  calls: WHOLE,
  failures: WHOLE,
  gasUsed: WHOLE,
  valueIn: NATIVE_AMOUNTS,
  valueOut: NATIVE_AMOUNTS,
};

export const CONTRACT_SCHEMAS = {
  Contract: objectSchema({
    address: ADDRESS,
    owner: ADDRESS,
    codeHash: HASH,
    status: oneOfTexts("temporary", "permanent", "destroyed"),
    paused: FLAG,
    upgradePolicy: UPGRADE_POLICY,
    upgradeDelayHeights: WHOLE,
    upgradeCount: WHOLE,
    "announced?": objectSchema({ codeHash: HASH, heightFrom: WHOLE }),
    heightRegistered: WHOLE,
    deposit: AMOUNT,
    entryCount: WHOLE,
    entryDeposits: AMOUNT,
    source: TEXT,
    abi: refTo("ContractAbi"),
  }),
  ContractAbi: objectSchema({
    name: TEXT,
    version: TEXT,
    functions: arrayOf(
      objectSchema({
        name: TEXT,
        kind: oneOfTexts("constructor", "call", "payable", "view"),
        parameters: arrayOf(objectSchema({ name: TEXT, type: TEXT, isOptional: FLAG })),
        "returns?": TEXT,
      }),
    ),
    state: arrayOf(objectSchema({ name: TEXT, kind: oneOfTexts("value", "map", "array") })),
  }),
  ContractViewRequest: objectSchema({ function: TEXT, "args?": arrayOf(ANY), "caller?": ADDRESS }),
  ContractView: objectSchema({ height: WHOLE, value: ANY, bytes: HEX, gasUsed: WHOLE }),
  ContractActivity: objectSchema({
    address: ADDRESS,
    height: WHOLE,
    timeMs: WHOLE,
    total: objectSchema(CONTRACT_COUNTS),
    stepMs: WHOLE,
    series: arrayOf(objectSchema({ fromMs: WHOLE, ...CONTRACT_COUNTS })),
  }),
  OracleRequests: objectSchema({
    height: WHOLE,
    requests: arrayOf(
      objectSchema({
        request: HASH,
        contract: ADDRESS,
        key: TEXT,
        feed: TEXT,
        callback: TEXT,
        callbackGas: WHOLE,
        height: WHOLE,
        answers: arrayOf(objectSchema({ delegate: HEX, value: TEXT })),
      }),
    ),
    "next?": TEXT,
    "nextHeight?": WHOLE,
  }),
  Contracts: objectSchema({
    contracts: arrayOf(
      objectSchema({
        address: ADDRESS,
        heightRegistered: WHOLE,
        status: oneOfTexts("temporary", "permanent", "destroyed"),
        "name?": TEXT,
        "version?": TEXT,
        "owner?": ADDRESS,
        paused: FLAG,
        calls: WHOLE,
        failures: WHOLE,
        gasUsed: WHOLE,
      }),
    ),
    "next?": TEXT,
  }),
};
