// Certificates of kind 2 against what CometBFT itself made: header hash, vote bytes, commit; and what must not pass.

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex, utf8Bytes } from "../../src/base/bytes.js";
import { certificateOfCommit } from "../../src/consensus/comet/engineRpc.js";
import { decodeHeader } from "../../src/protocol/block.js";
import {
  type Certificate,
  decodeCertificate,
  encodeCertificate,
  verifyCertificate,
} from "../../src/protocol/certificate.js";
import {
  cometAddress,
  cometChainId,
  cometDataHash,
  cometHeaderHash,
  cometVoteMessage,
  PRECOMMIT,
} from "../../src/protocol/comet.js";
import type { CometCertificate } from "../../src/protocol/cometCertificate.js";
import { CodedError } from "../../src/protocol/errors.js";
import { sha256 } from "../../src/wasm/sha256.js";
import published from "../vectors/comet.json" with { type: "json" };

const bytesOf = (hex: string): Uint8Array => fromHex(hex)!;
const genesisHash = bytesOf(published.genesisHash);
const entries = published.entries.map(bytesOf);
const header = decodeHeader(entries[0]);
const delegates = published.delegates.map((key) => ({ publicKey: bytesOf(key), power: 1 }));
const certificate = decodeCertificate(bytesOf(published.certificate)) as CometCertificate;

function verify(changed: Certificate): void {
  verifyCertificate(changed, header, genesisHash, delegates);
}

describe("what CometBFT made", () => {
  test("its names of chain, entries and header are ours", () => {
    expect(cometChainId(genesisHash)).toBe(published.chainId);
    expect(toHex(cometDataHash(entries))).toBe(published.dataHash);
    const proposerAddress = cometAddress(header.proposer);
    const hash = cometHeaderHash({
      ...certificate,
      chainId: published.chainId,
      height: header.height,
      proposerAddress,
    });
    expect(toHex(hash)).toBe(published.headerHash);
  });

  test("its validators sign the bytes that we compute", () => {
    const { round, partCount, partsHash } = certificate;
    const blockId = { hash: bytesOf(published.headerHash), partCount, partsHash };
    for (const { delegate, time } of certificate.signatures) {
      const address = toHex(cometAddress(delegates[delegate].publicKey)).toUpperCase();
      const message = cometVoteMessage(PRECOMMIT, published.chainId, header.height, round, blockId, time);
      expect(toHex(message)).toBe(published.voteMessages[address as keyof typeof published.voteMessages]);
    }
  });

  test("its commit becomes a certificate that holds, with one encoding", () => {
    const made = certificateOfCommit(published.commit, entries, delegates);
    expect(toHex(encodeCertificate(made))).toBe(published.certificate);
    expect(toHex(encodeCertificate(certificate))).toBe(published.certificate);
    verify(made);
  });
});

describe("a certificate of kind 2 proves nothing", () => {
  const { signatures } = certificate;
  test.each<[string, Partial<CometCertificate>]>([
    ["with two of four signatures", { signatures: signatures.slice(1) }],
    ["with a signature twice", { signatures: [signatures[0], signatures[0], signatures[1]] }],
    [
      "with a vote moved to another delegate",
      { signatures: signatures.map((vote) => ({ ...vote, delegate: 3 - vote.delegate })) },
    ],
    [
      "with another time in a vote",
      { signatures: signatures.map((vote) => ({ ...vote, time: { ...vote.time, seconds: 1 } })) },
    ],
    ["of another round", { round: certificate.round + 1 }],
    ["of other parts", { partsHash: sha256(utf8Bytes("other")) }],
    ["of another result before it", { applicationHash: sha256(utf8Bytes("other")) }],
    ["of other entries", { dataHash: sha256(utf8Bytes("other")) }],
    ["without a path", { path: [] }],
    ["of a longer block", { entryCount: 3 }],
    ["of another moment", { time: { ...certificate.time, seconds: certificate.time.seconds + 1 } }],
  ])("%s", (_, change) => {
    expect(() => verify({ ...certificate, ...change })).toThrow(CodedError);
  });

  test("about another chain, block or set of delegates", () => {
    const others = delegates.map(({ publicKey, power }) => ({ publicKey: sha256(publicKey), power }));
    expect(() => verifyCertificate(certificate, header, sha256(genesisHash), delegates)).toThrow(CodedError);
    expect(() => verifyCertificate(certificate, { ...header, height: 8 }, genesisHash, delegates)).toThrow(CodedError);
    expect(() => verifyCertificate(certificate, header, genesisHash, others)).toThrow(CodedError);
    const signers = new Set(certificate.signatures.map(({ delegate }) => delegate));
    const heavier = delegates.map((delegate, i) => (!signers.has(i) ? { ...delegate, power: 9 } : delegate));
    expect(() => verifyCertificate(certificate, header, genesisHash, heavier)).toThrow(CodedError);
  });

  test("where it is still to come", () => {
    const pending = decodeCertificate(Uint8Array.of(0));
    expect([...encodeCertificate(pending)]).toEqual([0]);
    expect(() => verify(pending)).toThrow("expected more than 2/3");
  });

  test("with any byte changed, or is refused as no certificate", () => {
    const whole = bytesOf(published.certificate);
    // The set's hashes in the engine's header are covered by the header's hash; nothing lies outside of it.
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = whole.slice();
        changed[at] ^= mask;
        expect(() => verify(decodeCertificate(changed))).toThrow(CodedError);
      }),
    );
  });
});
