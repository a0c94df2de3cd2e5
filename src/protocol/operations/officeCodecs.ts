// The bytes of the operations of partners, master nodes and proposals.

import { utf8Bytes } from "../../base/bytes.js";
import { CodedError } from "../errors.js";
import { expectBytes } from "../expectBytes.js";
import { readProposalContent, verifyProposalContent, writeProposalContent } from "../proposalContent.js";
import { bareCodec, expectNameAndSite } from "./candidateCodecs.js";
import { decodeTokenText } from "./createToken.js";
import type {
  AnswerChallenge,
  ClaimPartner,
  Propose,
  RegisterMaster,
  ResignMaster,
  VoteProposal,
} from "./officeOperations.js";
import type { OperationCodec } from "./operation.js";

export const claimPartnerCodec = bareCodec<ClaimPartner>(34, "claimPartner");

export const registerMasterCodec: OperationCodec<RegisterMaster> = {
  code: 35,
  kind: "registerMaster",
  encode(writer, operation) {
    writer.short(utf8Bytes(operation.name)).short(utf8Bytes(operation.site));
  },
  decode(reader, account) {
    const name = decodeTokenText(reader.short());
    return { kind: "registerMaster", account, name, site: decodeTokenText(reader.short()) };
  },
  verify: expectNameAndSite,
};

export const answerChallengeCodec: OperationCodec<AnswerChallenge> = {
  code: 36,
  kind: "answerChallenge",
  encode(writer, operation) {
    writer.raw(operation.answer);
  },
  decode: (reader, account) => ({ kind: "answerChallenge", account, answer: reader.raw(32) }),
  verify(operation) {
    expectBytes(operation.answer, 32, "answer");
  },
};

export const resignMasterCodec = bareCodec<ResignMaster>(37, "resignMaster");

export const proposeCodec: OperationCodec<Propose> = {
  code: 40,
  kind: "propose",
  encode(writer, operation) {
    writer.u64(BigInt(operation.heightActive));
    writeProposalContent(writer, operation.content);
  },
  decode(reader, account) {
    return { kind: "propose", account, heightActive: reader.safe(), content: readProposalContent(reader) };
  },
  verify({ heightActive, content }) {
    if (!Number.isSafeInteger(heightActive) || heightActive < 0) {
      throw new CodedError("MALFORMED", `expected a height of activation, got ${heightActive}`);
    }
    verifyProposalContent(content);
  },
};

export const voteProposalCodec: OperationCodec<VoteProposal> = {
  code: 41,
  kind: "voteProposal",
  encode(writer, operation) {
    writer.u32(operation.proposal).u8(operation.approve ? 1 : 0);
  },
  decode: (reader, account) => ({ kind: "voteProposal", account, proposal: reader.u32(), approve: reader.flag() }),
  verify({ proposal }) {
    if (!Number.isInteger(proposal) || proposal < 1 || proposal > 0xffffffff) {
      throw new CodedError("MALFORMED", `expected a proposal's number from 1 to 2^32 - 1, got ${proposal}`);
    }
  },
};
