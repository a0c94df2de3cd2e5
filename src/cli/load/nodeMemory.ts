// How much memory the node says that it takes, from its /metrics, second by second while the load runs. It counts the pages
// of its stores' files that the system keeps mapped, which go when another process needs the room.

const NAME = "process_resident_memory_bytes";
const INTERVAL_MS = 1_000;
const BYTES_PER_MIB = 1_048_576;

/** MiB, each second from the first arrival on. */
export type NodeMemory = number[];

function residentMib(text: string): number | undefined {
  const line = text.split("\n").find((other) => other.startsWith(`${NAME} `));
  return line === undefined ? undefined : Math.round(Number(line.slice(NAME.length + 1)) / BYTES_PER_MIB);
}

export class MemoryWatch {
  readonly seconds: NodeMemory = [];
  readonly #timer: ReturnType<typeof setInterval>;
  #isAsking = false;

  constructor(private readonly url: string) {
    void this.#ask();
    this.#timer = setInterval(() => void this.#ask(), INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A node that is away or slow to answer leaves its second out. */
  async #ask(): Promise<void> {
    if (this.#isAsking) {
      return;
    }
    this.#isAsking = true;
    const text = await fetch(new URL("/metrics", this.url))
      .then((response) => response.text())
      .catch(() => "");
    this.#isAsking = false;
    const mib = residentMib(text);
    if (mib !== undefined) {
      this.seconds.push(mib);
    }
  }
}

/** One line: at the beginning, at most, at the end, and in between at about ten moments. */
export function describeMemory(seconds: NodeMemory): string {
  if (seconds.length === 0) {
    return "not told";
  }
  const step = Math.max(1, Math.ceil(seconds.length / 10));
  const moments = seconds.filter((_, second) => second % step === 0).join(", ");
  return `${seconds[0]} MiB at first, ${Math.max(...seconds)} at most, ${seconds[seconds.length - 1]} at the end; every ${step} s ${moments}`;
}
