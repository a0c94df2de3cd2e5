// What a name may be, and when two names look alike. A name is held under its skeleton, in which characters that pass for one another
// are the same: of names with one skeleton only one can be held, so that none can pose as another. Plain arithmetic on code
// points, so that no version of Unicode changes it. docs/protocol.md has the same rules in words.

import { concatBytes, utf8Bytes } from "../base/bytes.js";
import { CodedError } from "./errors.js";
import { TAGS, taggedHash } from "./hashing.js";

export const NAME_CHARACTERS_MAX = 32;
export const NAME_SALT_BYTES = 32;
/** Letters of the Latin alphabet and digits alone, and with syllables of Hangul. */
const LATIN_CHARACTERS_MIN = 3;
const HANGUL_CHARACTERS_MIN = 2;

const SYLLABLE_FIRST = 0xac00;
const SYLLABLE_LAST = 0xd7a3;
const FINALS = 28;
const SYLLABLES_OF_INITIAL = 588;
/** 이, which looks like 01. */
const YI = 0xc774;

/** Characters as what they can be drawn of: rn looks like m, vv like w, cl like d. */
const LOOKS: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "l",
  "2": "z",
  "5": "s",
  "8": "b",
  "9": "g",
  d: "cl",
  i: "l",
  m: "rn",
  q: "g",
  w: "vv",
};

/** Vowels of Hangul by their number: those that sound alike and differ by one stroke are one. */
const VOWEL_LOOKS: Readonly<Record<number, number>> = { 1: 5, 3: 7, 10: 11, 15: 11 };
/** Initial and vowel that are drawn like another pair: 데 머, 귀 커, 비 네, 띠 며, 과 파. */
const PAIR_LOOKS: Readonly<Record<string, readonly [number, number]>> = {
  "3,5": [6, 4],
  "0,16": [15, 4],
  "7,20": [2, 5],
  "4,20": [6, 6],
  "0,9": [17, 0],
};

function isSyllable(code: number): boolean {
  return code >= SYLLABLE_FIRST && code <= SYLLABLE_LAST;
}

function syllableLooks(code: number): string {
  if (code === YI) {
    return "ol";
  }
  const place = code - SYLLABLE_FIRST;
  const final = place % FINALS;
  const initialPlace = place - (place % SYLLABLES_OF_INITIAL);
  const vowelPlace = place - initialPlace - final;
  let initial = initialPlace / SYLLABLES_OF_INITIAL;
  let vowel = vowelPlace / FINALS;
  vowel = VOWEL_LOOKS[vowel] ?? vowel;
  [initial, vowel] = PAIR_LOOKS[`${initial},${vowel}`] ?? [initial, vowel];
  return String.fromCodePoint(SYLLABLE_FIRST + initial * SYLLABLES_OF_INITIAL + vowel * FINALS + final);
}

/** What names that look like this one have in common. */
export function nameSkeleton(name: string): string {
  let skeleton = "";
  for (const character of name.replaceAll("-", "")) {
    const code = character.codePointAt(0) as number;
    skeleton += isSyllable(code) ? syllableLooks(code) : (LOOKS[character] ?? character);
  }
  return skeleton;
}

const RESERVED = new Set(["ttc", "ttm", "ttmi", "ttcoin", "ttmoney", "ttmileage", "ttchain"].map(nameSkeleton));
const ADDRESS_SKELETON = nameSkeleton("ttc1");

/** Whether the text has the form of a name; a reserved one has it too. */
export function isNameText(text: string): boolean {
  const hasHangul = /[\uac00-\ud7a3]/.test(text);
  const least = hasHangul ? HANGUL_CHARACTERS_MIN : LATIN_CHARACTERS_MIN;
  const form = hasHangul ? /^[\uac00-\ud7a30-9]+(-[\uac00-\ud7a30-9]+)*$/ : /^[a-z0-9]+(-[a-z0-9]+)*$/;
  return text.length >= least && text.length <= NAME_CHARACTERS_MAX && form.test(text) && /[^0-9-]/.test(text);
}

/** Throws BAD_NAME for what is no name, NAME_RESERVED for one that nobody may hold. */
export function expectName(text: string): void {
  if (!isNameText(text)) {
    const form = "3 to 32 of a-z and 0-9, or 2 to 32 syllables of Hangul and 0-9, with single hyphens inside";
    throw new CodedError("BAD_NAME", `expected ${form}, got "${text.slice(0, 64)}"`);
  }
  const skeleton = nameSkeleton(text);
  if (RESERVED.has(skeleton) || skeleton.startsWith(ADDRESS_SKELETON)) {
    throw new CodedError("NAME_RESERVED", `expected a name that looks like none of the chain's own, got "${text}"`);
  }
}

/** What is committed to before a name is revealed: nobody can tell the name from it, and it is good for `address` alone. */
export function nameCommitment(address: Uint8Array, name: string, salt: Uint8Array): Uint8Array {
  return taggedHash(TAGS.nameCommitment, concatBytes(address, salt, utf8Bytes(name)));
}
