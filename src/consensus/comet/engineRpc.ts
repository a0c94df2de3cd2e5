// Asks the engine for what proves a block: header and commit from its RPC. The engine has stored both by the time it tells the
// application of the block.

import { request } from "node:http";
import { fromHex } from "../../base/bytes.js";
import { type CometBlockId, type CometTime, cometAddress } from "../../protocol/comet.js";
import { CERTIFICATE_COMET, type CometCertificate, type CometSignature } from "../../protocol/cometCertificate.js";
import type { Delegate } from "../../protocol/delegates.js";
import { merkleProof, sha256 } from "../../wasm/sha256.js";

const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const COMMITTED_FLAG = 2;

export interface BlockIdJson {
  hash: string;
  parts: { total: number; hash: string };
}

interface CommitJson {
  header: {
    version: { block: string; app?: string };
    time: string;
    last_block_id: BlockIdJson;
    last_commit_hash: string;
    data_hash: string;
    validators_hash: string;
    next_validators_hash: string;
    consensus_hash: string;
    app_hash: string;
    last_results_hash: string;
    evidence_hash: string;
  };
  commit: {
    round: number;
    block_id: BlockIdJson;
    signatures: { block_id_flag: number; validator_address: string; timestamp: string; signature: string | null }[];
  };
}

/** A question to the engine's RPC; rejects when it doesn't answer in time. */
export function askEngine(port: number, path: string, timeoutMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, timeout: timeoutMs }, (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      answer.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > ANSWER_BYTES_MAX) {
          asked.destroy(new Error(`the engine's answer to ${path} has more than ${ANSWER_BYTES_MAX} bytes`));
        }
      });
      answer.on("error", reject);
      answer.on("end", () => {
        try {
          const json = JSON.parse(Buffer.concat(chunks).toString()) as { result?: unknown; error?: unknown };
          if (json.result === undefined || json.result === null) {
            throw new Error(`the engine refused ${path}: ${JSON.stringify(json.error)}`);
          }
          resolve(json.result);
        } catch (error) {
          reject(error);
        }
      });
    });
    asked.on("timeout", () => asked.destroy(new Error(`the engine did not answer ${path} within ${timeoutMs} ms`)));
    asked.on("error", reject);
    asked.end();
  });
}

function hex(text: string): Uint8Array {
  const bytes = fromHex(text.toLowerCase());
  if (bytes === undefined) {
    throw new Error(`expected hex in the engine's answer, got "${text}"`);
  }
  return bytes;
}

/** An RFC 3339 time in UTC with up to nine digits of a second's fraction. */
export function parseCometTime(text: string): CometTime {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z$/.exec(text);
  const seconds = match === null ? Number.NaN : Date.parse(`${match[1]}Z`) / 1000;
  if (match === null || !Number.isSafeInteger(seconds)) {
    throw new Error(`expected a time in UTC in the engine's answer, got "${text}"`);
  }
  return { seconds, nanoseconds: Number((match[2] ?? "").padEnd(9, "0")) };
}

/** A block's name as the engine's JSON has it. */
export function blockIdOf({ hash, parts }: BlockIdJson): CometBlockId {
  return { hash: hex(hash), partCount: parts.total, partsHash: hex(parts.hash) };
}

function signaturesOf(commit: CommitJson["commit"], delegates: Delegate[]): CometSignature[] {
  const indexes = new Map(
    delegates.map(({ publicKey }, index) => [Buffer.from(cometAddress(publicKey)).toString("hex"), index]),
  );
  return commit.signatures
    .filter(({ block_id_flag: flag, signature }) => flag === COMMITTED_FLAG && signature !== null)
    .map(({ validator_address: address, timestamp, signature }) => ({
      delegate: indexes.get(address.toLowerCase()) ?? -1,
      time: parseCometTime(timestamp),
      signature: new Uint8Array(Buffer.from(signature ?? "", "base64")),
    }))
    .filter(({ delegate }) => delegate >= 0)
    .sort((a, b) => a.delegate - b.delegate);
}

/** The certificate that an answer to /commit holds, for a block whose entries and delegates are known. */
export function certificateOfCommit(answer: unknown, entries: Uint8Array[], delegates: Delegate[]): CometCertificate {
  const { header, commit } = (answer as { signed_header: CommitJson }).signed_header;
  return {
    kind: CERTIFICATE_COMET,
    blockVersion: Number(header.version.block),
    applicationVersion: Number(header.version.app ?? "0"),
    time: parseCometTime(header.time),
    lastBlockId: blockIdOf(header.last_block_id),
    lastCommitHash: hex(header.last_commit_hash),
    dataHash: hex(header.data_hash),
    validatorsHash: hex(header.validators_hash),
    nextValidatorsHash: hex(header.next_validators_hash),
    consensusHash: hex(header.consensus_hash),
    applicationHash: hex(header.app_hash),
    lastResultsHash: hex(header.last_results_hash),
    evidenceHash: hex(header.evidence_hash),
    round: commit.round,
    partCount: commit.block_id.parts.total,
    partsHash: hex(commit.block_id.parts.hash),
    entryCount: entries.length,
    path: merkleProof(entries.map(sha256), 0),
    signatures: signaturesOf(commit, delegates),
  };
}

/** Asks for the certificate of a height. Rejects where the engine can't give it (yet). */
export async function fetchCertificate(
  port: number,
  height: number,
  entries: Uint8Array[],
  delegates: Delegate[],
  timeoutMs: number,
): Promise<CometCertificate> {
  return certificateOfCommit(await askEngine(port, `/commit?height=${height}`, timeoutMs), entries, delegates);
}
