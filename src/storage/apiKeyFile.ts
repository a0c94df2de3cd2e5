// The API keys that an operator gave out: a file of their hashes, for its owner alone. A key is 32 random bytes, so that its plain
// SHA-256 can't be guessed back; it is shown once, when it is made. The file's checksum lets a flipped bit change no key, name or scope.

import { timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fromHex, toHex, utf8Bytes } from "../base/bytes.js";
import type { Random } from "../base/random.js";
import { expectPrivateMode, saveFile } from "../base/secretFile.js";
import { sha256 } from "../wasm/sha256.js";

/**
 * `metrics`: read /metrics. `unlimited`: requests and bytes of its holder are not counted. `merchant`: make stores at the gateway. `desk`:
 * the exchange desk's routes. `mileage`: have the desk sign purchases with mileage.
 */
export const API_KEY_SCOPES = ["metrics", "unlimited", "merchant", "desk", "mileage"] as const;
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

export interface ApiKeyRecord {
  /** What the key begins with, to name it by. */
  id: string;
  name: string;
  scopes: ApiKeyScope[];
  /** SHA-256 of the whole key, as hex. */
  hash: string;
  createdMs: number;
}

const FILE = "api-keys.json";
const FORMAT = "ttchain-api-keys";
const VERSION = 1;
const PREFIX = "ttk";
const ID_BYTES = 6;
const SECRET_BYTES = 32;
const KEY_PATTERN = /^ttk_([0-9a-f]{12})_[0-9a-f]{64}$/;

/** The file is not one of API keys, or not what was written. */
export class ApiKeyFileError extends Error {
  override name = "ApiKeyFileError";
}

function isRecord(value: unknown): value is ApiKeyRecord {
  const record = value as Partial<ApiKeyRecord> | null;
  return (
    typeof record?.id === "string" &&
    typeof record.name === "string" &&
    typeof record.createdMs === "number" &&
    Array.isArray(record.scopes) &&
    record.scopes.every((scope) => API_KEY_SCOPES.includes(scope)) &&
    typeof record.hash === "string" &&
    fromHex(record.hash)?.length === 32
  );
}

/** The records of a file's text. Throws ApiKeyFileError. */
export function parseApiKeys(text: string): ApiKeyRecord[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiKeyFileError("expected the file of API keys to be JSON");
  }
  const file = value as { format?: unknown; version?: unknown; keys?: unknown; checksum?: unknown } | null;
  if (file?.format !== FORMAT || file.version !== VERSION) {
    throw new ApiKeyFileError(`expected a file of API keys (format ${FORMAT}, version ${VERSION})`);
  }
  const { keys } = file;
  if (!Array.isArray(keys) || !keys.every(isRecord)) {
    throw new ApiKeyFileError("expected a list of API keys with id, name, scopes, hash and createdMs");
  }
  if (file.checksum !== checksumOf(keys)) {
    throw new ApiKeyFileError("the file of API keys is damaged or was changed: its checksum is another");
  }
  return keys;
}

function checksumOf(records: readonly ApiKeyRecord[]): string {
  const fields = records.map(({ id, name, scopes, hash, createdMs }) => [id, name, scopes, hash, createdMs]);
  return toHex(sha256(utf8Bytes(JSON.stringify([FORMAT, VERSION, fields]))));
}

/** The text of a file of these records. */
export function formatApiKeys(records: readonly ApiKeyRecord[]): string {
  const file = { format: FORMAT, version: VERSION, keys: records, checksum: checksumOf(records) };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** The directory's API keys; none where it has no file of them. Throws ApiKeyFileError, or SecretFileError where others can read it. */
export function loadApiKeys(directory: string): ApiKeyRecord[] {
  const path = join(directory, FILE);
  if (!existsSync(path)) {
    return [];
  }
  expectPrivateMode(path, statSync(path).mode);
  return parseApiKeys(readFileSync(path, "utf8"));
}

export function saveApiKeys(directory: string, records: readonly ApiKeyRecord[]): Promise<void> {
  return saveFile(join(directory, FILE), formatApiKeys(records));
}

/** A new key, and what is kept of it. */
export function makeApiKey(
  name: string,
  scopes: ApiKeyScope[],
  createdMs: number,
  random: Random,
): { key: string; record: ApiKeyRecord } {
  const id = toHex(random.bytes(ID_BYTES));
  const key = `${PREFIX}_${id}_${toHex(random.bytes(SECRET_BYTES))}`;
  return { key, record: { id, name, scopes, hash: toHex(sha256(utf8Bytes(key))), createdMs } };
}

/** The record of a key that somebody presents; undefined for one that is none. */
export function findApiKey(records: readonly ApiKeyRecord[], key: string): ApiKeyRecord | undefined {
  const id = KEY_PATTERN.exec(key)?.[1];
  const record = records.find((candidate) => candidate.id === id);
  const hash = record === undefined ? undefined : fromHex(record.hash);
  return hash !== undefined && timingSafeEqual(sha256(utf8Bytes(key)), hash) ? record : undefined;
}

/** The keys of a running node: the file is read again when it changed, so that a revoked key is refused at once. */
export class ApiKeys {
  private records: ApiKeyRecord[];
  private changedMs: number;

  constructor(
    private readonly directory: string,
    /** Told where the changed file can't be used; the keys read before stay. */
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.changedMs = this.modified();
    this.records = loadApiKeys(directory);
  }

  /** Whether no key was given out. */
  get isEmpty(): boolean {
    this.refresh();
    return this.records.length === 0;
  }

  find(key: string): ApiKeyRecord | undefined {
    this.refresh();
    return findApiKey(this.records, key);
  }

  private modified(): number {
    return statSync(join(this.directory, FILE), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }

  private refresh(): void {
    const changedMs = this.modified();
    if (changedMs !== this.changedMs) {
      this.changedMs = changedMs;
      try {
        this.records = loadApiKeys(this.directory);
      } catch (error) {
        this.onFailure(error);
      }
    }
  }
}
