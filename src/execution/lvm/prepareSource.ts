// What a contract's source must fulfil before it is loaded, and the one change made to it. Numbers in contracts are
// integers: the sign of a NaN is open in WebAssembly, and without `/`, `^` and float constants no float can arise. One
// door would stay open, a numeric `for` whose start or step is a string, which Lua converts to floats: so `for i = a, b, c`
// is loaded as `for i = 0|(a), b, 0|(c)`, which costs nothing for constants and leaves every line where it was.

import { LvmError } from "../../protocol/lvmError.js";
import { SOURCE_BYTES_MAX } from "./limits.js";
import { type LuaTokenKind, readLuaTokens, sourceError } from "./luaTokens.js";

const INTEGER_MAX = (1n << 63n) - 1n;

/** Digits of any integer that could fit, leading zeros included. */
const DIGITS_MAX = 4000;

/** What a word or symbol does to the number of brackets and blocks that are open. */
const DEPTH_CHANGES = new Map<string, number>([
  ...["(", "{", "[", "function", "if", "do", "repeat"].map((text) => [text, 1] as const),
  ...[")", "}", "]", "end", "until"].map((text) => [text, -1] as const),
]);

/** A numeric `for` whose head is being read. */
interface OpenFor {
  /** Brackets and blocks that were open at its `=`. */
  readonly depth: number;
  commas: number;
}

/** Reads a source's tokens in order: checks each, and notes what to put in where. */
class SourceCheck {
  readonly insertions: { at: number; text: string }[] = [];
  private readonly open: OpenFor[] = [];
  private depth = 0;
  /** How many tokens of `for name =` were just read. */
  private forTokens = 0;

  constructor(private readonly source: string) {}

  read(kind: LuaTokenKind, text: string, start: number): void {
    if (kind === "number") {
      this.checkNumber(text, start);
    } else if (text === "/" || text === "^") {
      const instead = text === "/" ? "'//'" : "multiplication or bignum.pow";
      throw sourceError("LVM_FORBIDDEN", this.source, start, `'${text}' gives floats: use ${instead}`);
    }
    if (kind === "symbol" || kind === "word") {
      this.endExpression(text, start);
      this.depth += DEPTH_CHANGES.get(text) ?? 0;
    }
    this.followFor(kind, text, start);
  }

  private checkNumber(text: string, start: number): void {
    const isDecimal = /^[0-9]+$/.test(text);
    if (!isDecimal && !/^0[xX][0-9a-fA-F]+$/.test(text)) {
      throw sourceError("LVM_FORBIDDEN", this.source, start, `expected an integer, got ${text.slice(0, 40)}`);
    }
    if (isDecimal && (text.length > DIGITS_MAX || (text.length > 18 && BigInt(text) > INTEGER_MAX))) {
      throw sourceError("LVM_FORBIDDEN", this.source, start, "the integer needs more than 64 bits: use bignum.new");
    }
  }

  /** A comma or `do` that belongs to the innermost open head ends one of its expressions. */
  private endExpression(text: string, start: number): void {
    const current = this.open[this.open.length - 1];
    if (current === undefined || this.depth !== current.depth || (text !== "," && text !== "do")) {
      return;
    }
    if (current.commas === (text === "," ? 0 : 2)) {
      this.insertions.push({ at: start, text: ")" });
    }
    if (text === "do") {
      // A head without a step has its start closed by the comma; nothing else is open.
      this.open.pop();
      return;
    }
    current.commas++;
    if (current.commas === 2) {
      this.insertions.push({ at: start + 1, text: " 0|(" });
    }
  }

  private followFor(kind: LuaTokenKind, text: string, start: number): void {
    if (kind === "word" && text === "for") {
      this.forTokens = 1;
    } else if (kind === "word" && this.forTokens === 1) {
      this.forTokens = 2;
    } else {
      if (this.forTokens === 2 && text === "=") {
        this.open.push({ depth: this.depth, commas: 0 });
        this.insertions.push({ at: start + 1, text: " 0|(" });
      }
      this.forTokens = 0;
    }
  }
}

/**
 * Checks a contract's source and returns the text to load. Throws LvmError LVM_SOURCE_LIMIT, LVM_SYNTAX or LVM_FORBIDDEN,
 * with the line. Whether the text is Lua otherwise shows when it is loaded.
 */
export function prepareSource(source: Uint8Array): Uint8Array {
  if (source.length > SOURCE_BYTES_MAX) {
    throw new LvmError(
      "LVM_SOURCE_LIMIT",
      `expected at most ${SOURCE_BYTES_MAX} bytes of source, got ${source.length}`,
    );
  }
  if (source[0] === 0x1b) {
    throw new LvmError("LVM_FORBIDDEN", "expected source text, got bytecode");
  }
  const text = Buffer.from(source.buffer, source.byteOffset, source.length).toString("latin1");
  const check = new SourceCheck(text);
  readLuaTokens(text, (kind, token, start) => check.read(kind, token, start));
  let prepared = "";
  let copiedTo = 0;
  for (const { at, text: inserted } of check.insertions) {
    prepared += text.slice(copiedTo, at) + inserted;
    copiedTo = at;
  }
  return Buffer.from(prepared + text.slice(copiedTo), "latin1");
}
