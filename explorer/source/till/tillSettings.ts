// What a till is set to: where the money goes, the shop's name, its number, how long an invoice can be paid.

import type { TokenId } from "ttchain";
import { createStore } from "../store.js";

export interface TillSettings {
  /** ttc1… text. */
  payee: string;
  label: string;
  /** The lane that refunds of this till go out on, so that several tills of one account never wait for each other. */
  number: number;
  validBlocks: number;
  /** Created tokens that it takes besides the chain's own. */
  tokens?: TillToken[];
  /** A store's key of the gateway on the same port; with it sales are that store's invoices. */
  gatewayKey?: string;
}

/** A created token's id and face, kept so that the till shows amounts without asking. */
export interface TillToken {
  token: TokenId;
  symbol: string;
  decimals: number;
}

export const VALID_BLOCKS_MIN = 3;
export const VALID_BLOCKS_DEFAULT = 300;
const STORAGE_KEY = "ttchain.till";

function read(): TillSettings | undefined {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

export const tillSettings = createStore<TillSettings | undefined>(read());

export function saveTillSettings(settings: TillSettings): void {
  localStorage.setItem(STORAGE_KEY, JSON.stringify(settings));
  tillSettings.set(settings);
}
