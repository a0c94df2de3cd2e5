// A validator that prunes all it may still judges evidence against a height whose block is gone, puts it into a block and reports it.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { parseCometTime } from "../../src/consensus/comet/engineRpc.js";
import { delegateSeed } from "../../src/nodeHome.js";
import { cometAddress, cometChainId, cometVoteMessage, PRECOMMIT } from "../../src/protocol/comet.js";
import { type Genesis, genesisHash } from "../../src/protocol/genesis.js";
import { ed25519 } from "../../src/wasm/ed25519.js";
import { engineIsInstalled, prepareTestnet, sleep, type TestnetNode } from "./testnet.js";

let directory: string;
let node: TestnetNode | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-pruned-"));
});

afterEach(async () => {
  await node?.kill("SIGKILL");
  await rm(directory, { recursive: true, force: true });
});

const upper = (bytes: Uint8Array): string => toHex(bytes).toUpperCase();

/** Two precommits of one height and round for different blocks, as the engine's RPC takes them. */
async function doubleVote(home: string, height: number, power: string, headerTime: string): Promise<object> {
  const seed = await delegateSeed(home, undefined);
  const genesis = JSON.parse(await readFile(join(home, "genesis.json"), "utf8")) as Genesis;
  const chainId = cometChainId(genesisHash(genesis));
  const vote = (mark: number): object => {
    const blockId = { hash: new Uint8Array(32).fill(mark), partCount: 1, partsHash: new Uint8Array(32).fill(mark + 1) };
    const message = cometVoteMessage(PRECOMMIT, chainId, height, 0, blockId, parseCometTime(headerTime));
    return {
      type: PRECOMMIT,
      height: `${height}`,
      round: 0,
      block_id: { hash: upper(blockId.hash), parts: { total: 1, hash: upper(blockId.partsHash) } },
      timestamp: headerTime,
      validator_address: upper(cometAddress(ed25519.getPublicKey(seed))),
      validator_index: 0,
      signature: Buffer.from(ed25519.sign(message, seed)).toString("base64"),
      extension: null,
      extension_signature: null,
    };
  };
  const value = { vote_a: vote(1), vote_b: vote(3), TotalVotingPower: power, ValidatorPower: power };
  return { type: "tendermint/DuplicateVoteEvidence", value: { ...value, Timestamp: headerTime } };
}

describe.skipIf(!engineIsInstalled)("a validator that prunes", () => {
  test("judges and reports evidence against a height whose block is gone", async () => {
    [node] = await prepareTestnet(directory, 1);
    await node.start("--retain-blocks", "1");
    await node.reach(2);
    const { rpcPort } = JSON.parse(await readFile(join(node.home, "node.json"), "utf8")) as { rpcPort: number };
    const ask = async <T>(method: string, params: object = {}): Promise<{ result: T; error?: { data: string } }> => {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
      const answer = await fetch(`http://127.0.0.1:${rpcPort}`, { method: "POST", body });
      return (await answer.json()) as { result: T; error?: { data: string } };
    };
    const { header } = (await ask<{ header: { height: string; time: string } }>("header")).result;
    const { validators } = (await ask<{ validators: { voting_power: string }[] }>("validators")).result;
    const height = Number(header.height);
    await node.reach(height + 3);
    expect((await ask("block", { height: `${height}` })).error?.data).toContain("is not available");

    const power = validators[0].voting_power;
    // A height whose header is not as it says.
    const wrong = await doubleVote(node.home, height, power, "2020-01-01T00:00:00Z");
    expect((await ask("broadcast_evidence", { evidence: wrong })).error?.data).toContain("different time");
    const evidence = await doubleVote(node.home, height, power, header.time);
    expect((await ask<{ hash: string }>("broadcast_evidence", { evidence })).result.hash).toHaveLength(44);
    const written = async (): Promise<string[]> => readdir(join(node!.home, "evidence")).catch(() => []);
    for (let tries = 0; (await written()).length === 0 && tries < 200; tries++) {
      await sleep(100);
    }
    expect((await written())[0]).toMatch(new RegExp(`^${height}-`));
  }, 90_000);
});
