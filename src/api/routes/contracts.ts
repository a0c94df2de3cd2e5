// Contracts: what they are, and what their view functions say.

import { toHex } from "../../base/bytes.js";
import { refTo } from "../../http/openapi/schema.js";
import { JSON_TYPE, jsonAnswer } from "../../http/route.js";
import { parseAddress } from "../../protocol/address.js";
import type { ContractJson, ContractViewJson } from "../../protocol/contractApiTypes.js";
import type { ContractLeaf } from "../../protocol/contractLeaves.js";
import { CodedError } from "../../protocol/errors.js";
import { lvmJson, parseLvmJson } from "../../protocol/lvmJson.js";
import { decodeLvmValue, encodeLvmValues } from "../../protocol/lvmValue.js";
import { readContract, readContractSource } from "../../state/views.js";
import type { ApiRoute } from "../apiRoute.js";
import { addressText } from "../json/addressText.js";
import type { ApiServices } from "../services.js";
import { ADDRESS_PARAMETER, jsonOf } from "./parameters.js";

const NO_ABI: ContractJson["abi"] = { name: "", version: "", functions: [], state: [] };
/** Who calls a view function where nobody is named. */
const NOBODY = new Uint8Array(32);

function contractAt({ state }: ApiServices, address: Uint8Array): ContractLeaf {
  const leaf = readContract(state, address);
  if (leaf === undefined) {
    throw new CodedError("NOT_FOUND", `no contract has the address ${addressText(address)}`);
  }
  return leaf;
}

function contractJson(services: ApiServices, address: Uint8Array): ContractJson {
  const leaf = contractAt(services, address);
  const source = leaf.destroyed ? new Uint8Array(0) : readContractSource(services.state, address, leaf);
  const { announced } = leaf;
  return {
    address: addressText(address),
    owner: addressText(leaf.owner),
    codeHash: toHex(leaf.codeHash),
    status: leaf.destroyed ? "destroyed" : leaf.permanent ? "permanent" : "temporary",
    paused: leaf.paused,
    upgradePolicy: leaf.upgradePolicy,
    upgradeDelayHeights: leaf.upgradeDelayHeights,
    upgradeCount: leaf.upgradeCount,
    ...(announced === undefined
      ? {}
      : { announced: { codeHash: toHex(announced.codeHash), heightFrom: announced.heightFrom } }),
    heightRegistered: leaf.heightRegistered,
    deposit: leaf.deposit.toString(),
    entryCount: leaf.entryCount,
    entryDeposits: leaf.entryDeposits.toString(),
    source: new TextDecoder().decode(source),
    abi: services.contracts.abi(source) ?? NO_ABI,
  };
}

const one: ApiRoute = {
  method: "get",
  path: "/v1/contracts/{address}",
  summary: "A contract: owner, status, upgrade policy, deposits, source and what it declares",
  parameters: [ADDRESS_PARAMETER],
  answer: jsonOf("Contract", "The contract as of the latest height"),
  errors: ["NOT_FOUND"],
  handle: (request, { services }) => jsonAnswer(contractJson(services, parseAddress(request.path("address")))),
};

const view: ApiRoute = {
  method: "post",
  path: "/v1/contracts/{address}/view",
  summary: "What a contract's view function gives for these arguments",
  parameters: [ADDRESS_PARAMETER],
  body: {
    content: { [JSON_TYPE]: refTo("ContractViewRequest") },
    bytesMax: ({ limits }) => limits.jsonBytesMax,
  },
  answer: jsonOf("ContractView", "The value as of the latest height"),
  errors: ["NOT_FOUND", "LVM_OUT_OF_GAS", "LVM_RUNTIME_ERROR", "LVM_NO_FUNCTION", "LVM_NOT_VIEW", "LVM_BAD_ARGUMENT"],
  handle(request, { services }) {
    const contract = parseAddress(request.path("address"));
    contractAt(services, contract);
    const body = request.jsonObject();
    const functionName = body.function;
    const args = body.args ?? [];
    if (typeof functionName !== "string" || !Array.isArray(args)) {
      throw new CodedError("BAD_REQUEST", `expected "function" as a text and "args" as a list, got something else`);
    }
    const caller = typeof body.caller === "string" ? parseAddress(body.caller) : NOBODY;
    const call = { contract, functionName, args: encodeLvmValues(args.map(parseLvmJson)), caller };
    const { value, gasUsed } = services.contracts.view(call);
    const answer: ContractViewJson = {
      height: services.state.height,
      value: value.length === 0 ? null : lvmJson(decodeLvmValue(value)),
      bytes: toHex(value),
      gasUsed,
    };
    return jsonAnswer(answer);
  },
};

export const CONTRACT_ROUTES: ApiRoute[] = [one, view];
