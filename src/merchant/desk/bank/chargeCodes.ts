// Charge codes: what somebody writes as the memo of a bank transfer so that the won arrive as TTM at their address. Ten characters that
// people can copy by hand: no letters that look like digits, and a check character that catches every single slip.

import { concatBytes, utf8Bytes } from "../../../base/bytes.js";
import { parseAddress } from "../../../protocol/address.js";
import { sha256 } from "../../../wasm/crypto.js";
import type { MerchantRows } from "../../rows/merchantRows.js";

/** Crockford's alphabet: no I, L, O, U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BODY_CHARACTERS = 9;
/** Above every character's and every place's weight, so that one wrong or two swapped characters change the sum. */
const PRIME = 37;

/** Undefined for a body whose sum has no character; such bodies are not given out. */
function checkCharacter(body: string): string | undefined {
  let sum = 0;
  for (const [place, character] of [...body].entries()) {
    sum += (place + 1) * (ALPHABET.indexOf(character) + 1);
  }
  return ALPHABET.at(sum % PRIME);
}

function codeOf(address: string, attempt: number): string | undefined {
  const hash = sha256(concatBytes(utf8Bytes(`ttchain charge ${attempt} `), parseAddress(address)));
  const body = [...hash.subarray(0, BODY_CHARACTERS)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
  const check = checkCharacter(body);
  return check === undefined ? undefined : body + check;
}

/** The address's code: always the same for an address. Throws BAD_ADDRESS. The row is durable when `rows.durable()` resolves. */
export function chargeCode(rows: MerchantRows, address: string): string {
  for (let attempt = 0; ; attempt++) {
    const code = codeOf(address, attempt);
    if (code === undefined) {
      continue;
    }
    const owner = rows.get<string>("deskCode", code);
    if (owner === undefined) {
      rows.put("deskCode", code, address);
    }
    if (owner === undefined || owner === address) {
      return code;
    }
  }
}

/** The address whose code stands in a memo, however it is spaced or cased; undefined where none does. */
export function addressOfMemo(rows: MerchantRows, memo: string): string | undefined {
  const text = memo
    .toUpperCase()
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1")
    .replaceAll(/[^0-9A-Z]/g, "");
  const length = BODY_CHARACTERS + 1;
  for (let at = 0; at + length <= text.length; at++) {
    const code = text.slice(at, at + length);
    const isCode = [...code].every((character) => ALPHABET.includes(character));
    if (isCode && checkCharacter(code.slice(0, -1)) === code.at(-1)) {
      const owner = rows.get<string>("deskCode", code);
      if (owner !== undefined) {
        return owner;
      }
    }
  }
  return undefined;
}
