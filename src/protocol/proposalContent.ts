// What can be proposed: bytes, stateless checks, and who decides. Prices, deposits and partners are the holders' business, what machines
// must bear is the delegates'.

import { utf8Bytes } from "../base/bytes.js";
import { CodedError } from "./errors.js";
import { expectAmount } from "./expectAmount.js";
import { expectBytes } from "./expectBytes.js";
import { GAS_PRICES } from "./gasSchedule.js";
import { NAME_AMOUNTS, NAME_NUMBERS } from "./nameParameters.js";
import { expectNameAndSite, expectText } from "./operations/candidateCodecs.js";
import { decodeTokenText } from "./operations/createToken.js";
import type { ProposalContent } from "./operations/officeOperations.js";
import { type ChainParameters, PARAMETER_FIELDS } from "./parameters.js";
import { RDPOS_AMOUNTS, RDPOS_NUMBERS } from "./rdposParameters.js";
import { decodeToken, encodeToken } from "./tokens.js";
import { expectVotable, expectVotableQuote, GAS_PREFIX } from "./votableBounds.js";
import type { Reader, Writer } from "./wire.js";

const CODES = { parameter: 1, quote: 2, upgrade: 3, partner: 4 } as const;
const PARAMETER_NAME_BYTES_MAX = 48;
const VERSION_MAX = 255;

/** Parameters that delegates decide on, one vote each: what their machines must bear. Holders decide on all others. */
const DELEGATES_PARAMETERS = new Set<string>([
  "validUntilHeightsMax",
  "referenceHeightsMax",
  "referenceKeepHeights",
  "blockBytesMax",
  "blockTransactionsMax",
  "blockIntervalMs",
  "heartbeatIntervalMs",
  "roundBlocks",
  "blockGasMax",
  "blockPackageGasMax",
  "candidatesMax",
  "challengeBlocks",
  "answerBlocks",
]);

/** Who votes: locked coins, or delegates. */
export function electorateOf(content: ProposalContent): "holders" | "delegates" {
  const isDelegates =
    content.kind === "upgrade" ||
    (content.kind === "parameter" && (DELEGATES_PARAMETERS.has(content.name) || content.name.startsWith(GAS_PREFIX)));
  return isDelegates ? "delegates" : "holders";
}

export function writeProposalContent(writer: Writer, content: ProposalContent): void {
  writer.u8(CODES[content.kind]);
  switch (content.kind) {
    case "parameter":
      writer.short(utf8Bytes(content.name)).u64(content.value);
      break;
    case "quote":
      encodeToken(writer, content.token);
      writer.u64(content.units).u64(content.ttcUnits);
      break;
    case "upgrade":
      writer.u8(content.version);
      break;
    case "partner":
      writer.raw(content.partner).short(utf8Bytes(content.name)).short(utf8Bytes(content.site));
      break;
  }
}

export function readProposalContent(reader: Reader): ProposalContent {
  const code = reader.u8();
  switch (code) {
    case CODES.parameter:
      return { kind: "parameter", name: decodeTokenText(reader.short()), value: reader.amountOrZero() };
    case CODES.quote:
      return { kind: "quote", token: decodeToken(reader), units: reader.amount(), ttcUnits: reader.amount() };
    case CODES.upgrade:
      return { kind: "upgrade", version: reader.u8() };
    case CODES.partner: {
      const partner = reader.raw(32);
      return { kind: "partner", partner, name: decodeTokenText(reader.short()), site: decodeTokenText(reader.short()) };
    }
    default:
      throw new CodedError("MALFORMED", `expected a proposal's kind of 1 to 4, got ${code}`);
  }
}

/** Checks that need no state. Throws a coded error. */
export function verifyProposalContent(content: ProposalContent): void {
  switch (content.kind) {
    case "parameter":
      expectText(content.name, 1, PARAMETER_NAME_BYTES_MAX, "a parameter's name");
      expectAmount(content.value, 0n);
      break;
    case "quote":
      expectAmount(content.units);
      expectAmount(content.ttcUnits);
      break;
    case "upgrade":
      if (!Number.isInteger(content.version) || content.version < 1 || content.version > VERSION_MAX) {
        throw new CodedError("MALFORMED", `expected a version of 1 to ${VERSION_MAX}, got ${content.version}`);
      }
      break;
    case "partner":
      expectBytes(content.partner, 32, "partner's address");
      expectNameAndSite(content);
      break;
  }
}

/** Names of all parameters that a vote can change one by one. */
export const VOTABLE_PARAMETERS: readonly string[] = [
  ...PARAMETER_FIELDS.numbers,
  ...PARAMETER_FIELDS.amounts,
  ...RDPOS_NUMBERS,
  ...RDPOS_AMOUNTS,
  ...NAME_NUMBERS,
  ...NAME_AMOUNTS,
  ...GAS_PRICES.map((field) => GAS_PREFIX + field),
];

/** Throws MALFORMED for a change that no vote may make. */
export function expectVotableContent(content: ProposalContent): void {
  if (content.kind === "parameter") {
    expectVotable(content.name, content.value);
  } else if (content.kind === "quote") {
    expectVotableQuote(content);
  }
}

/** The parameters after the change. Throws MALFORMED for unknown names; whether the values can be run with is for the codec to say. */
export function changedParameters(parameters: ChainParameters, content: ProposalContent): ChainParameters {
  if (content.kind === "quote") {
    const others = parameters.quotes.filter(({ token }) => token !== content.token);
    const { token, units, ttcUnits } = content;
    const quotes = [...others, { token, units, ttcUnits }].sort((a, b) => (a.token < b.token ? -1 : 1));
    return { ...parameters, quotes };
  }
  if (content.kind !== "parameter") {
    return parameters;
  }
  const { name, value } = content;
  const has = (fields: readonly string[]): boolean => fields.includes(name);
  if (has(PARAMETER_FIELDS.numbers)) {
    return { ...parameters, [name]: Number(value) };
  }
  if (has(PARAMETER_FIELDS.amounts)) {
    return { ...parameters, [name]: value };
  }
  if (has(RDPOS_NUMBERS)) {
    return { ...parameters, rdpos: { ...parameters.rdpos, [name]: Number(value) } };
  }
  if (has(RDPOS_AMOUNTS)) {
    return { ...parameters, rdpos: { ...parameters.rdpos, [name]: value } };
  }
  if (has(NAME_NUMBERS)) {
    return { ...parameters, names: { ...parameters.names, [name]: Number(value) } };
  }
  if (has(NAME_AMOUNTS)) {
    return { ...parameters, names: { ...parameters.names, [name]: value } };
  }
  const price = GAS_PRICES.find((field) => name === GAS_PREFIX + field);
  if (price !== undefined) {
    return { ...parameters, gas: { ...parameters.gas, [price]: Number(value) } };
  }
  throw new CodedError("MALFORMED", `expected a parameter's name, got "${name}"`);
}
