/// <reference types="w3c-web-usb" />

// The terminal's parts that need no browser: receipts as ESC/POS bytes, scanners, waiting, and finding a USB printer.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DrawText, encodeReceipt, layPair } from "../../explorer/source/terminal/encodeReceipt.js";
import { textOfRecords } from "../../explorer/source/terminal/nfcReader.js";
import { findPrinterEndpoint, openUsbPrinter } from "../../explorer/source/terminal/printers.js";
import { KeyGatherer, LineGatherer } from "../../explorer/source/terminal/scanners.js";
import { SimulatedTerminal } from "../../explorer/source/terminal/simulatedTerminal.js";
import { TerminalPartMissing } from "../../explorer/source/terminal/terminal.js";

const drawBlack: DrawText = (_text, { widthDots }) => ({
  width: widthDots,
  height: 8,
  data: new Uint8ClampedArray(widthDots * 8 * 4).map((_, index) => (index % 4 === 3 ? 255 : 0)),
});

function contains(bytes: Uint8Array, part: number[]): boolean {
  return Buffer.from(bytes).includes(Buffer.from(part));
}

describe("a receipt in ESC/POS", () => {
  test("begins with initialise, holds its text and QR code, ends with a cut", () => {
    const bytes = encodeReceipt(
      [
        { kind: "title", text: "Bada Coffee" },
        { kind: "pair", name: "Block", value: "12" },
        { kind: "rule" },
        { kind: "qr", text: "ttchain-sale:ab" },
      ],
      32,
      drawBlack,
    );
    expect([...bytes.subarray(0, 2)]).toEqual([0x1b, 0x40]);
    const text = Buffer.from(bytes).toString("latin1");
    expect(text).toContain("Bada Coffee");
    expect(text).toContain(`Block${" ".repeat(32 - 7)}12`);
    expect(text).toContain("-".repeat(32));
    expect(text).toContain("ttchain-sale:ab");
    // GS ( k ... 0x31 0x51: print the QR code; GS V: cut.
    expect(contains(bytes, [0x1d, 0x28, 0x6b, 0x03, 0x00, 0x31, 0x51, 0x30])).toBe(true);
    expect(contains(bytes.subarray(-6), [0x1d, 0x56])).toBe(true);
  });

  test("draws what is not Latin, as a raster of the paper's width", () => {
    const bytes = encodeReceipt([{ kind: "large", text: "바다 커피" }], 48, drawBlack);
    // GS v 0 m xL xH yL yH: 72 bytes across, 8 rows.
    expect(contains(bytes, [0x1d, 0x76, 0x30, 0x00, 72, 0, 8, 0, 0xff])).toBe(true);
    expect(Buffer.from(bytes).toString("latin1")).not.toContain("?");
  });

  test("never sends a control character that a text brought along", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), (label) => {
        const drawn: string[] = [];
        const bytes = encodeReceipt([{ kind: "text", text: label }], 32, (text, look) => {
          drawn.push(text);
          return drawBlack(text, look);
        });
        const isPlain = /^[\x20-\x7e]*$/.test(label);
        expect(drawn).toEqual(isPlain ? [] : [label]);
        return isPlain
          ? Buffer.from(bytes).toString("latin1").replaceAll(/\s/g, "").includes(label.replaceAll(" ", ""))
          : true;
      }),
    );
  });

  test("lays name and value on lines of the paper's width, losing nothing", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{1,12}$/),
        fc.stringMatching(/^[a-z0-9]{1,120}$/),
        fc.constantFrom(32, 48),
        (name, value, columns) => {
          const lines = layPair(name, value, columns);
          expect(lines.every((line) => line.length <= columns)).toBe(true);
          expect(lines.join("").replaceAll(" ", "")).toBe(name + value);
        },
      ),
    );
  });
});

describe("a scanner that types", () => {
  const type = (text: string, gapMs: number): string[] => {
    const gatherer = new KeyGatherer();
    return [...text, "Enter"].flatMap((key, index) => gatherer.press(key, index * gapMs) ?? []);
  };

  test("gives the code that came quickly and ended with Enter", () => {
    expect(type("8801234567890", 5)).toEqual(["8801234567890"]);
  });

  test("leaves alone what a person types", () => {
    expect(type("4500", 150)).toEqual([]);
    expect(type("12", 5)).toEqual([]);
  });

  test("passes over Shift and other keys that are no characters", () => {
    const gatherer = new KeyGatherer();
    const keys = ["A", "Shift", "B", "C", "D", "Enter"];
    expect(keys.flatMap((key, index) => gatherer.press(key, index * 4) ?? [])).toEqual(["ABCD"]);
  });
});

test("a scanner on a serial line gives the same codes however its bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[A-Z0-9:]{4,40}$/), { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(20), { maxLength: 20 }),
      (codes, cuts) => {
        const bytes = Buffer.from(codes.map((code) => `${code}\r\n`).join(""));
        const gatherer = new LineGatherer();
        const got: string[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          got.push(...gatherer.take(bytes.subarray(at, at + cut)));
          at += cut;
        }
        expect(got).toEqual(codes);
      },
    ),
  );
});

describe("the simulated terminal", () => {
  test("keeps what it showed and printed, and gives scans, taps and cards to who waits", async () => {
    const terminal = new SimulatedTerminal();
    const { signal } = new AbortController();
    const waits = Promise.all([terminal.scan(signal), terminal.tap(signal), terminal.insert(signal)]);
    await Promise.resolve();
    terminal.scans.give("qr");
    terminal.taps.give("tag");
    terminal.cards.give("card");
    expect(await waits).toEqual(["qr", "tag", "card"]);
    await terminal.show({ kind: "paid", label: "Shop", amount: "1 TTM" });
    await terminal.print([{ kind: "rule" }]);
    expect(terminal.screens.at(-1)?.kind).toBe("paid");
    expect(terminal.printed).toEqual([[{ kind: "rule" }]]);
  });

  test("gives a code once, and none to who stopped waiting", async () => {
    const terminal = new SimulatedTerminal();
    const ended = new AbortController();
    const stopped = terminal.scan(ended.signal);
    ended.abort(new Error("stopped"));
    await expect(stopped).rejects.toThrow("stopped");
    expect(terminal.scans.give("late")).toBe(false);
  });

  test("says which part is missing, and that the paper is out", async () => {
    const terminal = new SimulatedTerminal();
    terminal.parts.delete("insert");
    await expect(terminal.insert(new AbortController().signal)).rejects.toThrow(TerminalPartMissing);
    terminal.paperLeft = 0;
    await expect(terminal.print([])).rejects.toThrow("no paper");
  });
});

describe("a USB printer", () => {
  const endpoint = (direction: string, type: string, endpointNumber: number) => ({ direction, type, endpointNumber });
  const device = (interfaceClass: number, takes = Number.POSITIVE_INFINITY) => {
    const written: number[] = [];
    const usb = {
      productName: "POS-80",
      configuration: null,
      configurations: [
        {
          interfaces: [
            { interfaceNumber: 0, alternates: [{ interfaceClass: 3, endpoints: [endpoint("in", "interrupt", 1)] }] },
            {
              interfaceNumber: 1,
              alternates: [{ interfaceClass, endpoints: [endpoint("in", "bulk", 2), endpoint("out", "bulk", 3)] }],
            },
          ],
        },
      ],
      open: async () => undefined,
      selectConfiguration: async () => undefined,
      claimInterface: async () => undefined,
      transferOut: async (_number: number, chunk: Uint8Array) => {
        const taken = Math.min(takes, chunk.length);
        written.push(...chunk.subarray(0, taken));
        return { status: taken === chunk.length ? "ok" : "stall", bytesWritten: taken };
      },
    };
    return { usb: usb as unknown as USBDevice, written };
  };

  test("is found by its class and its way out", () => {
    expect(findPrinterEndpoint(device(7).usb)).toEqual({ interfaceNumber: 1, endpointNumber: 3 });
    expect(findPrinterEndpoint(device(8).usb)).toBeUndefined();
  });

  test("takes all bytes in order, or says how many it took", async () => {
    const bytes = Uint8Array.from({ length: 10_000 }, (_, index) => index % 251);
    const good = device(7);
    await (await openUsbPrinter(good.usb)).write(bytes);
    expect(good.written).toEqual([...bytes]);
    const stuck = await openUsbPrinter(device(7, 100).usb);
    await expect(stuck.write(bytes)).rejects.toThrow("100 of 4096");
  });
});

test("an NFC tag's first text or address record is read", () => {
  const data = (text: string): DataView => new DataView(new TextEncoder().encode(text).buffer);
  const records = [
    { recordType: "empty" },
    { recordType: "url", data: data("ttchain:ttc1abc") },
    { recordType: "text", data: data("later") },
  ];
  expect(textOfRecords(records)).toBe("ttchain:ttc1abc");
  expect(textOfRecords([{ recordType: "mime", data: data("x") }])).toBeUndefined();
});
