// A node that follows: what it executes and what it takes on the delegates' word, whom it passes over, and where it stops.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { fromHex, toHex } from "../../src/base/bytes.js";
import { makeLogger } from "../../src/base/logging.js";
import type { Random } from "../../src/base/random.js";
import { type BlockSource, FollowEngine } from "../../src/consensus/follow/followEngine.js";
import { AUDIT_PART, type VerifyMode, VerifyPolicy } from "../../src/consensus/follow/verifyMode.js";
import { UnseenTransactions } from "../../src/consensus/unseenTransactions.js";
import { keepWrongResult } from "../../src/consensus/wrongResult.js";
import { decodeResult, resultMessage } from "../../src/protocol/block.js";
import { CERTIFICATE_PENDING, CERTIFICATE_SOLO } from "../../src/protocol/certificate.js";
import { accountKey, decodeAccountLeaf, encodeAccountLeaf } from "../../src/protocol/stateLeaves.js";
import { decodeWriteSet, encodeWriteSet, writeSetHash } from "../../src/protocol/writeSet.js";
import { readAccount } from "../../src/state/views.js";
import { type CommittedBlock, encodeCommittedBlock } from "../../src/storage/committedBlock.js";
import { ed25519 } from "../../src/wasm/ed25519.js";
import { agreedLie } from "../support/agreedLie.js";
import { person, TestChain } from "../support/testChain.js";
import { verifyBatchHere } from "../support/verifyBatchHere.js";

const TTC = 100_000_000n;
const bob = person("bob");
const stop: (() => Promise<void>)[] = [];
let evidence: string | undefined;

afterEach(async () => {
  for (const one of stop.splice(0)) {
    await one();
  }
  if (evidence !== undefined) {
    await rm(evidence, { recursive: true, force: true });
    evidence = undefined;
  }
});

/** Gives these bytes in turn, and the last one for ever. */
function scripted(...values: number[]): Random {
  let at = 0;
  return { bytes: () => Uint8Array.of(values[Math.min(at++, values.length - 1)]) };
}

/** A chain that made `count` blocks, each with a payment to Bob. */
async function madeChain(count: number): Promise<TestChain> {
  const chain = await TestChain.start();
  await chain.engine.start();
  for (let sequence = 0; sequence < count; sequence++) {
    await chain.submit(chain.payment(bob.address, TTC, sequence));
    await chain.clock.advance(150);
  }
  await chain.engine.stop();
  return chain;
}

interface Follower {
  chain: TestChain;
  engine: FollowEngine;
  /** Heights that it executed; it took the results of all others. */
  executed: number[];
  failures: unknown[];
  passedOver: number;
}

interface FollowerOptions {
  mode: VerifyMode;
  random?: Random;
  /** The record that is served for a height. */
  serve: (height: number, passedOver: number) => Uint8Array | undefined;
}

async function follower({ mode, random = scripted(255), serve }: FollowerOptions): Promise<Follower> {
  const chain = await TestChain.start();
  evidence ??= await mkdtemp(join(tmpdir(), "ttchain-follow-"));
  const directory = evidence;
  const made: Omit<Follower, "engine"> = { chain, executed: [], failures: [], passedOver: 0 };
  const source: BlockSource = {
    read: async (height) => serve(height, made.passedOver),
    passOver: () => {
      made.passedOver++;
    },
  };
  const { application, clock, genesisHash, mempool } = chain;
  const unseen = new UnseenTransactions(mempool, verifyBatchHere, genesisHash);
  const engine = new FollowEngine(
    {
      application,
      source,
      relay: { stop: () => undefined },
      policy: new VerifyPolicy(mode, clock, random),
      clock,
      logger: makeLogger({ level: "silent" }),
    },
    {
      genesisHash,
      readVerified: (encoded) => {
        made.executed.push(application.height + 1);
        return unseen.read(encoded);
      },
      onWrongResult: ({ block, certificate }) => keepWrongResult(directory, block, certificate),
      onCommitted: (block) => chain.committed.push(block),
      onFailure: (error) => made.failures.push(error),
    },
  );
  stop.push(() => engine.stop());
  return Object.assign(made, { engine });
}

function recordsOf(blocks: CommittedBlock[]): FollowerOptions["serve"] {
  return (height) => blocks[height - 1] && encodeCommittedBlock(blocks[height - 1]);
}

/** Sets the follower's clock to so much after a block's time. */
function behind({ clock }: TestChain, block: CommittedBlock, ms: number): Promise<void> {
  return clock.advance(block.block.header.timeMs + ms - clock.nowMs());
}

test.each(["execute", "result", "auto"] as const)(
  "a follower of mode %s has the chain's blocks and roots",
  async (mode) => {
    const chain = await madeChain(6);
    const node = await follower({ mode, serve: recordsOf(chain.committed) });
    await behind(node.chain, chain.committed[5], 1_000);
    await node.engine.start();
    await node.chain.clock.advance(1_000);
    expect(node.failures).toEqual([]);
    const { height } = chain.state;
    expect(toHex(node.chain.state.root)).toBe(toHex(chain.state.root));
    expect(node.chain.committed.map(encodeCommittedBlock)).toEqual(chain.committed.map(encodeCommittedBlock));
    expect(readAccount(node.chain.state, bob.address)?.balances[0]).toBe(6n * TTC);
    expect(node.executed).toEqual(mode === "result" ? [] : Array.from({ length: height }, (_, i) => i + 1));
    expect(node.engine.isFollowing).toBe(true);
  },
);

test("auto takes results while it lags, executes the sample that its own chance picks, and executes all once it has caught up", async () => {
  const chain = await madeChain(6);
  await chain.clock.advance(20_000);
  await chain.engine.start();
  await chain.clock.advance(150);
  await chain.engine.stop();
  const blocks = chain.committed;
  const last = blocks[blocks.length - 1];
  expect(last.block.header.timeMs - blocks[5].block.header.timeMs).toBeGreaterThan(15_000);
  const sampled = 256 / AUDIT_PART - 1;
  const node = await follower({
    mode: "auto",
    random: scripted(sampled + 1, sampled, 255, 255, 0, 255),
    serve: recordsOf(blocks),
  });
  await behind(node.chain, last, 1_000);
  await node.engine.start();
  await node.chain.clock.advance(1_000);
  expect(node.failures).toEqual([]);
  expect(node.executed).toEqual([2, 5, ...blocks.slice(blocks.indexOf(last)).map(({ height }) => height)]);
  expect(toHex(node.chain.state.root)).toBe(toHex(chain.state.root));
});

async function expectRefused(node: Follower, lie: CommittedBlock): Promise<void> {
  await node.engine.start();
  await node.chain.clock.advance(2_000);
  // Files are written in their own time.
  for (let tries = 0; node.failures.length === 0 && tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(node.failures).toMatchObject([{ code: "BAD_RESULT" }]);
  expect(node.chain.state.height).toBe(lie.height - 1);
  const [name] = await readdir(evidence!);
  expect(name).toMatch(new RegExp(`^wrong-result-${lie.height}-[0-9a-f]{40}\\.hex$`));
  const kept = fromHex((await readFile(join(evidence!, name), "utf8")).trim())!;
  const record = decodeResult(kept.slice(113, 113 + lie.block.result.length));
  expect(ed25519.verify(record.signature, resultMessage(node.chain.genesisHash, record), record.proposer)).toBe(true);
  expect(toHex(record.stateRoot)).toBe(toHex(decodeResult(lie.block.result).stateRoot));
}

test.each(["execute", "result"] as const)(
  "mode %s refuses a root that the write set does not give, and keeps the signed record",
  async (mode) => {
    const chain = await madeChain(3);
    const lie = agreedLie(chain, chain.committed[2], ({ record }) => {
      record.stateRoot[0] ^= 1;
    });
    await expectRefused(await follower({ mode, serve: recordsOf([...chain.committed.slice(0, 2), lie]) }), lie);
  },
);

test("a consistent lie, which only executing shows, is found by auto's sample", async () => {
  const chain = await madeChain(3);
  const lie = agreedLie(chain, chain.committed[2], (block) => {
    const changes = decodeWriteSet(block.writeSet);
    const own = changes.find(({ key }) => toHex(key) === toHex(accountKey(bob.address)))!;
    const leaf = decodeAccountLeaf(own.value!);
    own.value = encodeAccountLeaf({ ...leaf, balances: [leaf.balances[0] + TTC, leaf.balances[1], leaf.balances[2]] });
    block.writeSet = encodeWriteSet(changes);
    block.record.writeSetHash = writeSetHash(block.writeSet);
    block.record.stateRoot = rootWith(chain, block.writeSet);
  });
  const serve = recordsOf([...chain.committed.slice(0, 2), lie]);
  const trusting = await follower({ mode: "result", serve });
  await trusting.engine.start();
  await trusting.chain.clock.advance(1_000);
  expect(trusting.chain.state.height).toBe(3);
  const node = await follower({ mode: "auto", random: scripted(255, 255, 0), serve });
  await behind(node.chain, lie, 60_000);
  await expectRefused(node, lie);
  expect(node.executed).toEqual([3]);
});

/** The root after the write set on the state before the chain's last block. */
function rootWith(chain: TestChain, writeSet: Uint8Array): Uint8Array {
  // The lie changes leaves that the honest block changes too, so that it can stand on the state after it.
  return chain.state.prepare(decodeWriteSet(writeSet)).root;
}

test("a peer that serves what was not agreed on is passed over, and the next one's block taken", async () => {
  const chain = await madeChain(2);
  const [first, second] = chain.committed;
  const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte));
  const lies: Uint8Array[] = [
    new Uint8Array(0),
    encodeCommittedBlock(second),
    encodeCommittedBlock({ ...first, hash: flip(first.hash) }),
    encodeCommittedBlock({ ...first, writeSet: encodeWriteSet([]) }),
    encodeCommittedBlock({ ...first, receipts: first.receipts.map(flip) }),
    encodeCommittedBlock({ ...first, receipts: [] }),
    encodeCommittedBlock({ ...first, block: { ...first.block, transactions: [] } }),
    encodeCommittedBlock({ ...first, certificate: { kind: CERTIFICATE_PENDING, signatures: [] } }),
    encodeCommittedBlock({ ...first, certificate: { kind: CERTIFICATE_SOLO, signatures: [] } }),
    encodeCommittedBlock({
      ...first,
      certificate: { kind: CERTIFICATE_SOLO, signatures: first.certificate.signatures.slice(0, 2) as never },
    }),
  ];
  const honest = recordsOf(chain.committed);
  for (const mode of ["execute", "result"] as const) {
    const node = await follower({
      mode,
      serve: (height, passedOver) => (passedOver < lies.length ? lies[passedOver] : honest(height, passedOver)),
    });
    await node.engine.start();
    await node.chain.clock.advance(200 * (lies.length + 2));
    expect(node.failures).toEqual([]);
    expect(node.passedOver).toBe(lies.length);
    expect(toHex(node.chain.state.root)).toBe(toHex(chain.state.root));
  }
});
