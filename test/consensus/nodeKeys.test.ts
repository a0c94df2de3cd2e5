// A node's keys on its disk: encrypted, for their owner alone, and not opened by anything but the right passphrase.

import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { toHex, utf8Bytes } from "../../src/base/bytes.js";
import { nodeDisk } from "../../src/base/disk.js";
import { SeededRandom } from "../../src/base/random.js";
import { SecretFileError } from "../../src/base/secretFile.js";
import { delegateKeyOfSeed } from "../../src/consensus/delegateKey.js";
import { NodeKeysError, openNodeKeys, parseNodeKeys, sealNodeKeys } from "../../src/consensus/nodeKeys.js";
import { type ChainFiles, type NewChainOptions, openChainFiles } from "../../src/consensus/solo/chainFiles.js";
import { ed25519 } from "../../src/wasm/ed25519.js";

const random = new SeededRandom(11);
const profile = JSON.parse(
  await readFile(new URL("../../chains/ttchain.json", import.meta.url), "utf8"),
) as NewChainOptions["profile"];

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-keys-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function open(options: Partial<NewChainOptions> = {}): Promise<ChainFiles> {
  return openChainFiles(directory, { profile, delegateCount: 3, random, timeMs: 1, disk: nodeDisk, ...options });
}

test("no seed lies on the disk in the clear, and secrets are their owner's alone", async () => {
  const { keys } = await open();
  const names = ["keys.json", "keys.passphrase", "genesis.json", "signing-record"];
  const files = await Promise.all(names.map((name) => readFile(join(directory, name))));
  for (const seed of [...keys.delegates, keys.faucet!]) {
    for (const bytes of files) {
      expect(bytes.includes(Buffer.from(seed))).toBe(false);
      expect(bytes.toString("latin1")).not.toContain(toHex(seed));
      expect(bytes.toString("latin1")).not.toContain(Buffer.from(seed).toString("base64").slice(0, 40));
    }
  }
  for (const name of ["keys.json", "keys.passphrase"]) {
    expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
  }
  expect((await open()).keys).toEqual(keys);
});

test.each(["keys.json", "keys.passphrase"])("a %s that others can read is refused", async (name) => {
  await open();
  for (const mode of [0o640, 0o604, 0o620]) {
    await chmod(join(directory, name), mode);
    await expect(open()).rejects.toThrow(/others can read .*chmod 600/);
  }
  await chmod(join(directory, name), 0o600);
  await open();
});

test("without its passphrase the keys stay closed", async () => {
  const keysPassphrase = (): Uint8Array => utf8Bytes("a passphrase of somebody's own");
  await open({ keysPassphrase: keysPassphrase() });
  await expect(open()).rejects.toThrow(SecretFileError);
  await expect(open()).rejects.toThrow(/--passphrase-file/);
  await expect(open({ keysPassphrase: utf8Bytes("another") })).rejects.toThrow(/passphrase is wrong/);
  const given = keysPassphrase();
  await open({ keysPassphrase: given });
  expect(given.every((byte) => byte === 0)).toBe(true);
  const { kdf } = parseNodeKeys(await readFile(join(directory, "keys.json"), "utf8"));
  expect(kdf.n).toBe(2 ** 17);
});

test("seeds are wiped once keys are made of them, and a wiped key signs nothing", async () => {
  const { keys, forgetKeys } = await open();
  const key = delegateKeyOfSeed(keys.delegates[0]);
  forgetKeys?.();
  expect([...keys.delegates, keys.faucet!].every((seed) => seed.every((byte) => byte === 0))).toBe(true);
  const message = utf8Bytes("m");
  expect(ed25519.verify(key.sign(message), message, key.publicKey)).toBe(true);
  key.forget();
  expect(() => key.sign(message)).toThrow();
});

test("a changed file opens nothing, whatever was changed in it", async () => {
  const passphrase = utf8Bytes("p");
  const seeds = [{ name: "delegate-1", seed: random.bytes(32) }];
  const text = JSON.stringify(await sealNodeKeys(seeds, passphrase, 2, random));
  expect(await openNodeKeys(parseNodeKeys(text), passphrase)).toEqual(seeds);
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 32, max: 126 }), async (at, code) => {
      const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
      fc.pre(changed !== text && changed.toLowerCase() !== text.toLowerCase());
      await expect((async () => openNodeKeys(parseNodeKeys(changed), passphrase))()).rejects.toThrow(NodeKeysError);
    }),
    { numRuns: 400, seed: 5 },
  );
});

test("keys in the clear are not taken", async () => {
  await open();
  await writeFile(join(directory, "keys.json"), JSON.stringify({ delegates: ["00".repeat(32)], faucet: "00" }));
  await expect(open()).rejects.toThrow(/encrypted keys/);
});
