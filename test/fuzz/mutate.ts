// Changes an input as hostile ones are made: from valid ones, a little at a time, at the places where decoders decide (lengths, counts,
// tags), and by mixing two. The same random numbers make the same inputs.

import type { SeededRandom } from "../../src/base/random.js";

const INTERESTING = [0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 127, 128, 129, 250, 254, 255];
const WIDTHS = [1, 2, 4, 8];
const INPUT_BYTES_MAX = 20_000;
const CHANGES_MAX = 6;
const CHANGE_KINDS = 9;

function splice(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  const changed = new Uint8Array(bytes.length - removed + inserted.length);
  changed.set(bytes.subarray(0, at));
  changed.set(inserted, at);
  changed.set(bytes.subarray(at + removed), at + inserted.length);
  return changed;
}

/** A number of 1 to 8 bytes, little- or big-endian, set to or moved by a value that decoders may trip over. */
function changeNumber(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const width = WIDTHS[random.below(WIDTHS.length)];
  if (bytes.length < width) {
    return bytes;
  }
  const changed = bytes.slice();
  const at = random.below(bytes.length - width + 1);
  const isSmall = random.chance(1, 2);
  const low = INTERESTING[random.below(INTERESTING.length)];
  for (let i = 0; i < width; i++) {
    const place = random.chance(3, 4) ? at + i : at + width - 1 - i;
    changed[place] =
      i === 0 ? (random.chance(1, 3) ? changed[place] + (random.chance(1, 2) ? 1 : -1) : low) : isSmall ? 0 : 255;
  }
  return changed;
}

function change(bytes: Uint8Array, other: Uint8Array, words: readonly Uint8Array[], random: SeededRandom): Uint8Array {
  const at = random.below(bytes.length + 1);
  const length = Math.min(bytes.length - at, random.below(random.chance(1, 4) ? 300 : 9));
  switch (random.below(CHANGE_KINDS)) {
    case 0: {
      const changed = bytes.slice();
      if (at < bytes.length) {
        changed[at] ^= 1 << random.below(8);
      }
      return changed;
    }
    case 1: {
      const changed = bytes.slice();
      if (at < bytes.length) {
        changed[at] = INTERESTING[random.below(INTERESTING.length)];
      }
      return changed;
    }
    case 2:
      return changeNumber(bytes, random);
    case 3:
      return splice(bytes, at, length, new Uint8Array(0));
    case 4:
      return splice(bytes, at, 0, random.bytes(random.below(9)));
    case 5:
      return splice(bytes, at, 0, bytes.subarray(at, at + length));
    case 6:
      return bytes.slice(0, at);
    case 7: {
      const from = random.below(other.length + 1);
      return splice(bytes, at, length, other.subarray(from, from + random.below(200)));
    }
    default:
      return words.length === 0
        ? changeNumber(bytes, random)
        : splice(bytes, at, length, words[random.below(words.length)]);
  }
}

/** An input made of one of `corpus`; `words` are what its language is made of, where it is text. */
export function mutate(corpus: readonly Uint8Array[], words: readonly Uint8Array[], random: SeededRandom): Uint8Array {
  let bytes = corpus[random.below(corpus.length)];
  for (let left = 1 + random.below(CHANGES_MAX); left > 0; left--) {
    bytes = change(bytes, corpus[random.below(corpus.length)], words, random);
  }
  return bytes.length > INPUT_BYTES_MAX ? bytes.slice(0, INPUT_BYTES_MAX) : bytes;
}
