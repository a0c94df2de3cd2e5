// Lua 5.4's tokens, exactly as llex.c reads them, so that nothing can hide from the static checks in what looks like a
// string or a comment. Works on one byte per character; positions are offsets into the source. Tokens are handed over one by
// one: a source of 256 KB has up to as many.
import { LvmError, type LvmErrorCode } from "../../protocol/lvmError.js";

export type LuaTokenKind = "word" | "number" | "string" | "symbol";

/** Gets each token: its text (of a string only the start), and where it begins. Words are names and keywords. */
export type LuaTokenReader = (kind: LuaTokenKind, text: string, start: number) => void;

/** One alternative for each way on: space, comment, long bracket, string, number, word, symbol. */
const NEXT =
  /([ \t\n\r\v\f]+)|(--)|(\[=*\[)|(["'])|(\.?[0-9])|([A-Za-z_][A-Za-z0-9_]*)|(\.\.\.|<<|>>|\/\/|==|~=|<=|>=|::|\.\.|[-+*/%^#&~|<>=(){}[\];:,.])/y;
const LONG_BRACKET = /\[(=*)\[/y;
const LINE_END = /[\n\r]/g;

/** The line, from 1, of an offset; CR LF and LF CR end one line. */
export function lineAt(source: string, offset: number): number {
  return (source.slice(0, offset).match(/\r\n|\n\r|\n|\r/g)?.length ?? 0) + 1;
}

/** An error at an offset of the source, worded as Lua words its own. */
export function sourceError(code: LvmErrorCode, source: string, offset: number, message: string): LvmError {
  const line = lineAt(source, offset);
  return new LvmError(code, `contract:${line}: ${message}`, line);
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && " \t\n\r\v\f".includes(character);
}

/** Past a long string or comment whose bracket opens at `start`; -1 where it doesn't end. */
function longBracketEnd(source: string, start: number): number {
  LONG_BRACKET.lastIndex = start;
  const level = (LONG_BRACKET.exec(source) as RegExpExecArray)[1];
  const close = `]${level}]`;
  const at = source.indexOf(close, start + level.length + 2);
  return at < 0 ? -1 : at + close.length;
}

function commentEnd(source: string, start: number): number {
  LONG_BRACKET.lastIndex = start + 2;
  if (LONG_BRACKET.test(source)) {
    return longBracketEnd(source, start + 2);
  }
  LINE_END.lastIndex = start;
  return LINE_END.exec(source)?.index ?? source.length;
}

/** Past a quoted string; -1 where it doesn't end. */
function stringEnd(source: string, start: number): number {
  const quote = source[start];
  let at = start + 1;
  while (source[at] !== quote) {
    const character = source[at];
    if (character === undefined || character === "\n" || character === "\r") {
      return -1;
    }
    if (character !== "\\") {
      at++;
    } else if (source[at + 1] === "z") {
      at += 2;
      while (isSpace(source[at])) {
        at++;
      }
    } else {
      // An escaped line break may be two characters; every other escape is skipped by its first character, and its
      // digits are then read as ordinary ones: none of them is a quote or a backslash.
      const pair = source.slice(at + 1, at + 3);
      at += pair === "\r\n" || pair === "\n\r" ? 3 : 2;
    }
  }
  return at + 1;
}

/** As read_numeral: digits, letters that can belong to a number, signs after an exponent mark; one bite, judged later. */
const DECIMAL = /(?:[eE][+-]?|[0-9a-fA-F.])*/y;
const HEXADECIMAL = /(?:[pP][+-]?|[0-9a-fA-F.])*/y;

function numberEnd(source: string, start: number): number {
  const isHexadecimal = source[start] === "0" && (source[start + 1] === "x" || source[start + 1] === "X");
  const pattern = isHexadecimal ? HEXADECIMAL : DECIMAL;
  pattern.lastIndex = start + (isHexadecimal ? 2 : 1);
  pattern.test(source);
  // Lua takes one letter more, which makes the number malformed.
  return /[A-Za-z_]/.test(source[pattern.lastIndex] ?? "") ? -1 : pattern.lastIndex;
}

/**
 * Hands all tokens of `source` (one byte per character) to `read`. Throws LvmError LVM_SYNTAX where llex.c would refuse the
 * text.
 */
export function readLuaTokens(source: string, read: LuaTokenReader): void {
  let position = 0;
  const ended = (end: number, what: string): number => {
    if (end < 0) {
      throw sourceError("LVM_SYNTAX", source, position, what);
    }
    return end;
  };
  while (position < source.length) {
    NEXT.lastIndex = position;
    const match = NEXT.exec(source);
    if (match === null) {
      throw sourceError("LVM_SYNTAX", source, position, "unexpected symbol");
    }
    if (match[7] !== undefined) {
      read("symbol", match[7], position);
      position = NEXT.lastIndex;
    } else if (match[6] !== undefined) {
      read("word", match[6], position);
      position = NEXT.lastIndex;
    } else if (match[1] !== undefined) {
      position = NEXT.lastIndex;
    } else if (match[5] !== undefined) {
      const end = ended(numberEnd(source, position), "malformed number");
      read("number", source.slice(position, end), position);
      position = end;
    } else if (match[2] !== undefined) {
      position = ended(commentEnd(source, position), "unfinished long comment");
    } else {
      read("string", match[0], position);
      const end = match[3] !== undefined ? longBracketEnd(source, position) : stringEnd(source, position);
      position = ended(end, "unfinished string");
    }
  }
}
