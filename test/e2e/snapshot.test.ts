// A chain goes through the world in one file: verified, written, restored, gone on with; and every kind of file that rots is found.

import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { runCommand, startNode } from "./nodeProcess.js";

let directory: string;
let chain: string;

interface Status {
  height: number;
  stateRoot: string;
  blockHash: string;
}

async function statusOf(url: string): Promise<Status> {
  return (await (await fetch(`${url}/v1/status`)).json()) as Status;
}

/** A chain with some payments in it, stopped cleanly. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-snapshot-"));
  chain = join(directory, "chain");
  const node = await startNode(chain, 0);
  const load = ["load", "--url", node.url, "--tills", "10", "--rate", "50", "--seconds", "4", "--seed", "3", "--json"];
  expect((await runCommand(load)).code).toBe(0);
  expect(await node.kill("SIGTERM")).toBe(0);
}, 120_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

async function verify(data: string): Promise<{ code: number | null; answer: Record<string, unknown> }> {
  const { code, stdout } = await runCommand(["verify", "--data", data, "--json"]);
  return { code, answer: JSON.parse(stdout) as Record<string, unknown> };
}

async function copyOf(source: string, name: string): Promise<string> {
  const target = join(directory, name);
  await new Promise<void>((resolve, reject) => {
    execFile("cp", ["-r", source, target], (error) => (error === null ? resolve() : reject(error)));
  });
  return target;
}

async function goOn(data: string, signingAbove: number): Promise<Status> {
  await copyFile(join(chain, "keys.json"), join(data, "keys.json"));
  await copyFile(join(chain, "keys.passphrase"), join(data, "keys.passphrase"));
  const node = await startNode(data, 0, "--signing-above", String(signingAbove));
  try {
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    return await statusOf(node.url);
  } finally {
    expect(await node.kill("SIGTERM")).toBe(0);
  }
}

describe("a sound chain", () => {
  test("is verified from its first block to its history", async () => {
    const { code, answer } = await verify(chain);
    expect(answer).toMatchObject({ sound: true, firstBlock: 1, certificatesUnchecked: 0 });
    expect(answer.certificates).toBe(answer.blocks);
    expect(answer.stateHeight).toBe(answer.lastBlock);
    expect(Number(answer.leaves)).toBeGreaterThan(30);
    expect(code).toBe(0);
  });

  test.each([[["--with-blocks"]], [[]]])(
    "is restored with %j to the same root, verified, and gone on with",
    async (options) => {
      const name = `with${options.length}`;
      const file = join(directory, `${name}.snap`);
      const created = await runCommand(["snapshot", "create", file, "--data", chain, ...options, "--json"]);
      expect(created.stderr).toContain("writing the state");
      const manifest = JSON.parse(created.stdout) as { height: number; stateRoot: string; blockHash: string };
      expect((await runCommand(["snapshot", "inspect", file])).stdout).toContain(manifest.stateRoot);
      const data = join(directory, name);
      const restored = await runCommand([
        "snapshot",
        "restore",
        file,
        "--data",
        data,
        "--block-hash",
        manifest.blockHash,
        "--json",
      ]);
      expect(JSON.parse(restored.stdout)).toMatchObject({
        stateRoot: manifest.stateRoot,
        blocks: options.length > 0 ? manifest.height : 1,
      });
      expect((await verify(data)).answer).toMatchObject({ sound: true, lastBlock: manifest.height });
      const status = await goOn(data, manifest.height);
      expect(status.height).toBeGreaterThan(manifest.height);
      expect((await verify(data)).answer).toMatchObject({ sound: true, lastBlock: expect.any(Number) });
    },
  );

  test("is not restored over anything, nor from another block than the one asked for", async () => {
    const file = join(directory, "refused.snap");
    await runCommand(["snapshot", "create", file, "--data", chain]);
    const over = await runCommand(["snapshot", "restore", file, "--data", chain]);
    expect([over.code, over.stderr]).toEqual([1, expect.stringContaining("to be empty or absent")]);
    const other = await runCommand([
      "snapshot",
      "restore",
      file,
      "--data",
      join(directory, "x"),
      "--block-hash",
      "00".repeat(32),
    ]);
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining("expected a snapshot of block")]);
  });
});

describe("a flipped bit", () => {
  const random = new SeededRandom(9);

  async function flip(path: string, at?: number): Promise<void> {
    const bytes = await readFile(path);
    const bit = at ?? random.below(bytes.length * 8);
    bytes[bit >> 3] ^= 1 << (bit & 7);
    await writeFile(path, bytes);
  }

  test("anywhere in a snapshot is named, and nothing is restored", async () => {
    const sound = join(directory, "sound.snap");
    await runCommand(["snapshot", "create", sound, "--data", chain, "--with-blocks"]);
    const { restoreSnapshot } = await import("../../src/restoreSnapshot.js");
    const { size } = await stat(sound);
    for (let i = 0; i < 12; i++) {
      const rotten = join(directory, "rotten.snap");
      await copyFile(sound, rotten);
      await flip(rotten, i < 3 ? (size - 1 - 20 * i) * 8 : undefined);
      const data = join(directory, "rotten");
      await expect(restoreSnapshot({ file: rotten, dataDirectory: data })).rejects.toThrow(/damaged|no snapshot/);
      expect(await readdir(directory)).not.toContain("rotten");
    }
  });

  test("in the block log is named by verify with file, byte and height, and the node does not start", async () => {
    const data = await copyOf(chain, "rotten-log");
    const [log] = (await readdir(join(data, "blocks"))).filter((name) => name.endsWith(".log"));
    await flip(join(data, "blocks", log), 8 * 5_000);
    const { code, answer } = await verify(data);
    expect(code).toBe(1);
    expect(answer).toMatchObject({ sound: false, damage: { part: "block log" } });
    expect(JSON.stringify(answer.damage)).toMatch(/is damaged at byte \d+, height \d+/);
    await expect(startNode(data, 0)).rejects.toThrow(/is damaged at byte/);
  });

  test("in genesis.json or the signing record is told from a sound one", async () => {
    const data = await copyOf(chain, "rotten-files");
    const genesis = await readFile(join(data, "genesis.json"), "utf8");
    await writeFile(join(data, "genesis.json"), genesis.replace("development", "developmenu"));
    expect((await runCommand(["verify", "--data", data])).stderr).toMatch(/another genesis hash/);
    await writeFile(join(data, "genesis.json"), genesis);
    const record = join(data, "signing-record");
    // Each claim stands there twice: one flipped bit takes none back, two can.
    const bytes = await readFile(record);
    bytes[bytes.length - 70] ^= 1;
    bytes[bytes.length - 5] ^= 1;
    bytes[10] ^= 1;
    bytes[74] ^= 1;
    await writeFile(record, bytes);
    expect((await verify(data)).answer).toMatchObject({ sound: false, damage: { part: "signing record" } });
  });
});
