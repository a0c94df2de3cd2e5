// The WebSocket that the platform has: the global one of browsers and Node 22, else the `ws` package, loaded only where it is
// needed, so that a bundle for browsers works without it.

/** What a connection uses of a WebSocket; the browser's and that of `ws` both fit. */
export interface WebSocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketConstructor = new (url: string) => WebSocketLike;

/** The platform's WebSocket. */
export async function loadWebSocket(): Promise<WebSocketConstructor> {
  const own = (globalThis as { WebSocket?: unknown }).WebSocket;
  if (own !== undefined) {
    return own as WebSocketConstructor;
  }
  const { WebSocket } = await import("ws");
  return WebSocket as unknown as WebSocketConstructor;
}
