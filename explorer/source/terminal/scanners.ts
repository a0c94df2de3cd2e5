/// <reference types="w3c-web-serial" />

// Ways to a barcode scanner. Most scanners are keyboards: they type the code faster than a person can and end it with Enter. Others
// speak through a serial line and end a code with CR or LF.

/** Between two keys of a scanner pass a few milliseconds; people need many times more. */
const KEY_GAP_MS_MAX = 60;
const CODE_CHARACTERS_MIN = 4;
const CODE_CHARACTERS_MAX = 4_096;

/**
 * Gathers keys into codes: a code is at least four characters, none later than 60 ms after the one before, then Enter. Whatever is
 * slower was typed by a person and is forgotten.
 */
export class KeyGatherer {
  private text = "";
  private lastMs = Number.NEGATIVE_INFINITY;

  /** Gives the code that this key completes. */
  press(key: string, timeMs: number): string | undefined {
    if (timeMs - this.lastMs > KEY_GAP_MS_MAX) {
      this.text = "";
    }
    this.lastMs = timeMs;
    if (key === "Enter") {
      const code = this.text;
      this.text = "";
      return code.length >= CODE_CHARACTERS_MIN ? code : undefined;
    }
    if (key.length === 1 && this.text.length < CODE_CHARACTERS_MAX) {
      this.text += key;
    }
    return undefined;
  }
}

/** Calls back for each code that a scanner types into the page; gives the way to stop. */
export function listenToKeyboardScanner(onCode: (code: string) => void): () => void {
  const gatherer = new KeyGatherer();
  const onKey = (event: KeyboardEvent): void => {
    const code = gatherer.press(event.key, event.timeStamp);
    if (code !== undefined) {
      // Enter must not press the button that happens to have the focus.
      event.preventDefault();
      onCode(code);
    }
  };
  addEventListener("keydown", onKey, { capture: true });
  return () => removeEventListener("keydown", onKey, { capture: true });
}

/** Splits what comes through a line into codes at CR and LF. */
export class LineGatherer {
  private text = "";
  private readonly decoder = new TextDecoder();

  take(bytes: Uint8Array): string[] {
    this.text += this.decoder.decode(bytes, { stream: true });
    const lines = this.text.split(/[\r\n]+/);
    this.text = (lines.pop() ?? "").slice(-CODE_CHARACTERS_MAX);
    return lines.filter((line) => line.length >= CODE_CHARACTERS_MIN && line.length <= CODE_CHARACTERS_MAX);
  }
}

const BAUD_RATE = 9_600;

/** Opens a serial scanner and calls back for each code until the line ends; gives the way to stop. */
export async function listenToSerialScanner(port: SerialPort, onCode: (code: string) => void): Promise<() => void> {
  await port.open({ baudRate: BAUD_RATE });
  const reader = port.readable?.getReader();
  const gatherer = new LineGatherer();
  const listen = async (): Promise<void> => {
    for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
      gatherer.take(part.value).forEach(onCode);
    }
  };
  void listen().catch(() => undefined);
  return () => void reader?.cancel().then(() => port.close());
}

/** Asks the person for the scanner's serial line. */
export async function askForSerialScanner(onCode: (code: string) => void): Promise<() => void> {
  if (navigator.serial === undefined) {
    throw new Error("this browser has no Web Serial");
  }
  return listenToSerialScanner(await navigator.serial.requestPort(), onCode);
}
