// JSON to and from contract values. Writing is canonical: keys in ascending order of their bytes, no spaces, integers in
// full. Reading takes integers of 64 bits only: a fraction, an exponent or a larger number is an error, never a float.
// JSON's null is Lua's nil: a field that is null is absent, and an array can't hold it.
import { compareBytes, keyBytes, utf8Bytes } from "../../base/bytes.js";
import { LvmError } from "../../protocol/lvmError.js";
import { LvmBignum, type LvmKey, type LvmValue } from "../../protocol/lvmValue.js";
import { VALUE_DEPTH_MAX } from "./limits.js";

function bad(message: string): never {
  throw new LvmError("LVM_BAD_VALUE", message);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bad("a string for JSON is not UTF-8");
  }
}

function keyText(key: LvmKey): string {
  return typeof key === "string" ? decodeUtf8(keyBytes(key)) : String(key);
}

/** The JSON text of a decoded contract value; bignums become strings of decimal digits. */
export function writeJson(value: LvmValue): string {
  if (value === null) {
    return "null";
  }
  if (typeof value === "boolean" || typeof value === "bigint" || typeof value === "number") {
    return String(value);
  }
  if (value instanceof LvmBignum) {
    return `"${value.value}"`;
  }
  if (typeof value === "string" || value instanceof Uint8Array) {
    return JSON.stringify(typeof value === "string" ? value : decodeUtf8(value));
  }
  if (value instanceof Map) {
    const entries = Array.from(value as ReadonlyMap<LvmKey, LvmValue>, ([key, item]) => ({ name: keyText(key), item }));
    entries.sort((a, b) => compareBytes(utf8Bytes(a.name), utf8Bytes(b.name)));
    if (entries.some(({ name }, i) => i > 0 && entries[i - 1].name === name)) {
      bad("two keys of a table are the same in JSON");
    }
    return `{${entries.map(({ name, item }) => `${JSON.stringify(name)}:${writeJson(item)}`).join(",")}}`;
  }
  return `[${(value as readonly LvmValue[]).map(writeJson).join(",")}]`;
}

const WHITESPACE = /[ \t\n\r]*/y;
const INTEGER = /-?(?:0|[1-9][0-9]*)/y;

class JsonReader {
  private position = 0;

  constructor(private readonly text: string) {}

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    this.position += found?.length ?? 0;
    return found;
  }

  private fail(): never {
    bad(`the JSON text is wrong at character ${this.position + 1}`);
  }

  private take(expected: string): boolean {
    this.match(WHITESPACE);
    const matches = this.text.startsWith(expected, this.position);
    this.position += matches ? expected.length : 0;
    return matches;
  }

  document(): LvmValue {
    const value = this.value(0);
    this.match(WHITESPACE);
    return this.position === this.text.length ? value : this.fail();
  }

  /** Not by a regular expression: a long string would fill its stack. */
  private string(): string | undefined {
    if (!this.take('"')) {
      return undefined;
    }
    const start = this.position - 1;
    while (this.position < this.text.length && this.text[this.position] !== '"') {
      this.position += this.text[this.position] === "\\" ? 2 : 1;
    }
    this.position++;
    try {
      return JSON.parse(this.text.slice(start, this.position)) as string;
    } catch {
      return this.fail();
    }
  }

  private value(depth: number): LvmValue {
    if (depth > VALUE_DEPTH_MAX) {
      bad(`expected at most ${VALUE_DEPTH_MAX} tables inside one another`);
    }
    if (this.take("{")) {
      return this.object(depth);
    }
    if (this.take("[")) {
      return this.array(depth);
    }
    for (const [word, value] of [
      ["true", true],
      ["false", false],
      ["null", null],
    ] as const) {
      if (this.take(word)) {
        return value;
      }
    }
    const text = this.string();
    return text === undefined ? this.integer() : utf8Bytes(text);
  }

  private integer(): bigint {
    const digits = this.match(INTEGER);
    if (digits === undefined || /[.eE0-9]/.test(this.text[this.position] ?? "")) {
      this.fail();
    }
    const value = digits.length > 20 ? 1n << 64n : BigInt(digits);
    return value === BigInt.asIntN(64, value) ? value : bad("a number in JSON needs more than 64 bits");
  }

  private array(depth: number): LvmValue[] {
    const elements: LvmValue[] = [];
    if (this.take("]")) {
      return elements;
    }
    do {
      elements.push(this.value(depth + 1) ?? bad("an array in JSON holds null"));
    } while (this.take(","));
    return this.take("]") ? elements : this.fail();
  }

  private object(depth: number): Map<LvmKey, LvmValue> {
    const names = new Set<string>();
    const entries = new Map<LvmKey, LvmValue>();
    if (this.take("}")) {
      return entries;
    }
    do {
      const name = this.string() ?? this.fail();
      if (!this.take(":") || names.has(name)) {
        this.fail();
      }
      names.add(name);
      const value = this.value(depth + 1);
      if (value !== null) {
        entries.set(Buffer.from(name).toString("latin1"), value);
      }
    } while (this.take(","));
    return this.take("}") ? entries : this.fail();
  }
}

/** Parses JSON text given as UTF-8. Throws LvmError LVM_BAD_VALUE; a name that comes twice is an error too. */
export function readJson(bytes: Uint8Array): LvmValue {
  return new JsonReader(decodeUtf8(bytes)).document();
}
