// The customer's side of the counter: a second window of the same till, on a second screen or a tablet in the same browser. It shows
// what the till told last; a window that opens later asks for it.

import type { CustomerScreen } from "./terminal.js";

const CHANNEL = "ttchain.customerDisplay";

type Message = { kind: "screen"; screen: CustomerScreen } | { kind: "hello" };

/** The till's end: shows a screen on every display that is open or opens later. */
export class DisplaySender {
  private readonly channel = new BroadcastChannel(CHANNEL);
  private last: CustomerScreen | undefined;

  constructor() {
    this.channel.addEventListener("message", ({ data }: MessageEvent<Message>) => {
      if (data.kind === "hello" && this.last !== undefined) {
        this.send(this.last);
      }
    });
  }

  private send(screen: CustomerScreen): void {
    this.channel.postMessage({ kind: "screen", screen } satisfies Message);
  }

  show(screen: CustomerScreen): void {
    this.last = screen;
    this.send(screen);
  }
}

/** The display's end; gives the way to stop. */
export function listenToTill(onScreen: (screen: CustomerScreen) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", ({ data }: MessageEvent<Message>) => {
    if (data.kind === "screen") {
      onScreen(data.screen);
    }
  });
  channel.postMessage({ kind: "hello" } satisfies Message);
  return () => channel.close();
}
