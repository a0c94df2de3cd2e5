// Reads the text or address record of an NFC tag by Web NFC, which browsers on Android have.

interface NfcRecord {
  recordType: string;
  encoding?: string;
  data?: DataView;
}

interface NfcReader extends EventTarget {
  scan(options: { signal: AbortSignal }): Promise<void>;
}

type NfcReaderConstructor = new () => NfcReader;

function readerClass(): NfcReaderConstructor | undefined {
  return (globalThis as { NDEFReader?: NfcReaderConstructor }).NDEFReader;
}

export function hasNfcReader(): boolean {
  return readerClass() !== undefined;
}

/** The first record that holds text or an address. */
export function textOfRecords(records: readonly NfcRecord[]): string | undefined {
  const record = records.find(({ recordType }) => recordType === "text" || recordType === "url");
  return record?.data === undefined ? undefined : new TextDecoder(record.encoding).decode(record.data);
}

export async function readTag(signal: AbortSignal): Promise<string> {
  const Reader = readerClass();
  if (Reader === undefined) {
    throw new Error("this browser has no Web NFC");
  }
  const reader = new Reader();
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  try {
    await reader.scan({ signal: both });
    return await new Promise((resolve, reject) => {
      both.addEventListener("abort", () => reject(both.reason), { once: true });
      reader.addEventListener("reading", (event) => {
        const text = textOfRecords((event as Event & { message: { records: NfcRecord[] } }).message.records);
        if (text !== undefined) {
          resolve(text);
        }
      });
    });
  } finally {
    ended.abort();
  }
}
