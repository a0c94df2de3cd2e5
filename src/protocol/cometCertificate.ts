// A certificate of kind 2: the header and commit by which CometBFT agreed on a block, and the Merkle proof that the block's own
// header is the first entry of what was agreed on. Chain, height and proposer are taken from the block that is to be proved,
// so that a certificate can't speak of another.

import { sha256, verifyMerkleProof } from "../wasm/sha256.js";
import { type BlockHeader, encodeHeader } from "./block.js";
import {
  type CometBlockId,
  type CometTime,
  cometAddress,
  cometChainId,
  cometHeaderHash,
  cometTimeMs,
  cometVoteMessage,
  PRECOMMIT,
} from "./comet.js";
import { CodedError } from "./errors.js";
import type { Reader, Writer } from "./wire.js";

export const CERTIFICATE_COMET = 2;
const PATH_HASHES_MAX = 32;
const NANOSECONDS = 1_000_000_000;

export interface CometSignature {
  /** Index into the delegate set. */
  delegate: number;
  /** The moment that the delegate put into its vote. */
  time: CometTime;
  signature: Uint8Array;
}

export interface CometCertificate {
  kind: typeof CERTIFICATE_COMET;
  blockVersion: number;
  applicationVersion: number;
  time: CometTime;
  lastBlockId: CometBlockId;
  lastCommitHash: Uint8Array;
  dataHash: Uint8Array;
  validatorsHash: Uint8Array;
  nextValidatorsHash: Uint8Array;
  consensusHash: Uint8Array;
  applicationHash: Uint8Array;
  lastResultsHash: Uint8Array;
  evidenceHash: Uint8Array;
  /** The round that decided. */
  round: number;
  partCount: number;
  partsHash: Uint8Array;
  /** Entries that the engine's block has. */
  entryCount: number;
  /** RFC 6962 audit path from the first entry's SHA-256 to the data hash. */
  path: Uint8Array[];
  /** In ascending order of the delegates' indexes. */
  signatures: CometSignature[];
}

const HASH_FIELDS = [
  "lastCommitHash",
  "dataHash",
  "validatorsHash",
  "nextValidatorsHash",
  "consensusHash",
  "applicationHash",
  "lastResultsHash",
  "evidenceHash",
] as const;

export function writeCometTime(writer: Writer, { seconds, nanoseconds }: CometTime): void {
  writer.u64(BigInt(seconds)).u32(nanoseconds);
}

export function readCometTime(reader: Reader): CometTime {
  const time = { seconds: reader.safe(), nanoseconds: reader.u32() };
  if (time.nanoseconds >= NANOSECONDS) {
    throw new CodedError("MALFORMED", `expected nanoseconds below ${NANOSECONDS}, got ${time.nanoseconds}`);
  }
  return time;
}

/** Everything after the kind. */
export function writeCometCertificate(writer: Writer, certificate: CometCertificate): void {
  writer.u64(BigInt(certificate.blockVersion)).u64(BigInt(certificate.applicationVersion));
  writeCometTime(writer, certificate.time);
  const { lastBlockId, path, signatures } = certificate;
  writer.short(lastBlockId.hash).u32(lastBlockId.partCount).short(lastBlockId.partsHash);
  for (const field of HASH_FIELDS) {
    writer.short(certificate[field]);
  }
  writer.u32(certificate.round).u32(certificate.partCount).short(certificate.partsHash);
  writer.u32(certificate.entryCount).u8(path.length);
  for (const hash of path) {
    writer.raw(hash);
  }
  writer.u16(signatures.length);
  for (const { delegate, time, signature } of signatures) {
    writer.u16(delegate);
    writeCometTime(writer, time);
    writer.raw(signature);
  }
}

function readSignatures(reader: Reader): CometSignature[] {
  const signatures: CometSignature[] = [];
  for (let count = reader.u16(); count > 0; count--) {
    signatures.push({ delegate: reader.u16(), time: readCometTime(reader), signature: reader.raw(64) });
  }
  return signatures;
}

/** The inverse of `writeCometCertificate`. */
export function readCometCertificate(reader: Reader): CometCertificate {
  const blockVersion = reader.safe();
  const applicationVersion = reader.safe();
  const time = readCometTime(reader);
  const lastBlockId = { hash: reader.short(), partCount: reader.u32(), partsHash: reader.short() };
  const hashes = Object.fromEntries(HASH_FIELDS.map((field) => [field, reader.short()]));
  const round = reader.u32();
  const partCount = reader.u32();
  const partsHash = reader.short();
  const entryCount = reader.u32();
  const pathHashes = reader.u8();
  if (pathHashes > PATH_HASHES_MAX) {
    throw new CodedError("MALFORMED", `expected at most ${PATH_HASHES_MAX} hashes of a path, got ${pathHashes}`);
  }
  const path = Array.from({ length: pathHashes }, () => reader.raw(32));
  return {
    kind: CERTIFICATE_COMET,
    blockVersion,
    applicationVersion,
    time,
    lastBlockId,
    ...(hashes as Record<(typeof HASH_FIELDS)[number], Uint8Array>),
    round,
    partCount,
    partsHash,
    entryCount,
    path,
    signatures: readSignatures(reader),
  };
}

/** The message of each signature, once it holds that the certificate is about this block. Throws BAD_CERTIFICATE. */
export function cometMessages(
  certificate: CometCertificate,
  header: BlockHeader,
  genesisHash: Uint8Array,
): Uint8Array[] {
  const { entryCount, path, dataHash, round, partCount, partsHash } = certificate;
  if (!verifyMerkleProof(sha256(encodeHeader(header)), 0, entryCount, path, dataHash)) {
    throw new CodedError("BAD_CERTIFICATE", "the block's header is not the first entry that was agreed on");
  }
  if (cometTimeMs(certificate.time) !== header.timeMs) {
    throw new CodedError("BAD_CERTIFICATE", `expected time ${header.timeMs}, got ${cometTimeMs(certificate.time)}`);
  }
  const chainId = cometChainId(genesisHash);
  const proposerAddress = cometAddress(header.proposer);
  const hash = cometHeaderHash({ ...certificate, chainId, height: header.height, proposerAddress });
  const blockId = { hash, partCount, partsHash };
  return certificate.signatures.map(({ time }) =>
    cometVoteMessage(PRECOMMIT, chainId, header.height, round, blockId, time),
  );
}
