// Reads the fields of a protobuf message: as much of the encoding as ICS-23 proofs use (varints and byte strings), and
// nothing that could be read in two ways: a field that may occur once and occurs twice is for the caller to refuse.

import { CodedError } from "../protocol/errors.js";

/** One field: `value` of a varint, or `bytes` of a byte string or message. */
export interface ProtobufField {
  number: number;
  value?: number;
  bytes?: Uint8Array;
}

const WIRE_VARINT = 0;
const WIRE_BYTES = 2;
/** 5 times 7 bits: more than any length or enum of a proof. */
const VARINT_BYTES_MAX = 5;

/** The fields of `message` in their order. Throws BAD_PROOF for bytes that are no such message. */
export function readProtobuf(message: Uint8Array): ProtobufField[] {
  const fields: ProtobufField[] = [];
  let offset = 0;
  const varint = (): number => {
    let value = 0;
    for (let i = 0; i < VARINT_BYTES_MAX && offset < message.length; i++) {
      const byte = message[offset++];
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) {
        return value;
      }
    }
    throw new CodedError("BAD_PROOF", `expected a protobuf number at offset ${offset}`);
  };
  while (offset < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    if (tag % 8 === WIRE_VARINT) {
      fields.push({ number, value: varint() });
    } else if (tag % 8 === WIRE_BYTES) {
      const length = varint();
      if (offset + length > message.length) {
        throw new CodedError(
          "BAD_PROOF",
          `expected ${length} bytes at offset ${offset}, got ${message.length - offset}`,
        );
      }
      fields.push({ number, bytes: message.slice(offset, offset + length) });
      offset += length;
    } else {
      throw new CodedError("BAD_PROOF", `expected a number or bytes at offset ${offset}, got wire type ${tag % 8}`);
    }
  }
  return fields;
}
