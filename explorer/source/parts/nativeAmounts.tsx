// Amounts of the chain's own tokens, those that are not zero.

import type { JSX } from "preact";
import { NATIVE_TOKENS } from "ttchain";
import { Amount } from "./pieces.js";

export function NativeAmounts({ amounts }: { amounts: Record<"TTC" | "TTM" | "TTMI", string> }): JSX.Element {
  const some = NATIVE_TOKENS.filter((token) => amounts[token] !== "0");
  return (
    <>
      {some.length === 0 ? <Amount units="0" token="TTC" /> : null}
      {some.map((token) => (
        <span key={token}>
          <Amount units={amounts[token]} token={token} />{" "}
        </span>
      ))}
    </>
  );
}
