// What a contract's source must fulfil before it is loaded, and the one change made to it. Numbers in contracts are
// integers: the sign of a NaN is open in WebAssembly, and without `/`, `^` and float constants no float can arise. One
// door would stay open, a numeric `for` whose start or step is a string, which Lua converts to floats: so `for i = a, b, c`
// is loaded as `for i = 0|(a), b, 0|(c)`, which costs nothing for constants and leaves every line where it was.
import { SOURCE_BYTES_MAX } from "./limits.js";
import { type LuaToken, readLuaTokens } from "./luaTokens.js";
import { LvmError } from "./lvmError.js";

const INTEGER_MAX = (1n << 63n) - 1n;

function refuse(token: LuaToken, message: string): never {
  throw new LvmError("LVM_FORBIDDEN", `contract:${token.line}: ${message}`, token.line);
}

function checkToken(token: LuaToken): void {
  if (token.kind === "symbol" && (token.text === "/" || token.text === "^")) {
    refuse(token, `'${token.text}' gives floats: use ${token.text === "/" ? "'//'" : "multiplication or bignum.pow"}`);
  }
  if (token.kind === "number") {
    const isHexadecimal = /^0[xX][0-9a-fA-F]+$/.test(token.text);
    const isDecimal = /^[0-9]+$/.test(token.text);
    if (!isHexadecimal && !isDecimal) {
      refuse(token, `expected an integer, got ${token.text.slice(0, 40)}`);
    }
    if (isDecimal && (token.text.length > 4000 || BigInt(token.text) > INTEGER_MAX)) {
      refuse(token, "the integer needs more than 64 bits: use bignum.new");
    }
  }
}

/** A numeric `for` whose head is being read. */
interface OpenFor {
  /** Brackets and blocks that were open at its `=`. */
  readonly depth: number;
  commas: number;
}

/** Where to put text into the source so that starts and steps of numeric `for` loops are integers. */
function forInsertions(tokens: LuaToken[]): { at: number; text: string }[] {
  const insertions: { at: number; text: string }[] = [];
  const open: OpenFor[] = [];
  let depth = 0;
  for (let i = 0; i < tokens.length; i++) {
    const { text, kind, start } = tokens[i];
    if (kind === "string" || kind === "number" || kind === "name") {
      continue;
    }
    const current = open[open.length - 1];
    if (current !== undefined && depth === current.depth && (text === "," || text === "do")) {
      const isStart = text === "," ? current.commas === 0 : current.commas === 2;
      if (isStart) {
        insertions.push({ at: start, text: ")" });
      }
      if (text === "do") {
        open.pop();
      } else {
        current.commas++;
        if (current.commas === 2) {
          insertions.push({ at: start + 1, text: " 0|(" });
        }
      }
    }
    if (text === "for" && tokens[i + 2]?.text === "=") {
      open.push({ depth, commas: 0 });
      insertions.push({ at: tokens[i + 2].start + 1, text: " 0|(" });
    }
    depth += depthChange(text);
  }
  return insertions;
}

function depthChange(text: string): number {
  switch (text) {
    case "(":
    case "{":
    case "[":
    case "function":
    case "if":
    case "do":
    case "repeat":
      return 1;
    case ")":
    case "}":
    case "]":
    case "end":
    case "until":
      return -1;
    default:
      return 0;
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
  const tokens = readLuaTokens(text);
  tokens.forEach(checkToken);
  let prepared = "";
  let copiedTo = 0;
  for (const { at, text: inserted } of forInsertions(tokens)) {
    prepared += text.slice(copiedTo, at) + inserted;
    copiedTo = at;
  }
  return Buffer.from(prepared + text.slice(copiedTo), "latin1");
}
