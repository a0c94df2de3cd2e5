/// <reference types="w3c-web-serial" />
/// <reference types="w3c-web-usb" />

// Ways to a receipt printer from a page: USB's printer class (WebUSB) and serial lines (Web Serial). Both want a person's click to be
// allowed at first; the browser then remembers the device.

export interface Printer {
  readonly name: string;
  write(bytes: Uint8Array): Promise<void>;
}

const USB_CLASS_PRINTER = 7;
const CHUNK_BYTES = 4_096;
const BAUD_RATE_DEFAULT = 9_600;

/** The printer's interface and the endpoint that takes its bytes; undefined where the device is no printer. */
export function findPrinterEndpoint(
  device: USBDevice,
): { interfaceNumber: number; endpointNumber: number } | undefined {
  for (const { interfaceNumber, alternates } of device.configurations.flatMap(({ interfaces }) => interfaces)) {
    for (const alternate of alternates) {
      const endpoint = alternate.endpoints.find(({ direction, type }) => direction === "out" && type === "bulk");
      if (alternate.interfaceClass === USB_CLASS_PRINTER && endpoint !== undefined) {
        return { interfaceNumber, endpointNumber: endpoint.endpointNumber };
      }
    }
  }
  return undefined;
}

export async function openUsbPrinter(device: USBDevice): Promise<Printer> {
  const found = findPrinterEndpoint(device);
  if (found === undefined) {
    throw new Error(`${device.productName ?? "the device"} has no printer interface`);
  }
  await device.open();
  if (device.configuration === null) {
    await device.selectConfiguration(1);
  }
  await device.claimInterface(found.interfaceNumber);
  return {
    name: device.productName ?? "USB",
    async write(bytes) {
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
        const chunk = bytes.slice(at, at + CHUNK_BYTES);
        const { status, bytesWritten } = await device.transferOut(found.endpointNumber, chunk);
        if (status !== "ok" || bytesWritten !== chunk.length) {
          throw new Error(`the printer took ${bytesWritten} of ${chunk.length} bytes (${status})`);
        }
      }
    },
  };
}

export async function openSerialPrinter(port: SerialPort, baudRate = BAUD_RATE_DEFAULT): Promise<Printer> {
  await port.open({ baudRate });
  return {
    name: "serial",
    async write(bytes) {
      const writer = port.writable?.getWriter();
      if (writer === undefined) {
        throw new Error("the serial line is closed");
      }
      try {
        await writer.write(bytes);
        await writer.ready;
      } finally {
        writer.releaseLock();
      }
    },
  };
}

/** Asks the person for a USB printer. Throws where the browser has no WebUSB or nothing was chosen. */
export async function askForUsbPrinter(): Promise<Printer> {
  if (navigator.usb === undefined) {
    throw new Error("this browser has no WebUSB");
  }
  return openUsbPrinter(await navigator.usb.requestDevice({ filters: [{ classCode: USB_CLASS_PRINTER }] }));
}

/** Asks the person for a serial line with a printer at its end. */
export async function askForSerialPrinter(): Promise<Printer> {
  if (navigator.serial === undefined) {
    throw new Error("this browser has no Web Serial");
  }
  return openSerialPrinter(await navigator.serial.requestPort());
}

/** The USB printer that was allowed before and is plugged in. */
export async function findAllowedPrinter(): Promise<Printer | undefined> {
  const devices = (await navigator.usb?.getDevices()) ?? [];
  const device = devices.find((candidate) => findPrinterEndpoint(candidate) !== undefined);
  return device === undefined ? undefined : openUsbPrinter(device);
}
