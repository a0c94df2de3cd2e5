// The node that serves these pages, reached by the SDK: one client, one connection that comes back by itself, and the hook that
// loads an answer for a component.

import { useCallback, useEffect, useState } from "preact/hooks";
import { Connection, type Status, type SubscriptionMessage, type SubscriptionOptions, TTChainClient } from "ttchain";
import { createStore } from "./store.js";

const RETRY_MS = 1_000;

/** A node that restarts, or a kept connection that it closed meanwhile, is asked again this long before a page says that it is away. */
const PATIENCE_MS = 3_000;

export const client = new TTChainClient({ url: location.origin, patienceMs: PATIENCE_MS });

export type LinkState = "connecting" | "open" | "lost";

export const linkState = createStore<LinkState>("connecting");
/** What the node said of itself last; renewed with the live feed. */
export const nodeStatus = createStore<Status | undefined>(undefined);

let opening: Promise<Connection> | undefined;

async function openUntilItWorks(): Promise<Connection> {
  for (;;) {
    try {
      return await Connection.open({ url: location.origin, onStateChange: (state) => linkState.set(state) });
    } catch {
      linkState.set("lost");
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** The connection; pending while no node answers. */
export function connection(): Promise<Connection> {
  opening ??= openUntilItWorks();
  return opening;
}

/** Subscribes as soon as there is a connection; gives the way to end it. */
export function subscribe(options: SubscriptionOptions, onMessage: (message: SubscriptionMessage) => void): () => void {
  let ended = false;
  let end = (): void => {
    ended = true;
  };
  void connection().then((open) => {
    if (!ended) {
      const subscription = open.subscribe(options, onMessage);
      end = () => subscription.unsubscribe();
    }
  });
  return () => end();
}

export async function refreshStatus(): Promise<Status> {
  const status = await client.status();
  nodeStatus.set(status);
  return status;
}

export type Loaded<T> =
  | { state: "loading"; value: T | undefined }
  | { state: "ready"; value: T }
  | { state: "failed"; value: T | undefined; error: unknown };

/** Loads for a component, and again when `keys` change; an answer that comes too late is dropped. */
export function useLoad<T>(load: () => Promise<T>, keys: unknown[]): Loaded<T> & { reload: () => void } {
  const [result, setResult] = useState<Loaded<T>>({ state: "loading", value: undefined });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    if (turn === 0) {
      setResult({ state: "loading", value: undefined });
    }
    load().then(
      (value) => current && setResult({ state: "ready", value }),
      (error: unknown) => current && setResult((before) => ({ state: "failed", value: before.value, error })),
    );
    return () => {
      current = false;
    };
  }, [...keys, turn]);
  const reload = useCallback(() => setTurn((number) => number + 1), []);
  return { ...result, reload };
}
