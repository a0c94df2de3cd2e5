// The messages by which engines hand snapshots of the state to each other, as CometBFT 0.40 sends them to the application.

import { utf8Bytes } from "../../base/bytes.js";
import { ProtobufReader, ProtobufWriter } from "../../protocol/protobuf.js";

/** A snapshot as engines name it. */
export interface SnapshotName {
  height: number;
  format: number;
  chunks: number;
  hash: Uint8Array;
}

/** The application's verdict on a snapshot that is offered. */
export const OFFER = { accept: 1, reject: 3, rejectFormat: 4 } as const;
/** The application's verdict on a chunk. */
export const CHUNK = { accept: 1, retry: 3, rejectSnapshot: 5 } as const;

function encodeName({ height, format, chunks, hash }: SnapshotName): Uint8Array {
  return new ProtobufWriter().varint(1, height).varint(2, format).varint(3, chunks).bytes(4, hash).finish();
}

function decodeName(bytes: Uint8Array): SnapshotName {
  const reader = new ProtobufReader(bytes);
  const name: SnapshotName = { height: 0, format: 0, chunks: 0, hash: new Uint8Array(0) };
  while (reader.next()) {
    if (reader.field === 1) name.height = reader.varint();
    else if (reader.field === 2) name.format = reader.varint();
    else if (reader.field === 3) name.chunks = reader.varint();
    else if (reader.field === 4) name.hash = reader.bytes().slice();
    else reader.skip();
  }
  return name;
}

/** ResponseListSnapshots. */
export function encodeSnapshotList(names: readonly SnapshotName[]): Uint8Array {
  const writer = new ProtobufWriter();
  for (const name of names) {
    writer.message(1, encodeName(name));
  }
  return writer.finish();
}

/** RequestOfferSnapshot: the snapshot, and the state's root at its height as the engine's light client has verified it. */
export function decodeOffer(body: Uint8Array): { snapshot: SnapshotName; applicationHash: Uint8Array } {
  const reader = new ProtobufReader(body);
  let snapshot = decodeName(new Uint8Array(0));
  let applicationHash = new Uint8Array(0) as Uint8Array;
  while (reader.next()) {
    if (reader.field === 1) snapshot = decodeName(reader.bytes());
    else if (reader.field === 2) applicationHash = reader.bytes().slice();
    else reader.skip();
  }
  return { snapshot, applicationHash };
}

/** RequestLoadSnapshotChunk. */
export function decodeChunkRequest(body: Uint8Array): { height: number; format: number; chunk: number } {
  const { height, format, chunks } = decodeName(body);
  return { height, format, chunk: chunks };
}

/** ResponseLoadSnapshotChunk; empty where there is no such chunk. */
export function encodeChunk(chunk: Uint8Array): Uint8Array {
  return new ProtobufWriter().bytes(1, chunk).finish();
}

/** RequestApplySnapshotChunk. */
export function decodeChunk(body: Uint8Array): { index: number; chunk: Uint8Array; sender: string } {
  const reader = new ProtobufReader(body);
  const given = { index: 0, chunk: new Uint8Array(0) as Uint8Array, sender: "" };
  while (reader.next()) {
    if (reader.field === 1) given.index = reader.varint();
    else if (reader.field === 2) given.chunk = reader.bytes();
    else if (reader.field === 3) given.sender = reader.text();
    else reader.skip();
  }
  return given;
}

/** ResponseApplySnapshotChunk; `refetch` names a chunk to be had again, from others than `sender`. */
export function encodeChunkVerdict(result: number, again?: { refetch: number; sender: string }): Uint8Array {
  const writer = new ProtobufWriter().varint(1, result);
  if (again !== undefined) {
    // A list of one number, packed: as a field's value stands after its one byte of key.
    const packed =
      again.refetch === 0 ? Uint8Array.of(0) : new ProtobufWriter().varint(1, again.refetch).finish().slice(1);
    writer.message(2, packed).message(3, utf8Bytes(again.sender));
  }
  return writer.finish();
}
