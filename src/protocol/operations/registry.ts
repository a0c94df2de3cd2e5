// The table of operation kinds. A new kind is a file beside this one, a line here and one in the ledger's table.

import { CodedError } from "../errors.js";
import type { Reader, Writer } from "../wire.js";
import { burnCodec } from "./burn.js";
import { callContractCodec } from "./callContract.js";
import {
  registerCandidateCodec,
  reportDoubleSignCodec,
  resignCandidateCodec,
  resumeCandidateCodec,
  updateCandidateCodec,
} from "./candidateCodecs.js";
import { closeAccountCodec } from "./closeAccount.js";
import { createTokenCodec } from "./createToken.js";
import { destroyContractCodec } from "./destroyContract.js";
import { mintCodec } from "./mint.js";
import {
  commitNameCodec,
  releaseNameCodec,
  renewNameCodec,
  revealNameCodec,
  setNameCodec,
  transferNameCodec,
} from "./nameCodecs.js";
import {
  answerChallengeCodec,
  claimPartnerCodec,
  proposeCodec,
  registerMasterCodec,
  resignMasterCodec,
  voteProposalCodec,
} from "./officeCodecs.js";
import type { Operation, OperationCodec } from "./operation.js";
import { answerOracleCodec, deliverOracleCodec, priceOracleCodec } from "./oracleOperations.js";
import { publishContractCodec } from "./publishContract.js";
import { registerContractCodec } from "./registerContract.js";
import { replaceKeyCodec } from "./replaceKey.js";
import { setContractPausedCodec } from "./setContractPaused.js";
import { setFrozenCodec } from "./setFrozen.js";
import { transferCodec } from "./transfer.js";
import { upgradeContractCodec } from "./upgradeContract.js";
import { claimRewardsCodec, unlockCodec, voteCodec, withdrawCodec } from "./voteCodecs.js";

type AnyCodec = OperationCodec<Operation>;

/** Every kind, in the order of its byte on the wire. */
export const OPERATION_CODECS: readonly AnyCodec[] = [
  transferCodec,
  createTokenCodec,
  mintCodec,
  burnCodec,
  replaceKeyCodec,
  setFrozenCodec,
  closeAccountCodec,
  registerContractCodec,
  callContractCodec,
  publishContractCodec,
  upgradeContractCodec,
  setContractPausedCodec,
  destroyContractCodec,
  answerOracleCodec,
  deliverOracleCodec,
  priceOracleCodec,
  registerCandidateCodec,
  updateCandidateCodec,
  resignCandidateCodec,
  resumeCandidateCodec,
  voteCodec,
  unlockCodec,
  withdrawCodec,
  claimRewardsCodec,
  reportDoubleSignCodec,
  claimPartnerCodec,
  registerMasterCodec,
  answerChallengeCodec,
  resignMasterCodec,
  proposeCodec,
  voteProposalCodec,
  commitNameCodec,
  revealNameCodec,
  setNameCodec,
  renewNameCodec,
  transferNameCodec,
  releaseNameCodec,
] as unknown as AnyCodec[];

const byCode = new Map(OPERATION_CODECS.map((codec) => [codec.code, codec]));
const byKind = new Map(OPERATION_CODECS.map((codec) => [codec.kind, codec]));

function codecOf(operation: Operation): AnyCodec {
  const codec = byKind.get(operation.kind);
  if (codec === undefined) {
    throw new CodedError("UNKNOWN_OPERATION", `expected a kind of operation, got "${operation.kind}"`);
  }
  return codec;
}

/** Kind, account index, then the kind's own fields. */
export function encodeOperation(writer: Writer, operation: Operation): void {
  const codec = codecOf(operation);
  codec.verify(operation);
  writer.u8(codec.code).u8(operation.account);
  codec.encode(writer, operation);
}

/** Reads one operation whose account index lies below `signerCount`; throws a coded error for anything that isn't one. */
export function decodeOperation(reader: Reader, signerCount: number): Operation {
  const code = reader.u8();
  const codec = byCode.get(code);
  if (codec === undefined) {
    throw new CodedError("UNKNOWN_OPERATION", `expected a known kind of operation, got ${code}`);
  }
  const account = reader.u8();
  if (account >= signerCount) {
    throw new CodedError("MALFORMED", `expected a signer index below ${signerCount}, got ${account}`);
  }
  const operation = codec.decode(reader, account);
  codec.verify(operation);
  return operation;
}
