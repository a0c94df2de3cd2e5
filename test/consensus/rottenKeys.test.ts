// Bits that flip in the files of keys: each flip is refused, or changed nothing that the file says. None gives another key.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { toHex, utf8Bytes } from "../../src/base/bytes.js";
import { nodeDisk } from "../../src/base/disk.js";
import { SeededRandom } from "../../src/base/random.js";
import { NodeKeysError, openNodeKeys, parseNodeKeys, sealNodeKeys } from "../../src/consensus/nodeKeys.js";
import { type NewChainOptions, openChainFiles } from "../../src/consensus/solo/chainFiles.js";
import { ApiKeyFileError, formatApiKeys, makeApiKey, parseApiKeys } from "../../src/storage/apiKeyFile.js";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ttchain-rotten-keys-"));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** The text with each of its bits flipped, one at a time, as a file's reader gets it. */
function* flipped(text: string): Generator<string> {
  const bytes = utf8Bytes(text);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    bytes[bit >> 3] ^= 1 << (bit & 7);
    yield new TextDecoder().decode(bytes);
    bytes[bit >> 3] ^= 1 << (bit & 7);
  }
}

test("every bit of a node's sealed keys", async () => {
  const random = new SeededRandom(5);
  const passphrase = utf8Bytes("p");
  const seeds = ["delegate-1", "faucet"].map((name) => ({ name, seed: random.bytes(32) }));
  const text = `${JSON.stringify(await sealNodeKeys(seeds, passphrase, 2, random), null, 2)}\n`;
  let refused = 0;
  let bits = 0;
  for (const rotten of flipped(text)) {
    bits++;
    try {
      expect(await openNodeKeys(parseNodeKeys(rotten), passphrase)).toEqual(seeds);
    } catch (error) {
      expect(error).toBeInstanceOf(NodeKeysError);
      refused++;
    }
  }
  // The rest are white space and the case of hex digits.
  expect(refused / bits).toBeGreaterThan(0.8);
});

test("every bit of the file of API keys", () => {
  const random = new SeededRandom(6);
  const records = [
    makeApiKey("prometheus", ["metrics"], 1_700_000_000_000, random).record,
    makeApiKey("fleet", ["metrics", "unlimited"], 1_700_000_000_001, random).record,
  ];
  const text = formatApiKeys(records);
  expect(parseApiKeys(text)).toEqual(records);
  let refused = 0;
  for (const rotten of flipped(text)) {
    try {
      expect(parseApiKeys(rotten)).toEqual(records);
    } catch (error) {
      expect(error).toBeInstanceOf(ApiKeyFileError);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(0.8 * 8 * text.length);
});

test("bits of the passphrase beside the keys, and of the keys in their directory", async () => {
  const profile = JSON.parse(
    await readFile(new URL("../../chains/ttchain.json", import.meta.url), "utf8"),
  ) as NewChainOptions["profile"];
  const random = new SeededRandom(7);
  const open = () => openChainFiles(directory, { profile, delegateCount: 2, random, timeMs: 1, disk: nodeDisk });
  const sound = (await open()).keys.delegates.map(toHex);
  for (const name of ["keys.passphrase", "keys.json"]) {
    const path = join(directory, name);
    const bytes = await readFile(path);
    for (let i = 0; i < 20; i++) {
      const rotten = Uint8Array.from(bytes);
      const bit = random.below(8 * (bytes.length - 1));
      rotten[bit >> 3] ^= 1 << (bit & 7);
      await writeFile(path, rotten);
      try {
        expect((await open()).keys.delegates.map(toHex)).toEqual(sound);
        expect(name).toBe("keys.json");
      } catch (error) {
        expect(error).toBeInstanceOf(NodeKeysError);
      }
    }
    await writeFile(path, bytes);
  }
  expect((await open()).keys.delegates.map(toHex)).toEqual(sound);
});
