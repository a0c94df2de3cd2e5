// Key files: what goes in comes out with the passphrase alone, and a changed file is refused.

import { describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { SCRYPT_N } from "../../src/base/passphraseKey.js";
import { Account } from "../../src/client/account.js";
import {
  accountOfSecret,
  decryptKeyFile,
  encryptKeyFile,
  type KeyFile,
  parseKeyFile,
} from "../../src/client/keyFile.js";
import { newMnemonic } from "../../src/client/mnemonic.js";

// A low cost keeps the tests quick; one test below uses the real one.
const CHEAP = { n: 1_024 };
const mnemonic = newMnemonic();

function throughJson(file: KeyFile): KeyFile {
  return parseKeyFile(JSON.parse(JSON.stringify(file)));
}

describe("a key file", () => {
  test("gives the words back at full cost", async () => {
    const file = throughJson(await encryptKeyFile({ mnemonic }, "correct horse"));
    expect(file.kdf.n).toBe(SCRYPT_N);
    expect(SCRYPT_N).toBe(2 ** 17);
    expect(await decryptKeyFile(file, "correct horse")).toEqual({ mnemonic });
  });

  test("gives a single key back, with the address it rules", async () => {
    const account = Account.random();
    const secret = { secretKey: account.exportSecretKey(), address: Account.random().address };
    const file = throughJson(await encryptKeyFile(secret, "p", CHEAP));
    const opened = await decryptKeyFile(file, "p");
    expect(opened).toEqual(secret);
    expect(accountOfSecret(opened).address).toEqual(secret.address);
    expect(() => accountOfSecret(opened, 1)).toThrow("holds one key");
  });

  test("gives words back with the address that their key rules since it replaced another", async () => {
    const address = Account.random().address;
    const opened = await decryptKeyFile(throughJson(await encryptKeyFile({ mnemonic, address }, "p", CHEAP)), "p");
    expect(opened).toEqual({ mnemonic, address });
    expect(accountOfSecret(opened).address).toEqual(address);
    expect(accountOfSecret(opened).publicKey).toEqual(accountOfSecret({ mnemonic }).publicKey);
    expect(accountOfSecret(opened, 1).address).not.toEqual(address);
  });

  test("shows its first address and no secret", async () => {
    const account = Account.random();
    const text = JSON.stringify(await encryptKeyFile({ secretKey: account.exportSecretKey() }, "p", CHEAP));
    expect(text).toContain(account.addressText);
    expect(text).not.toContain(toHex(account.exportSecretKey()));
    expect(JSON.stringify(await encryptKeyFile({ mnemonic }, "p", CHEAP))).not.toContain(mnemonic.slice(0, 20));
  });

  test("refuses a wrong passphrase without repeating it", async () => {
    const file = await encryptKeyFile({ mnemonic }, "right", CHEAP);
    const failure = await decryptKeyFile(file, "wrong-passphrase").catch((error: Error) => error);
    expect(failure).toMatchObject({ code: "BAD_REQUEST", message: expect.stringContaining("passphrase is wrong") });
    expect(String((failure as Error).stack)).not.toContain("wrong-passphrase");
  });

  test("takes a passphrase in either Unicode form", async () => {
    const file = await encryptKeyFile({ mnemonic }, "caf\u00e9", CHEAP);
    expect(await decryptKeyFile(file, "cafe\u0301")).toEqual({ mnemonic });
  });

  test("refuses a file in which anything readable was changed", async () => {
    const file = await encryptKeyFile({ mnemonic }, "p", CHEAP);
    const other = await encryptKeyFile({ mnemonic: newMnemonic() }, "p", CHEAP);
    const changes: KeyFile[] = [
      { ...file, address: other.address },
      { ...file, kdf: { ...file.kdf, n: 2_048 } },
      { ...file, kdf: { ...file.kdf, salt: other.kdf.salt } },
      { ...file, cipher: { ...file.cipher, nonce: other.cipher.nonce } },
      { ...file, ciphertext: other.ciphertext },
    ];
    for (const changed of changes) {
      await expect(decryptKeyFile(throughJson(changed), "p")).rejects.toThrow("changed");
    }
  });

  test("is refused where it asks for absurd costs or is no key file", async () => {
    const file = await encryptKeyFile({ mnemonic }, "p", CHEAP);
    expect(() => parseKeyFile({ ...file, kdf: { ...file.kdf, n: 2 ** 30 } })).toThrow("scrypt cost");
    expect(() => parseKeyFile({ ...file, kdf: { ...file.kdf, n: 1_000 } })).toThrow("scrypt cost");
    expect(() => parseKeyFile({ ...file, kdf: { ...file.kdf, p: 1_000 } })).toThrow("scrypt cost");
    expect(() => parseKeyFile({ ...file, ciphertext: "zz" })).toThrow("ciphertext");
    expect(() => parseKeyFile({ ...file, version: 2 })).toThrow("version 1");
    expect(() => parseKeyFile(null)).toThrow("key file");
    expect(() => parseKeyFile([1])).toThrow("key file");
  });
});
