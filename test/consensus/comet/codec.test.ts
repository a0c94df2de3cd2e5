// The bytes between engine, application and peers: protobuf, frames in any pieces, bundles, hostile input.

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteSlab } from "../../../src/base/byteSlab.js";
import { concatBytes } from "../../../src/base/bytes.js";
import { decodeBlockRequest, decodeRequest } from "../../../src/consensus/comet/abciMessages.js";
import { FrameCutter } from "../../../src/consensus/comet/abciServer.js";
import { BUNDLE_BYTES_MAX, decodeBundle, encodeBundle } from "../../../src/consensus/comet/bundle.js";
import { parseCometTime } from "../../../src/consensus/comet/engineRpc.js";
import { Outbox } from "../../../src/consensus/comet/outbox.js";
import { CodedError } from "../../../src/protocol/errors.js";
import { PACKAGE_TRANSACTION_BYTES_MAX } from "../../../src/protocol/limits.js";
import { lengthDelimited, ProtobufReader, ProtobufWriter } from "../../../src/protocol/protobuf.js";

const slab = new ByteSlab();
const someBytes = fc.uint8Array({ maxLength: 300 });

describe("protobuf", () => {
  test("numbers and bytes come back as they were written", () => {
    const field = fc.integer({ min: 1, max: 500 });
    const numbers = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(field, numbers, someBytes, (number, value, bytes) => {
        const writer = new ProtobufWriter().varint(number, value).message(number + 1, bytes);
        const reader = new ProtobufReader(writer.finish());
        expect(reader.next()).toBe(true);
        expect([reader.field, reader.varint()]).toEqual([number, value]);
        expect(reader.next()).toBe(true);
        expect([...reader.bytes()]).toEqual([...bytes]);
        expect(reader.next()).toBe(false);
      }),
    );
  });

  test("numbers that may be negative come back, and may be passed over", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const bytes = new ProtobufWriter().signedVarint(3, value).varint(4, 9).finish();
        const reader = new ProtobufReader(bytes);
        if (value !== 0) {
          expect(reader.next()).toBe(true);
          expect([reader.field, reader.signedVarint()]).toEqual([3, value]);
        }
        expect(reader.next()).toBe(true);
        expect(reader.varint()).toBe(9);
        const passing = new ProtobufReader(bytes);
        while (passing.next()) {
          passing.skip();
        }
      }),
    );
  });

  test("fields with default values are not written", () => {
    const writer = new ProtobufWriter().varint(1, 0).fixed64(2, 0).bytes(3, new Uint8Array(0));
    expect(writer.finish().length).toBe(0);
  });

  test("any bytes are read or refused with a code, never worse", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeRequest(bytes);
          decodeBlockRequest("finalizeBlock", bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CodedError);
        }
      }),
    );
  });
});

describe("frames of the engine's socket", () => {
  test("come out whole however the stream is cut", () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.array(someBytes, { maxLength: 12 }), cuts, (messages, sizes) => {
        const stream = concatBytes(...messages.map(lengthDelimited));
        const cutter = new FrameCutter();
        const frames: Uint8Array[] = [];
        for (let offset = 0, i = 0; offset < stream.length; i++) {
          const end = offset + sizes[i % sizes.length];
          frames.push(...cutter.push(stream.slice(offset, end)));
          offset = end;
        }
        expect(frames.map((frame) => [...frame])).toEqual(messages.map((message) => [...message]));
      }),
    );
  });

  test("a frame that says it is longer than any block is refused before it is awaited", () => {
    expect(() => new FrameCutter().push(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f))).toThrow("expected a frame");
  });
});

describe("bundles", () => {
  const transactions = fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 50 });

  test("hold their transactions in order", () => {
    fc.assert(
      fc.property(transactions, (list) => {
        expect(decodeBundle(encodeBundle(list), slab).map((bytes) => [...bytes])).toEqual(
          list.map((bytes) => [...bytes]),
        );
      }),
    );
  });

  test("any bytes of a peer are taken apart or refused with a code", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        try {
          expect([...encodeBundle(decodeBundle(bytes, slab))]).toEqual([...bytes]);
        } catch (error) {
          expect(error).toBeInstanceOf(CodedError);
        }
      }),
    );
  });

  test("leave the outbox in order, whole, and within the size that was asked for", () => {
    fc.assert(
      fc.property(transactions, fc.integer({ min: 500, max: 5_000 }), (list, bytesMax) => {
        const outbox = new Outbox();
        for (const bytes of list) {
          expect(outbox.add(bytes)).toBe(true);
        }
        const taken: Uint8Array[] = [];
        for (let bundles = outbox.take(bytesMax); bundles.length > 0; bundles = outbox.take(bytesMax)) {
          expect(bundles.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(bytesMax);
          taken.push(...bundles.flatMap((bundle) => decodeBundle(bundle, slab)));
        }
        expect(taken.map((bytes) => [...bytes])).toEqual(list.map((bytes) => [...bytes]));
      }),
    );
  });

  test("hold a contract's package, however large, and pass what comes after it", () => {
    const outbox = new Outbox();
    const list = [300, 20_000, PACKAGE_TRANSACTION_BYTES_MAX, 200].map((length) => new Uint8Array(length).fill(7));
    for (const bytes of list) {
      outbox.add(bytes);
    }
    const taken = outbox.take(1024 * 1024).flatMap((bundle) => decodeBundle(bundle, slab));
    expect(taken.map(({ length }) => length)).toEqual(list.map(({ length }) => length));
    expect(outbox.take(1024 * 1024)).toEqual([]);
  });

  test("no bundle is larger than the engine takes", () => {
    const outbox = new Outbox();
    for (let i = 0; i < 200; i++) {
      outbox.add(new Uint8Array(16_000));
    }
    const bundles = outbox.take(Number.MAX_SAFE_INTEGER);
    expect(bundles.length).toBeGreaterThan(1);
    expect(Math.max(...bundles.map(({ length }) => length))).toBeLessThanOrEqual(BUNDLE_BYTES_MAX);
  });
});

test("the engine's times are read to the nanosecond", () => {
  expect(parseCometTime("2026-11-25T01:03:48.819000001Z")).toEqual({ seconds: 1795568628, nanoseconds: 819000001 });
  expect(parseCometTime("2026-11-25T01:03:48Z")).toEqual({ seconds: 1795568628, nanoseconds: 0 });
  expect(() => parseCometTime("2026-11-25T01:03:48+09:00")).toThrow("expected a time in UTC");
});
