// Names: whose they are, and what they stand for.

import { toHex } from "../../base/bytes.js";
import { TEXT } from "../../http/openapi/schema.js";
import { jsonAnswer } from "../../http/route.js";
import { CodedError } from "../../protocol/errors.js";
import type { NameJson } from "../../protocol/nameApiTypes.js";
import { nameKey } from "../../protocol/nameLeaves.js";
import { expectName } from "../../protocol/names.js";
import { readContract, readName, readParameters } from "../../state/views.js";
import type { ApiRoute } from "../apiRoute.js";
import { addressText } from "../json/addressText.js";
import { jsonOf } from "./parameters.js";

const MS_PER_SECOND = 1_000;

const one: ApiRoute = {
  method: "get",
  path: "/v1/names/{name}",
  summary: "Whose a name is, and what it stands for",
  parameters: [{ name: "name", in: "path", required: true, description: "The name", schema: TEXT }],
  answer: jsonOf("Name", "The name as of the latest height"),
  errors: ["BAD_NAME", "NAME_RESERVED", "NOT_FOUND"],
  handle(request, { services }) {
    const { state, blocks, genesis } = services;
    const name = request.path("name");
    expectName(name);
    const leaf = readName(state, name);
    if (leaf === undefined) {
      throw new CodedError("NOT_FOUND", `nobody holds the name "${name}"`);
    }
    if (leaf.name !== name) {
      throw new CodedError(
        "NOT_FOUND",
        `nobody holds the name "${name}": "${leaf.name}", which looks like it, is held`,
      );
    }
    const timeMs = blocks.latest?.block.header.timeMs ?? genesis.timeMs;
    const { nameGraceSeconds } = readParameters(state).names;
    const answer: NameJson = {
      name,
      state: timeMs < leaf.timeMsExpires ? "held" : "lapsed",
      owner: addressText(leaf.owner),
      target: addressText(leaf.target),
      isContract: readContract(state, leaf.target)?.destroyed === false,
      timeMsExpires: leaf.timeMsExpires,
      timeMsFree: leaf.timeMsExpires + nameGraceSeconds * MS_PER_SECOND,
      deposit: leaf.deposit.toString(),
      heightRegistered: leaf.heightRegistered,
      key: toHex(nameKey(name)),
      height: state.height,
    };
    return jsonAnswer(answer);
  },
};

export const NAME_ROUTES: ApiRoute[] = [one];
