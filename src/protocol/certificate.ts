// Certificates: the proof, beside a block, that more than two thirds of its delegates agreed on it. A tagged union: kind 1
// holds the delegates' own signatures over the block's hash, kind 2 CometBFT's header and commit; kind 0 stands where the
// proof is still to be fetched, and proves nothing.

import { concatBytes, equalBytes } from "../base/bytes.js";
import { ed25519 } from "../wasm/ed25519.js";
import { verifyMerkleProof } from "../wasm/sha256.js";
import { type BlockHeader, blockHash, decodeResult, transactionsRoot } from "./block.js";
import {
  CERTIFICATE_COMET,
  type CometCertificate,
  cometMessages,
  readCometCertificate,
  writeCometCertificate,
} from "./cometCertificate.js";
import { type Delegate, delegateSetHash } from "./delegates.js";
import { CodedError } from "./errors.js";
import { signedMessage, TAGS } from "./hashing.js";
import { Reader, Writer } from "./wire.js";

export const CERTIFICATE_PENDING = 0;
export const CERTIFICATE_SOLO = 1;

export interface SoloSignature {
  /** Index into the delegate set. */
  delegate: number;
  signature: Uint8Array;
}

export interface SoloCertificate {
  kind: typeof CERTIFICATE_SOLO;
  /** In ascending order of the delegates' indexes. */
  signatures: SoloSignature[];
}

/** A block that the node's engine committed and whose proof it could not give yet. */
export interface PendingCertificate {
  kind: typeof CERTIFICATE_PENDING;
  signatures: [];
}

export type Certificate = PendingCertificate | SoloCertificate | CometCertificate;

/** What a delegate signs to agree on a block: height and hash. */
export function commitMessage(genesisHash: Uint8Array, height: number, hash: Uint8Array): Uint8Array {
  return signedMessage(TAGS.commit, genesisHash, concatBytes(new Writer(8).u64(BigInt(height)).finish(), hash));
}

export function encodeCertificate(certificate: Certificate): Uint8Array {
  const writer = new Writer(1024 + certificate.signatures.length * 80).u8(certificate.kind);
  if (certificate.kind === CERTIFICATE_COMET) {
    writeCometCertificate(writer, certificate);
  } else if (certificate.kind === CERTIFICATE_SOLO) {
    writer.u16(certificate.signatures.length);
    for (const { delegate, signature } of certificate.signatures) {
      writer.u16(delegate).raw(signature);
    }
  }
  return writer.finish();
}

function readCertificate(reader: Reader): Certificate {
  const kind = reader.u8();
  if (kind === CERTIFICATE_PENDING) {
    return { kind, signatures: [] };
  }
  if (kind === CERTIFICATE_COMET) {
    return readCometCertificate(reader);
  }
  if (kind !== CERTIFICATE_SOLO) {
    throw new CodedError("BAD_CERTIFICATE", `expected a certificate of kind 0 to 2, got ${kind}`);
  }
  const signatures: SoloSignature[] = [];
  for (let count = reader.u16(); count > 0; count--) {
    signatures.push({ delegate: reader.u16(), signature: reader.raw(64) });
  }
  return { kind, signatures };
}

export function decodeCertificate(bytes: Uint8Array): Certificate {
  const reader = new Reader(bytes);
  const certificate = readCertificate(reader);
  reader.end();
  const { signatures } = certificate;
  if (signatures.some(({ delegate }, i) => i > 0 && signatures[i - 1].delegate >= delegate)) {
    throw new CodedError("NON_CANONICAL", "expected signatures in ascending order of their delegates");
  }
  return certificate;
}

/** What each signature of the certificate covers. Throws BAD_CERTIFICATE for one that is about another block. */
function signedMessages(certificate: Certificate, header: BlockHeader, genesisHash: Uint8Array): Uint8Array[] {
  if (certificate.kind === CERTIFICATE_COMET) {
    return cometMessages(certificate, header, genesisHash);
  }
  const message = commitMessage(genesisHash, header.height, blockHash(genesisHash, header));
  return certificate.signatures.map(() => message);
}

/**
 * Checks that `certificate` proves the block of `header` under `delegates`: more than two thirds of the power signed.
 * Throws BAD_CERTIFICATE.
 */
export function verifyCertificate(
  certificate: Certificate,
  header: BlockHeader,
  genesisHash: Uint8Array,
  delegates: Delegate[],
): void {
  const messages = signedMessages(certificate, header, genesisHash);
  const seen = new Set<number>();
  const signers = certificate.signatures.map(({ delegate }) => {
    if (delegate >= delegates.length || seen.has(delegate)) {
      throw new CodedError("BAD_CERTIFICATE", `expected each delegate below ${delegates.length} once, got ${delegate}`);
    }
    seen.add(delegate);
    return delegates[delegate];
  });
  const items = certificate.signatures.map(({ signature }, i) => ({
    signature,
    message: messages[i],
    publicKey: signers[i].publicKey,
  }));
  const bad = ed25519.verifyBatch(items).indexOf(false);
  if (bad >= 0) {
    throw new CodedError(
      "BAD_CERTIFICATE",
      `the signature of delegate ${certificate.signatures[bad].delegate} does not match`,
    );
  }
  const signed = signers.reduce((sum, delegate) => sum + delegate.power, 0);
  const total = delegates.reduce((sum, delegate) => sum + delegate.power, 0);
  if (signed * 3 <= total * 2) {
    throw new CodedError("BAD_CERTIFICATE", `expected more than 2/3 of power ${total}, got ${signed}`);
  }
}

/** Everything that proves one block's result to somebody who holds only the delegate set. */
export interface ResultProof {
  header: BlockHeader;
  certificate: Certificate;
  /** The encoded result record: entry 0 of the block. */
  result: Uint8Array;
  /** How many entries the block has, the record included. */
  entryCount: number;
  /** RFC 6962 audit path of entry 0. */
  path: Uint8Array[];
}

/** Checks a result proof and returns the state root that it proves. Throws BAD_CERTIFICATE or BAD_PROOF. */
export function verifyResultProof(proof: ResultProof, genesisHash: Uint8Array, delegates: Delegate[]): Uint8Array {
  verifyCertificate(proof.certificate, proof.header, genesisHash, delegates);
  if (!verifyMerkleProof(proof.result, 0, proof.entryCount, proof.path, proof.header.transactionsRoot)) {
    throw new CodedError("BAD_PROOF", "the result record is not entry 0 of the block");
  }
  const record = decodeResult(proof.result);
  if (record.height !== proof.header.height || !equalBytes(record.delegateSetHash, delegateSetHash(delegates))) {
    throw new CodedError("BAD_PROOF", "the result record belongs to another height or set of delegates");
  }
  return record.stateRoot;
}

/** Whether a header's transactions root covers exactly this record and these transactions. */
export function blockMatchesHeader(header: BlockHeader, result: Uint8Array, transactions: Uint8Array[]): boolean {
  return equalBytes(header.transactionsRoot, transactionsRoot(result, transactions));
}
