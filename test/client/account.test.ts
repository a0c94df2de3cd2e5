// Keys: published vectors of BIP-39 and SLIP-0010, and that an account never shows its secret.

import { inspect } from "node:util";
import { mnemonicToSeedSync } from "@scure/bip39";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { Account } from "../../src/client/account.js";
import {
  accountFromMnemonic,
  accountPath,
  checkMnemonic,
  deriveSecretKey,
  newMnemonic,
} from "../../src/client/mnemonic.js";
import { addressOfKey, parseAddress } from "../../src/protocol/address.js";
import { signingMessage } from "../../src/protocol/transaction.js";
import { ed25519 } from "../../src/wasm/ed25519.js";

// SLIP-0010, "Test vector 1 for ed25519" and "Test vector 2 for ed25519".
const SLIP10 = [
  {
    seed: "000102030405060708090a0b0c0d0e0f",
    keys: {
      m: [
        "2b4be7f19ee27bbf30c667b642d5f4aa69fd169872f8fc3059c08ebae2eb19e7",
        "a4b2856bfec510abab89753fac1ac0e1112364e7d250545963f135f2a33188ed",
      ],
      "m/0'": [
        "68e0fe46dfb67e368c75379acec591dad19df3cde26e63b93a8e704f1dade7a3",
        "8c8a13df77a28f3445213a0f432fde644acaa215fc72dcdf300d5efaa85d350c",
      ],
      "m/0'/1'": [
        "b1d0bad404bf35da785a64ca1ac54b2617211d2777696fbffaf208f746ae84f2",
        "1932a5270f335bed617d5b935c80aedb1a35bd9fc1e31acafd5372c30f5c1187",
      ],
    },
  },
  {
    seed: "fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542",
    keys: {
      m: [
        "171cb88b1b3c1db25add599712e36245d75bc65a1a5c9e18d76f9f2b1eab4012",
        "8fe9693f8fa62a4305a140b9764c5ee01e455963744fe18204b4fb948249308a",
      ],
      "m/0'/2147483647'/1'/2147483646'/2'": [
        "551d333177df541ad876a60ea71f00447931c0a9da16f227c11ea080d7391b8d",
        "47150c75db263559a70d5778bf36abbab30fb061ad69f69ece61a72b0cfa4fc0",
      ],
    },
  },
];

// BIP-39's own vectors (python-mnemonic, passphrase "TREZOR"), 24 words.
const BIP39 = [
  {
    mnemonic: `${"abandon ".repeat(23)}art`,
    seed: "bda85446c68413707090a52022edd26a1c9462295029f2e60cd7c4f2bbd3097170af7a4d73245cafa9c3cca8d561a7c3de6f5d4a10be8ed2a5e608d68f92fcc8",
  },
  {
    mnemonic: `${"zoo ".repeat(23)}vote`,
    seed: "dd48c104698c30cfe2b6142103248622fb7bb0ff692eebb00089b32d22484e1613912f0a5b694407be899ffd31ed3992c456cdf60f5d4564b8ba3f05a69890ad",
  },
];

describe("derivation", () => {
  test.each(SLIP10)("gives SLIP-0010's ed25519 keys for seed $seed", ({ seed, keys }) => {
    for (const [path, [secret, publicKey]] of Object.entries(keys)) {
      const derived = deriveSecretKey(fromHex(seed)!, path);
      expect(toHex(derived)).toBe(secret);
      expect(toHex(ed25519.getPublicKey(derived))).toBe(publicKey);
    }
  });

  test.each(BIP39)("gives BIP-39's seed for its words", ({ mnemonic, seed }) => {
    expect(toHex(mnemonicToSeedSync(checkMnemonic(mnemonic), "TREZOR"))).toBe(seed);
  });

  test("takes the documented path, a new account for each index", () => {
    const mnemonic = BIP39[0].mnemonic;
    expect(accountPath(3)).toBe("m/44'/7070'/3'/0'");
    const seed = mnemonicToSeedSync(mnemonic);
    const first = accountFromMnemonic(mnemonic);
    expect(toHex(first.publicKey)).toBe(toHex(ed25519.getPublicKey(deriveSecretKey(seed, "m/44'/7070'/0'/0'"))));
    expect(accountFromMnemonic(mnemonic, 1).addressText).not.toBe(first.addressText);
    expect(accountFromMnemonic(mnemonic, 0, "25th word").addressText).not.toBe(first.addressText);
    expect(() => accountPath(-1)).toThrow("account index");
  });

  test("makes 24 valid words, others each time", () => {
    const mnemonic = newMnemonic();
    expect(mnemonic.split(" ")).toHaveLength(24);
    expect(checkMnemonic(`  ${mnemonic.toUpperCase().replaceAll(" ", "\n")} `)).toBe(mnemonic);
    expect(newMnemonic()).not.toBe(mnemonic);
  });

  test("says where words are wrong without repeating them", () => {
    const words = BIP39[0].mnemonic.split(" ");
    expect(() => checkMnemonic(words.slice(0, 23).join(" "))).toThrow("expected 24 words, got 23");
    expect(() => checkMnemonic([...words.slice(0, 4), "secretword", ...words.slice(5)].join(" "))).toThrow(
      /look at word 5$/,
    );
    expect(() => checkMnemonic(`${"abandon ".repeat(23)}zoo`)).toThrow("checksum");
  });
});

describe("an account", () => {
  const account = Account.random(new SeededRandom(1));

  test("has its key's address and signs bodies for one chain", () => {
    expect(parseAddress(account.addressText)).toEqual(addressOfKey(account.publicKey));
    const body = new Uint8Array(100).fill(7);
    const genesisHash = new Uint8Array(32).fill(1);
    const signature = account.signBody(genesisHash, body);
    expect(ed25519.verify(signature, signingMessage(genesisHash, body), account.publicKey)).toBe(true);
    expect(ed25519.verify(signature, signingMessage(new Uint8Array(32), body), account.publicKey)).toBe(false);
  });

  test("keeps its address when its key is replaced, and gets its own key back", () => {
    const successor = Account.random(new SeededRandom(2));
    const renewed = account.withKeyOf(successor);
    expect(renewed.address).toEqual(account.address);
    expect(renewed.publicKey).toEqual(successor.publicKey);
    expect(renewed.withKeyOf(account).addressText).toBe(account.addressText);
  });

  test("shows no secret when printed or serialized", () => {
    const secret = account.exportSecretKey();
    const shown = [JSON.stringify(account), inspect(account, { depth: 9, showHidden: true }), String(account)].join(
      "\n",
    );
    expect(shown).not.toContain(toHex(secret));
    expect(shown).not.toContain([...secret].slice(0, 6).join(", "));
    expect(shown).toContain(account.addressText);
  });

  test("copies the secret key that it is given", () => {
    const secret = new Uint8Array(32).fill(9);
    const copy = Account.fromSecretKey(secret);
    const expected = copy.signBody(new Uint8Array(32), new Uint8Array(1));
    secret.fill(0);
    expect(copy.signBody(new Uint8Array(32), new Uint8Array(1))).toEqual(expected);
    expect(() => Account.fromSecretKey(new Uint8Array(31))).toThrow("32 bytes of secret key");
  });
});
