// The wallet's key on this device: encrypted with a passphrase in the browser's storage, open in memory only while it is used.
// The key file is the SDK's own, so that the command line opens it too.

import { type Account, accountOfSecret, decryptKeyFile, encryptKeyFile, type KeyFile, parseKeyFile } from "ttchain";
import { createStore } from "../store.js";

const STORAGE_KEY = "ttchain.wallet";
const IDLE_LOCK_MS = 5 * 60_000;
const IDLE_CHECK_MS = 5_000;

/** The open account; undefined while locked. */
export const openAccount = createStore<Account | undefined>(undefined);

function readKeyFile(): KeyFile | undefined {
  const text = localStorage.getItem(STORAGE_KEY);
  try {
    return text === null ? undefined : parseKeyFile(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What is stored; undefined where there is no wallet on this device. */
export const storedKeyFile = createStore<KeyFile | undefined>(readKeyFile());

addEventListener("storage", (event) => {
  if (event.key === STORAGE_KEY) {
    storedKeyFile.set(readKeyFile());
    lock();
  }
});

let lastUseMs = 0;
let idleTimer: ReturnType<typeof setInterval> | undefined;

function used(): void {
  lastUseMs = Date.now();
}

function opened(account: Account): void {
  openAccount.set(account);
  used();
  idleTimer ??= setInterval(() => {
    if (Date.now() - lastUseMs >= IDLE_LOCK_MS) {
      lock();
    }
  }, IDLE_CHECK_MS);
}

for (const event of ["pointerdown", "keydown"]) {
  addEventListener(event, used, { passive: true });
}

export function lock(): void {
  openAccount.set(undefined);
  clearInterval(idleTimer);
  idleTimer = undefined;
}

/** Encrypts the words for this device and opens the wallet. */
export async function createWallet(mnemonic: string, passphrase: string): Promise<void> {
  const file = await encryptKeyFile({ mnemonic }, passphrase);
  localStorage.setItem(STORAGE_KEY, JSON.stringify(file));
  storedKeyFile.set(file);
  opened(accountOfSecret({ mnemonic }));
}

/** Throws BAD_REQUEST where the passphrase is wrong. */
export async function unlock(passphrase: string): Promise<Account> {
  const file = readKeyFile();
  if (file === undefined) {
    throw new Error("there is no wallet on this device");
  }
  const account = accountOfSecret(await decryptKeyFile(file, passphrase));
  opened(account);
  return account;
}

export function removeWallet(): void {
  lock();
  localStorage.removeItem(STORAGE_KEY);
  storedKeyFile.set(undefined);
}
