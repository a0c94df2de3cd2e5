// What may be a name, and which names count as one.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CodedError } from "../../src/protocol/errors.js";
import { expectName, isNameText, nameCommitment, nameSkeleton } from "../../src/protocol/names.js";

function codeOf(name: string): string {
  try {
    expectName(name);
    return "OK";
  } catch (error) {
    return error instanceof CodedError ? error.code : `crash: ${error}`;
  }
}

describe("a name", () => {
  test.each(["cafe", "abc", "corner-cafe-2", "7eleven", "카페", "모퉁이-카페2", "a".repeat(32), "가".repeat(32)])(
    "may be %s",
    (name) => expect(codeOf(name)).toBe("OK"),
  );

  test.each([
    "",
    "ab",
    "가",
    "123",
    "12-34",
    "Cafe",
    "-cafe",
    "cafe-",
    "ca--fe",
    "ca fe",
    "ca.fe",
    "ca_fe",
    "café",
    "саfe",
    "카페cafe",
    "ㅋㅋㅋ",
    "\u1100\u1161\u1102\u1161",
    "카페\u200b",
    "cafe\n",
    "a".repeat(33),
    "가".repeat(33),
  ])("may not be %j", (name) => expect(codeOf(name)).toBe("BAD_NAME"));

  test.each(["ttc", "ttm1", "TTC".toLowerCase(), "t-t-c", "ttchain", "ttcha1n", "ttcl-gift", "ttc1abc"])(
    "may not pose as the chain's own: %s",
    (name) => expect(codeOf(name)).toBe("NAME_RESERVED"),
  );

  test("is judged for any text without failing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        expect(codeOf(text)).toMatch(/^(OK|BAD_NAME|NAME_RESERVED)$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a name's skeleton", () => {
  test.each([
    ["paypal", "paypa1", "pay-pai"],
    ["modern", "rnodern", "moclern"],
    ["window", "vvindow", "winclovv"],
    ["google", "g00gle", "9oog1e"],
    ["대전은행", "머전은행", "데전은행"],
    ["카카오페이", "카카오패이"],
    ["귀빈", "커빈", "귀-빈"],
    ["비누", "네누"],
    ["이마트", "01마트"],
    ["vvv", "vw", "wv"],
  ])("is that of those that look like %s", (name, ...others) => {
    expect(others.map(nameSkeleton)).toEqual(others.map(() => nameSkeleton(name)));
  });

  test("differs for names that a reader can tell apart", () => {
    const names = [
      "cafe",
      "case",
      "cake",
      "카페",
      "커피",
      "가게",
      "나게",
      "각",
      "간",
      "seoul",
      "busan",
      "부산",
      "서울",
    ];
    expect(new Set(names.map(nameSkeleton)).size).toBe(names.length);
  });

  test("of every syllable is what the rules of docs/protocol.md make of it, and final consonants stay", () => {
    const groups = new Map<string, string[]>();
    for (let code = 0xac00; code <= 0xd7a3; code++) {
      const syllable = String.fromCodePoint(code);
      const skeleton = nameSkeleton(syllable);
      groups.set(skeleton, [...(groups.get(skeleton) ?? []), syllable]);
    }
    expect(groups.get(nameSkeleton("머"))).toEqual(["대", "데", "머"]);
    expect(groups.get(nameSkeleton("머".normalize()))).toHaveLength(3);
    expect(nameSkeleton("댁")).toBe(nameSkeleton("먹"));
    expect(nameSkeleton("댁")).not.toBe(nameSkeleton("먼"));
    expect([...groups.values()].every((group) => group.length <= 4)).toBe(true);
  });
});

test("a commitment is another for another account, name or salt", () => {
  const [one, two] = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
  const commitments = [
    nameCommitment(one, "cafe", one),
    nameCommitment(two, "cafe", one),
    nameCommitment(one, "cafe", two),
    nameCommitment(one, "cafes", one),
  ].map((bytes) => Buffer.from(bytes).toString("hex"));
  expect(new Set(commitments).size).toBe(4);
  expect(isNameText("cafe")).toBe(true);
});
