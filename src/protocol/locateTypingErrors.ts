// Finds which one or two characters of a bech32m text of the right length were mistyped. The checksum (BIP-350) is linear:
// each wrong character adds a syndrome of its own, so that a single wrong character is a table look-up and a pair is one
// look-up for every candidate.

const CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const BECH32M_CONSTANT = 0x2bc830a3;
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

function polymodStep(checksum: number, value: number): number {
  const top = checksum >>> 25;
  let next = ((checksum & 0x1ffffff) << 5) ^ value;
  for (let i = 0; i < 5; i++) {
    if ((top >> i) & 1) {
      next ^= GENERATORS[i];
    }
  }
  return next >>> 0;
}

function checksumResidue(text: string, prefix: string): number {
  let checksum = 1;
  for (const letter of prefix) {
    checksum = polymodStep(checksum, letter.charCodeAt(0) >> 5);
  }
  checksum = polymodStep(checksum, 0);
  for (const letter of prefix) {
    checksum = polymodStep(checksum, letter.charCodeAt(0) & 31);
  }
  for (let i = prefix.length + 1; i < text.length; i++) {
    checksum = polymodStep(checksum, Math.max(CHARSET.indexOf(text[i]), 0));
  }
  return (checksum ^ BECH32M_CONSTANT) >>> 0;
}

let tableLength = 0;
let table = new Map<number, number>();

/** What a difference of `value` at each data position adds to the residue, mapped back to the position. Kept for the last length. */
function syndromes(dataLength: number): Map<number, number> {
  if (tableLength === dataLength) {
    return table;
  }
  table = new Map();
  tableLength = dataLength;
  for (let position = 0; position < dataLength; position++) {
    for (let value = 1; value < 32; value++) {
      let checksum = value;
      for (let i = position + 1; i < dataLength; i++) {
        checksum = polymodStep(checksum, 0);
      }
      table.set(checksum, position);
    }
  }
  return table;
}

/**
 * Zero-based positions in `text` (lower case, prefix and "1" included) of the one or two characters whose change makes the
 * checksum hold; characters outside the alphabet are always named. Empty where no such change exists.
 */
export function locateTypingErrors(text: string, prefix: string): number[] {
  const first = prefix.length + 1;
  const foreign: number[] = [];
  for (let i = first; i < text.length; i++) {
    if (!CHARSET.includes(text[i])) {
      foreign.push(i);
    }
  }
  if (foreign.length > 0) {
    return foreign;
  }
  const residue = checksumResidue(text, prefix);
  const positions = syndromes(text.length - first);
  const single = positions.get(residue);
  if (single !== undefined) {
    return [first + single];
  }
  for (const [syndrome, position] of positions) {
    const other = positions.get((residue ^ syndrome) >>> 0);
    if (other !== undefined && other !== position) {
      return [first + Math.min(position, other), first + Math.max(position, other)];
    }
  }
  return [];
}
