// Lua 5.4's tokens, exactly as llex.c reads them, so that nothing can hide from the static checks in what looks like a
// string or a comment. Works on one byte per character; positions are offsets into the source.
import { LvmError } from "./lvmError.js";

export type LuaTokenKind = "name" | "keyword" | "number" | "string" | "symbol";

export interface LuaToken {
  readonly kind: LuaTokenKind;
  /** The source text, quotes included. */
  readonly text: string;
  readonly start: number;
  /** From 1. */
  readonly line: number;
}

const KEYWORDS = new Set(
  "and break do else elseif end false for function goto if in local nil not or repeat return then true until while".split(
    " ",
  ),
);

const SYMBOLS_BY_LENGTH = [
  ["..."],
  ["<<", ">>", "//", "==", "~=", "<=", ">=", "::", ".."],
  [..."+-*/%^#&~|<>=(){}[];:,."],
].map((symbols) => new Set(symbols));

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const LONG_BRACKET = /\[(=*)\[/y;

/** Reads one source from start to end. */
class LuaLexer {
  private position = 0;
  private line = 1;
  readonly tokens: LuaToken[] = [];

  constructor(private readonly source: string) {}

  private fail(message: string): never {
    throw new LvmError("LVM_SYNTAX", `contract:${this.line}: ${message}`, this.line);
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position;
    return pattern.exec(this.source);
  }

  /** Moves to `end`, counting lines; CR LF and LF CR count once. */
  private moveTo(end: number): void {
    while (this.position < end) {
      const character = this.source[this.position++];
      if (character === "\n" || character === "\r") {
        const next = this.source[this.position];
        if ((next === "\n" || next === "\r") && next !== character && this.position < end) {
          this.position++;
        }
        this.line++;
      }
    }
  }

  private push(kind: LuaTokenKind, end: number): void {
    const { position: start, line } = this;
    this.tokens.push({ kind, text: this.source.slice(start, end), start, line });
    this.moveTo(end);
  }

  read(): LuaToken[] {
    while (this.position < this.source.length) {
      this.next();
    }
    return this.tokens;
  }

  private next(): void {
    const { source } = this;
    const character = source[this.position];
    if (/[ \t\n\r\v\f]/.test(character)) {
      this.moveTo(this.position + (/^(\r\n|\n\r)/.test(source.slice(this.position, this.position + 2)) ? 2 : 1));
    } else if (character === "-" && source[this.position + 1] === "-") {
      this.comment();
    } else if (this.match(LONG_BRACKET)) {
      this.push("string", this.longBracketEnd("string"));
    } else if (character === '"' || character === "'") {
      this.push("string", this.stringEnd(character));
    } else if (/[0-9]/.test(character) || (character === "." && /[0-9]/.test(source[this.position + 1] ?? ""))) {
      this.push("number", this.numberEnd());
    } else {
      const name = this.match(NAME);
      if (name) {
        this.push(KEYWORDS.has(name[0]) ? "keyword" : "name", this.position + name[0].length);
      } else {
        this.symbol();
      }
    }
  }

  private symbol(): void {
    for (let length = 3; length >= 1; length--) {
      const text = this.source.slice(this.position, this.position + length);
      if (text.length === length && SYMBOLS_BY_LENGTH[3 - length].has(text)) {
        this.push("symbol", this.position + length);
        return;
      }
    }
    this.fail("unexpected symbol");
  }

  private comment(): void {
    const start = this.position;
    this.position += 2;
    const isLong = this.match(LONG_BRACKET) !== null;
    const end = isLong ? this.longBracketEnd("comment") : this.source.slice(start).search(/[\n\r]/) + start;
    if (!isLong && end < start) {
      this.position = this.source.length;
    } else {
      this.moveTo(end);
    }
  }

  private longBracketEnd(what: string): number {
    const level = (this.match(LONG_BRACKET) as RegExpExecArray)[1];
    const close = `]${level}]`;
    const at = this.source.indexOf(close, this.position + level.length + 2);
    if (at < 0) {
      this.fail(`unfinished long ${what}`);
    }
    return at + close.length;
  }

  private stringEnd(quote: string): number {
    const { source } = this;
    let at = this.position + 1;
    while (source[at] !== quote) {
      const character = source[at];
      if (character === undefined || character === "\n" || character === "\r") {
        this.fail("unfinished string");
      }
      if (character !== "\\") {
        at++;
      } else if (source[at + 1] === "z") {
        at += 2;
        while (/[ \t\n\r\v\f]/.test(source[at] ?? "")) {
          at++;
        }
      } else {
        // An escaped line break may be two characters; every other escape is skipped by its first character, and its
        // digits are then read as ordinary ones: none of them is a quote or a backslash.
        at += /^(\r\n|\n\r)/.test(source.slice(at + 1, at + 3)) ? 3 : 2;
      }
    }
    return at + 1;
  }

  /** As read_numeral: digits, letters that can belong to a number, signs after an exponent mark; one bite, then judged. */
  private numberEnd(): number {
    const { source } = this;
    const isHexadecimal = /^0[xX]/.test(source.slice(this.position, this.position + 2));
    const exponent = isHexadecimal ? /[pP]/ : /[eE]/;
    let at = this.position + (isHexadecimal ? 2 : 1);
    for (;;) {
      const character = source[at] ?? "";
      if (exponent.test(character)) {
        at += /[+-]/.test(source[at + 1] ?? "") ? 2 : 1;
      } else if (/[0-9a-fA-F.]/.test(character)) {
        at++;
      } else {
        break;
      }
    }
    // Lua takes one letter more, which makes the number malformed.
    if (/[A-Za-z0-9_]/.test(source[at] ?? "")) {
      this.fail("malformed number");
    }
    return at;
  }
}

/** All tokens of `source` (one byte per character). Throws LvmError LVM_SYNTAX where llex.c would refuse the text. */
export function readLuaTokens(source: string): LuaToken[] {
  return new LuaLexer(source).read();
}
