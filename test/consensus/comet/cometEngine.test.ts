// The engine's calls on a whole chain in memory, as they come over its socket.

import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeLogger } from "../../../src/base/logging.js";
import { REQUESTS, type RequestName } from "../../../src/consensus/comet/abciMessages.js";
import { FrameCutter } from "../../../src/consensus/comet/abciServer.js";
import { CometEngine } from "../../../src/consensus/comet/cometEngine.js";
import { LateCertificates } from "../../../src/consensus/comet/lateCertificates.js";
import { Outbox } from "../../../src/consensus/comet/outbox.js";
import { Pacing } from "../../../src/consensus/comet/pacing.js";
import { delegateKeyOfSeed } from "../../../src/consensus/delegateKey.js";
import { cometAddress } from "../../../src/protocol/comet.js";
import { lengthDelimited, ProtobufReader, ProtobufWriter } from "../../../src/protocol/protobuf.js";
import { decodeTransaction } from "../../../src/protocol/transaction.js";
import { person, TestChain } from "../../support/testChain.js";
import { verifyBatchHere } from "../../support/verifyBatchHere.js";

const ACCEPT = 1;
const REJECT = 2;
const VOTED = 2;
const TTC = 100_000_000n;
const proposer = person("proposer");

let directory: string;
let chain: TestChain;
let engine: CometEngine;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-comet-"));
  chain = await TestChain.start();
  await chain.submit(chain.payment(person("alice").address, 100n * TTC, 0));
  await chain.engine.start();
  await chain.clock.advance(2_000);
  await chain.engine.stop();
  const { application, mempool, clock, genesisHash, state, blocks } = chain;
  const pacing = new Pacing(clock, {
    intervals: () => ({ blockIntervalMs: 0, heartbeatIntervalMs: 0 }),
    hasWork: () => true,
  });
  const certificates = new LateCertificates({
    rpcPort: 1,
    genesisHash,
    blocks,
    delegatesOf: () => application.delegates,
    onMissing: () => undefined,
  });
  const outbox = new Outbox();
  engine = new CometEngine(
    {
      application,
      mempool,
      outbox,
      pacing,
      certificates,
      snapshots: undefined,
      process: undefined,
      signer: undefined,
      clock,
      logger: makeLogger({ level: "silent" }),
    },
    {
      genesisHash,
      key: delegateKeyOfSeed(proposer.seed.slice()),
      socketPath: join(directory, "abci.sock"),
      relays: false,
      version: "test",
      verifyBatch: verifyBatchHere,
      onMisbehavior: () => undefined,
      onWrongResult: () => undefined,
      retainHeight: () => 0,
      stateRoot: () => state.root,
      engineBlockBytes: () => undefined,
      onCommitted: () => undefined,
      onFailure: (error) => {
        throw error;
      },
    },
  );
  await engine.start();
});

afterEach(async () => {
  await engine.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Sends one request; the body of its response. */
function ask(name: RequestName, body: Uint8Array): Promise<Uint8Array> {
  const field = Number(Object.entries(REQUESTS).find(([, request]) => request.name === name)?.[0]);
  const socket = connect(join(directory, "abci.sock"));
  const cutter = new FrameCutter();
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      for (const frame of cutter.push(chunk)) {
        const reader = new ProtobufReader(frame);
        reader.next();
        resolve(reader.bytes());
        socket.destroy();
      }
    });
    socket.write(lengthDelimited(new ProtobufWriter().message(field, body).finish()));
  });
}

/** What the engine says of the next block, with the votes of these delegates for the block before. */
function nextBlock(writer: ProtobufWriter, signers: number[], fields: { commit: number; flag: number }): Uint8Array {
  const commit = new ProtobufWriter();
  for (const index of signers) {
    const address = cometAddress(chain.application.delegates[index].publicKey);
    const validator = new ProtobufWriter().bytes(1, address).varint(3, 1).finish();
    commit.message(2, new ProtobufWriter().message(1, validator).varint(fields.flag, VOTED).finish());
  }
  const timeMs = chain.application.timeMsMin;
  const time = new ProtobufWriter().varint(1, Math.floor(timeMs / 1000)).varint(2, (timeMs % 1000) * 1e6);
  writer
    .message(fields.commit, commit.finish())
    .varint(5, chain.state.height + 1)
    .message(6, time.finish());
  return writer.bytes(8, cometAddress(proposer.publicKey)).finish();
}

async function prepare(signers: number[], bytesMax = 1_000_000): Promise<Uint8Array[]> {
  const request = nextBlock(new ProtobufWriter().varint(1, bytesMax), signers, { commit: 3, flag: 5 });
  const reader = new ProtobufReader(await ask("prepareProposal", request));
  const entries: Uint8Array[] = [];
  while (reader.next()) {
    entries.push(reader.bytes());
  }
  return entries;
}

async function verdict(entries: Uint8Array[], signers: number[]): Promise<number> {
  const writer = new ProtobufWriter();
  for (const entry of entries) {
    writer.message(1, entry);
  }
  const reader = new ProtobufReader(await ask("processProposal", nextBlock(writer, signers, { commit: 2, flag: 3 })));
  reader.next();
  return reader.varint();
}

test("the same entries with other signers of the block before are another block", async () => {
  const entries = await prepare([0, 1, 2]);
  expect(await verdict(entries, [0, 1, 2])).toBe(ACCEPT);
  expect(await verdict(entries, [0, 1, 3])).toBe(REJECT);
  expect(await verdict(entries, [0, 1, 2])).toBe(ACCEPT);
});

test("a known header with other transactions is another block", async () => {
  await chain.submit(chain.payment(person("bob").address, TTC, 1));
  const entries = await prepare([0, 1, 2]);
  const altered = entries[1].slice();
  altered[altered.length - 1] ^= 1;
  expect(await verdict([entries[0], altered], [0, 1, 2])).toBe(REJECT);
});

test("a transaction that the proposed block can't hold waits until a block is agreed on", async () => {
  const alice = person("alice");
  const replacement = person("alice's next");
  const replace = chain.transaction(
    [alice, replacement],
    [{ kind: "replaceKey", account: 0, publicKey: replacement.publicKey }],
  );
  const pay = chain.transaction(
    [alice],
    [{ kind: "transfer", account: 0, to: person("bob").address, token: "TTC", amount: TTC }],
    { lane: 1 },
  );
  expect(await chain.codes(replace, pay)).toEqual(["OK", "OK"]);
  const { id } = decodeTransaction(pay);
  await prepare([0, 1, 2]);
  expect(chain.mempool.pending(id)).toBeDefined();
  const key = delegateKeyOfSeed(proposer.seed.slice());
  const executed = chain.application.propose(key, chain.application.timeMsMin, 1e6, [0, 1, 2]);
  expect(executed.transactions).toHaveLength(1);
  await chain.application.commit(executed, { kind: 1, signatures: [] });
  expect(chain.mempool.pending(id)).toBeUndefined();
});

test("a block's transactions are those that wait here, and what never came is verified", async () => {
  const [first, second] = [chain.payment(person("bob").address, TTC, 1), chain.payment(person("bob").address, TTC, 2)];
  await chain.submit(first);
  const { transactions, unverified } = chain.mempool.ofBlock([first, second]);
  expect(transactions[0]).toBe(chain.mempool.pending(transactions[0].id));
  expect(unverified.map(({ transaction }) => transaction)).toEqual([transactions[1]]);
  const admitted = chain.submit(second);
  const [{ transaction, verdict: coming }] = chain.mempool.ofBlock([second]).unverified;
  expect([transaction.id, await coming]).toEqual([transactions[1].id, true]);
  await admitted;
});

test("a proposal of many small transactions is within what the engine says, lengths and all", async () => {
  const payments = Array.from({ length: 1_000 }, (_, i) => chain.payment(person("bob").address, TTC, 1 + i));
  await chain.submit(...payments);
  const bytesMax = 900 * payments[0].length;
  const entries = await prepare([0, 1, 2], bytesMax);
  const bytes = entries.reduce((sum, entry) => sum + entry.length, 0);
  expect(bytes).toBeLessThanOrEqual(bytesMax);
  expect(bytes).toBeGreaterThan(bytesMax - 2_000);
});
