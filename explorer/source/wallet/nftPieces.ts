// What an address holds of single pieces (NFT): asked of contracts that have the standard contract's views, the chain's newest and those that
// the person named. What a contract says of itself proves nothing; everything of it is shown as text.

import { type ContractJson, type LvmValue, parseAddress, toHex } from "ttchain";
import { client } from "../node.js";

export interface Piece {
  id: bigint;
  link: string;
  digest: string;
  /** What it is offered for; undefined while it is not. */
  price: { units: bigint; token: string } | undefined;
}

export interface Collection {
  address: string;
  title: string;
  symbol: string;
  /** How many the contract says the address holds. */
  count: bigint;
  pieces: Piece[];
}

const STORAGE_KEY = "ttchain.collections";
const NAMED_MAX = 50;
/** Contracts of the chain that are looked at, newest first. */
const CONTRACTS_LOOKED_AT = 60;
const WINDOW = 100n;
/** Windows of ids that are asked for one collection. */
const WINDOWS_MAX = 30;
const PIECES_SHOWN_MAX = 60;
const VIEWS = ["about", "supply", "piece", "countOf", "owned"];

export function namedCollections(): string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
    return Array.isArray(list) ? list.filter((entry) => typeof entry === "string") : [];
  } catch {
    return [];
  }
}

export function nameCollection(address: string): void {
  parseAddress(address);
  const list = [address, ...namedCollections().filter((other) => other !== address)];
  localStorage.setItem(STORAGE_KEY, JSON.stringify(list.slice(0, NAMED_MAX)));
}

function isCollection({ abi, status }: ContractJson): boolean {
  const views = new Set(abi.functions.filter(({ kind }) => kind === "view").map(({ name }) => name));
  return status !== "destroyed" && VIEWS.every((name) => views.has(name));
}

function text(value: LvmValue | undefined): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : typeof value === "string" ? value : "";
}

function whole(value: LvmValue | undefined): bigint {
  return typeof value === "bigint" ? value : typeof value === "number" ? BigInt(Math.trunc(value)) : 0n;
}

function field(table: LvmValue, name: string): LvmValue | undefined {
  return table instanceof Map ? (table as ReadonlyMap<unknown, LvmValue>).get(name) : undefined;
}

async function pieceOf(contract: string, id: bigint): Promise<Piece> {
  const piece = await client.viewContract(contract, "piece", [id]);
  const digest = field(piece, "digest");
  const price = whole(field(piece, "price"));
  return {
    id,
    link: text(field(piece, "link")),
    digest: digest instanceof Uint8Array ? toHex(digest) : "",
    price: price > 0n ? { units: price, token: text(field(piece, "priceToken")) } : undefined,
  };
}

/** Undefined where the contract is none of pieces, or the address holds none. */
async function collectionOf(address: string, holder: Uint8Array): Promise<Collection | undefined> {
  const contract = await client.contract(address);
  if (!isCollection(contract)) {
    return undefined;
  }
  const count = whole(await client.viewContract(address, "countOf", [holder]));
  if (count === 0n) {
    return undefined;
  }
  const [about, supply] = await Promise.all([
    client.viewContract(address, "about", []),
    client.viewContract(address, "supply", []).then(whole),
  ]);
  const ids: bigint[] = [];
  for (let window = 0; window < WINDOWS_MAX && BigInt(ids.length) < count; window++) {
    const first = 1n + WINDOW * BigInt(window);
    if (first > supply) {
      break;
    }
    const found = await client.viewContract(address, "owned", [holder, first]);
    ids.push(...(Array.isArray(found) ? found.map(whole) : []));
  }
  const shown = ids.slice(0, PIECES_SHOWN_MAX);
  const pieces: Piece[] = [];
  for (const id of shown) {
    pieces.push(await pieceOf(address, id));
  }
  return { address, title: text(field(about, "name")), symbol: text(field(about, "symbol")), count, pieces };
}

async function contractsToAsk(): Promise<string[]> {
  const found = new Set(namedCollections());
  let before: string | undefined;
  for (let looked = 0; looked < CONTRACTS_LOOKED_AT; ) {
    const page = await client.contracts(before === undefined ? {} : { before });
    for (const { address, status } of page.contracts) {
      if (status !== "destroyed") {
        found.add(address);
      }
    }
    looked += page.contracts.length;
    before = page.next;
    if (before === undefined || page.contracts.length === 0) {
      break;
    }
  }
  return [...found];
}

/** What the address holds, collection by collection. A contract that can't be asked is passed over. */
export async function loadCollections(holder: Uint8Array): Promise<Collection[]> {
  const collections: Collection[] = [];
  for (const address of await contractsToAsk()) {
    const found = await collectionOf(address, holder).catch(() => undefined);
    if (found !== undefined) {
      collections.push(found);
    }
  }
  return collections;
}
