// The bytes of candidates' operations.

import { utf8Bytes } from "../../base/bytes.js";
import { CodedError } from "../errors.js";
import { expectBytes } from "../expectBytes.js";
import type { Reader, Writer } from "../wire.js";
import { decodeTokenText, isPlainText } from "./createToken.js";
import type {
  CandidateFace,
  RegisterCandidate,
  ReportDoubleSign,
  ResignCandidate,
  ResumeCandidate,
  UpdateCandidate,
} from "./delegateOperations.js";
import type { Operation, OperationCodec } from "./operation.js";

const NAME_BYTES_MAX = 64;
const SITE_BYTES_MAX = 128;
const BASIS_POINTS_MAX = 10_000;
export const EVIDENCE_BYTES_MAX = 2_048;

/** Throws MALFORMED unless the text is plain and its UTF-8 has `least` to `most` bytes. */
export function expectText(text: string, least: number, most: number, what: string): void {
  const { length } = utf8Bytes(text);
  if (length < least || length > most || !isPlainText(text)) {
    throw new CodedError("MALFORMED", `expected ${what} of ${least} to ${most} bytes of plain text, got ${length}`);
  }
}

/** Throws MALFORMED unless name and site are as a list of candidates, partners or nodes shows them. */
export function expectNameAndSite({ name, site }: { name: string; site: string }): void {
  expectText(name, 1, NAME_BYTES_MAX, "a name");
  expectText(site, 0, SITE_BYTES_MAX, "a site");
}

function writeFace(writer: Writer, face: CandidateFace): void {
  writer.raw(face.delegateKey).u16(face.payBasisPoints).short(utf8Bytes(face.name)).short(utf8Bytes(face.site));
}

function readFace(reader: Reader): CandidateFace {
  return {
    delegateKey: reader.raw(32),
    payBasisPoints: reader.u16(),
    name: decodeTokenText(reader.short()),
    site: decodeTokenText(reader.short()),
  };
}

function verifyFace(face: CandidateFace): void {
  expectBytes(face.delegateKey, 32, "delegate's key");
  if (!Number.isInteger(face.payBasisPoints) || face.payBasisPoints < 0 || face.payBasisPoints > BASIS_POINTS_MAX) {
    throw new CodedError(
      "MALFORMED",
      `expected a share of 0 to ${BASIS_POINTS_MAX} basis points, got ${face.payBasisPoints}`,
    );
  }
  expectNameAndSite(face);
}

export const registerCandidateCodec: OperationCodec<RegisterCandidate> = {
  code: 24,
  kind: "registerCandidate",
  encode: writeFace,
  decode: (reader, account) => ({ kind: "registerCandidate", account, ...readFace(reader) }),
  verify: verifyFace,
};

export const updateCandidateCodec: OperationCodec<UpdateCandidate> = {
  code: 25,
  kind: "updateCandidate",
  encode: writeFace,
  decode: (reader, account) => ({ kind: "updateCandidate", account, ...readFace(reader) }),
  verify: verifyFace,
};

/** An operation that says all by its kind and account. */
export function bareCodec<T extends Operation>(code: number, kind: T["kind"]): OperationCodec<T> {
  return { code, kind, encode: () => {}, decode: (_reader, account) => ({ kind, account }) as T, verify: () => {} };
}

export const resignCandidateCodec = bareCodec<ResignCandidate>(26, "resignCandidate");
export const resumeCandidateCodec = bareCodec<ResumeCandidate>(27, "resumeCandidate");

export const reportDoubleSignCodec: OperationCodec<ReportDoubleSign> = {
  code: 32,
  kind: "reportDoubleSign",
  encode(writer, operation) {
    writer.u16(operation.evidence.length).raw(operation.evidence);
  },
  decode(reader, account) {
    const length = reader.u16();
    if (length > EVIDENCE_BYTES_MAX) {
      throw new CodedError("TOO_LARGE", `expected at most ${EVIDENCE_BYTES_MAX} bytes of evidence, got ${length}`);
    }
    return { kind: "reportDoubleSign", account, evidence: reader.raw(length) };
  },
  verify(operation) {
    if (operation.evidence.length > EVIDENCE_BYTES_MAX) {
      throw new CodedError(
        "TOO_LARGE",
        `expected at most ${EVIDENCE_BYTES_MAX} bytes of evidence, got ${operation.evidence.length}`,
      );
    }
  },
};
