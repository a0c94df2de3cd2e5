// Signing for the engine: the bytes are CometBFT's own, and over crashes, repeated and contradicting requests no two different messages are
// ever signed at one height, round and step.

import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../../src/base/bytes.js";
import { systemClock } from "../../../src/base/clock.js";
import { makeLogger } from "../../../src/base/logging.js";
import { SeededRandom } from "../../../src/base/random.js";
import { FrameCutter } from "../../../src/consensus/comet/abciServer.js";
import { SignerConnection } from "../../../src/consensus/comet/signerConnection.js";
import { decodeSignerRequest, partTime } from "../../../src/consensus/comet/signerMessages.js";
import { noteOf, VoteSigner } from "../../../src/consensus/comet/voteSigner.js";
import { delegateKeyOfSeed } from "../../../src/consensus/delegateKey.js";
import { SigningRecord } from "../../../src/consensus/signingRecord.js";
import { cometChainId, cometProposalMessage, cometVoteMessage } from "../../../src/protocol/comet.js";
import { CodedError } from "../../../src/protocol/errors.js";
import { lengthDelimited, ProtobufReader, ProtobufWriter } from "../../../src/protocol/protobuf.js";
import { sha256 } from "../../../src/wasm/sha256.js";
import { SimulatedCrash, SimulatedDisk } from "../../storage/simulatedDisk.js";
import vectors from "../../vectors/signer.json" with { type: "json" };

const logger = makeLogger({ level: "silent" });
const bytesOf = (hex: string): Uint8Array => fromHex(hex) as Uint8Array;
const genesisHash = bytesOf(vectors.genesisHash);
const key = delegateKeyOfSeed(bytesOf(vectors.seed));
const chainId = new TextEncoder().encode(cometChainId(genesisHash));

async function openSigner(disk: SimulatedDisk, mayHaveSigned: boolean): Promise<VoteSigner> {
  const options = { directory: "/signer", belongsTo: key.publicKey, heightOfLog: 0, mayHaveSigned };
  return new VoteSigner({ genesisHash, key, record: await SigningRecord.open(disk, options), logger });
}

/** The fields of a message that are messages or bytes, by number. */
function fieldsOf(message: Uint8Array): Map<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>();
  const reader = new ProtobufReader(message);
  while (reader.next()) {
    try {
      fields.set(reader.field, reader.bytes());
    } catch {
      reader.skip();
    }
  }
  return fields;
}

/** The signature of a vote's or proposal's answer; undefined where it was refused. */
function signatureOf(answer: Uint8Array): Uint8Array | undefined {
  const [[field, content]] = fieldsOf(answer);
  const fields = fieldsOf(content);
  return fields.has(2) ? undefined : fieldsOf(fields.get(1) as Uint8Array).get(field === 6 ? 7 : 8);
}

interface Asked {
  height: number;
  round: number;
  /** 1: proposal, 2: prevote, 3: precommit. */
  step: number;
  /** 0: none. */
  block: number;
  seconds: number;
}

function encodeAsked({ height, round, step, block, seconds }: Asked): Uint8Array {
  const parts = new ProtobufWriter();
  const id = new ProtobufWriter();
  if (block > 0) {
    parts.varint(1, 1).bytes(2, sha256(Uint8Array.of(block, 1)));
    id.bytes(1, sha256(Uint8Array.of(block)));
  }
  id.message(2, parts.finish());
  const time = new ProtobufWriter().varint(1, seconds).finish();
  const isProposal = step === 1;
  const signed = new ProtobufWriter()
    .varint(1, isProposal ? 32 : step - 1)
    .varint(2, height)
    .varint(3, round);
  if (isProposal) {
    signed.signedVarint(4, -1).message(5, id.finish()).message(6, time);
  } else {
    signed.message(4, id.finish()).message(5, time);
  }
  const request = new ProtobufWriter().message(1, signed.finish()).bytes(2, chainId).finish();
  return new ProtobufWriter().message(isProposal ? 5 : 3, request).finish();
}

test("requests of CometBFT get the answers that its own signer gives, byte for byte", async () => {
  const signer = await openSigner(new SimulatedDisk(new SeededRandom(1)), false);
  for (const { name, request, answer, refused } of vectors.steps) {
    const given = await signer.answer(bytesOf(request));
    if (refused) {
      // Why is said in words of one's own.
      const [[field, content]] = fieldsOf(given);
      expect([name, field, fieldsOf(content).has(2)]).toEqual([
        name,
        fieldsOf(bytesOf(answer)).keys().next().value,
        true,
      ]);
    } else {
      expect([name, toHex(given)]).toEqual([name, answer]);
    }
  }
});

test("a record that begins with what an engine signed gives that again, with its first time, and nothing else there", async () => {
  for (const step of [1, 2, 3]) {
    const asked = { height: 300, round: 2, step, block: 7, seconds: 1_795_000_000 };
    const first = new SimulatedDisk(new SeededRandom(step));
    const answer = await (await openSigner(first, false)).answer(encodeAsked(asked));
    // What the engine keeps: the signed bytes.
    const request = decodeSignerRequest(encodeAsked(asked));
    const time = { seconds: asked.seconds, nanoseconds: 0 };
    const name = cometChainId(genesisHash);
    const signed =
      request.name === "proposal"
        ? cometProposalMessage(name, request.proposal, time)
        : request.name === "vote"
          ? cometVoteMessage(step - 1, name, asked.height, asked.round, request.vote.blockId, time)
          : new Uint8Array(0);
    const parted = partTime(signed);
    expect(parted.time).toEqual(time);
    const disk = new SimulatedDisk(new SeededRandom(step));
    const place = { height: asked.height, round: asked.round, step };
    const note = noteOf(parted.time);
    await disk.makeDirectory();
    await SigningRecord.begin(disk, "/signer", key.publicKey, { place, message: parted.message, note });
    const signer = await openSigner(disk, true);
    expect(signatureOf(await signer.answer(encodeAsked({ ...asked, block: 8 })))).toBeUndefined();
    expect(toHex(await signer.answer(encodeAsked({ ...asked, seconds: asked.seconds + 9 })))).toBe(toHex(answer));
    expect(signatureOf(await signer.answer(encodeAsked({ ...asked, round: 1 })))).toBeUndefined();
  }
});

test("over crashes between record and answer one message is signed at one place, and the chain can go on", async () => {
  for (let seed = 0; seed < 150; seed++) {
    const random = new SeededRandom(seed);
    const disk = new SimulatedDisk(random);
    let signer = await openSigner(disk, false);
    const given = new Map<string, string>();
    let [height, signatures] = [1, 0];
    for (let crash = 0; crash < 4; crash++) {
      disk.crashAt = disk.operations + 1 + random.below(30);
      try {
        for (;;) {
          height += random.below(2);
          const asked = {
            height: Math.max(1, height - random.below(2)),
            round: random.below(2),
            step: 1 + random.below(3),
            block: 1 + random.below(2),
            seconds: 1 + random.below(1_000),
          };
          const signature = signatureOf(await signer.answer(encodeAsked(asked)));
          if (signature !== undefined) {
            const place = `${asked.height}/${asked.round}/${asked.step}`;
            // ed25519 signs alike what is alike: another signature would be another message, were it only by its time.
            expect(given.get(place) ?? toHex(signature)).toBe(toHex(signature));
            given.set(place, toHex(signature));
            signatures++;
          }
        }
      } catch (error) {
        expect(error).toBeInstanceOf(SimulatedCrash);
      }
      disk.restart(random.chance(1, 2) ? "power" : "kill");
      signer = await openSigner(disk, true);
      height++;
      expect(
        signatureOf(await signer.answer(encodeAsked({ height, round: 9, step: 3, block: 1, seconds: 5 }))),
      ).toBeDefined();
      height++;
    }
    expect(signatures).toBeGreaterThan(0);
  }
});

test("a vote that was asked for before a crash is signed with its first time after it", async () => {
  const disk = new SimulatedDisk(new SeededRandom(2));
  const asked = { height: 3, round: 0, step: 2, block: 1, seconds: 100 };
  const before = await (await openSigner(disk, false)).answer(encodeAsked(asked));
  disk.restart("power");
  const signer = await openSigner(disk, true);
  expect(await signer.answer(encodeAsked({ ...asked, seconds: 200 }))).toEqual(before);
  expect(signatureOf(await signer.answer(encodeAsked({ ...asked, block: 2 })))).toBeUndefined();
  expect(signatureOf(await signer.answer(encodeAsked({ ...asked, block: 0 })))).toBeUndefined();
});

test("a disk that fails lets no signature out, then or later", async () => {
  const disk = new SimulatedDisk(new SeededRandom(3));
  const signer = await openSigner(disk, false);
  disk.failingSyncs = 1;
  const asked = { height: 1, round: 0, step: 1, block: 1, seconds: 1 };
  await expect(signer.answer(encodeAsked(asked))).rejects.toThrow("EIO");
  await expect(signer.answer(encodeAsked({ ...asked, height: 2 }))).rejects.toThrow("EIO");
});

test("the record of another key is not signed with", async () => {
  const disk = new SimulatedDisk(new SeededRandom(4));
  await openSigner(disk, false);
  const options = { directory: "/signer", belongsTo: new Uint8Array(32), heightOfLog: 0, mayHaveSigned: true };
  await expect(SigningRecord.open(disk, options)).rejects.toThrow(/belongs to another/);
});

test("any bytes are a request or refused with a code", () => {
  const one = bytesOf(vectors.steps[3].request);
  const changed = fc.tuple(fc.nat(one.length - 1), fc.nat(255)).map(([at, value]) => one.with(at, value));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), changed), (bytes) => {
      try {
        decodeSignerRequest(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(CodedError);
      }
    }),
  );
});

describe("the connection to the engine", () => {
  const closing: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) {
      await close();
    }
  });

  /** Listens as an engine does and asks one thing. */
  async function engineAsks(path: string, request: Uint8Array): Promise<Uint8Array> {
    let server: Server | undefined;
    let socket: Socket | undefined;
    const answer = await new Promise<Uint8Array>((resolve) => {
      server = createServer((connected) => {
        socket = connected;
        const cutter = new FrameCutter();
        connected.on("data", (chunk) => cutter.push(chunk).forEach(resolve));
        connected.write(lengthDelimited(request));
      }).listen(path);
    });
    socket?.destroy();
    await new Promise((resolve) => server?.close(resolve));
    return answer;
  }

  test("is made when the engine comes, and again when another one does", async () => {
    const directory = await mkdtemp(join(tmpdir(), "ttchain-signer-"));
    closing.push(() => rm(directory, { recursive: true, force: true }));
    const socketPath = join(directory, "signer.sock");
    const signer = await openSigner(new SimulatedDisk(new SeededRandom(5)), false);
    const failures: unknown[] = [];
    const connection = new SignerConnection({
      socketPath,
      answer: (frame) => signer.answer(frame),
      clock: systemClock,
      onFailure: (error) => failures.push(error),
    });
    closing.push(() => connection.stop());
    connection.start();
    for (const { request, answer } of [vectors.steps[0], vectors.steps[1]]) {
      expect(toHex(await engineAsks(socketPath, bytesOf(request)))).toBe(answer);
    }
    expect(failures).toEqual([]);
  });
});
