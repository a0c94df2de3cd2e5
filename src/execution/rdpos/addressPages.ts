// Lists of addresses in the state: pages without holes. Whoever leaves is replaced by the last, so that joining and leaving touch two
// pages at the most, and a walk over the list reads each address once.

import { PAGE_ADDRESSES } from "../../protocol/delegateLeaves.js";
import type { LeafEntry, WorkingState } from "../workingState.js";

export interface AddressPages {
  page(state: WorkingState, page: number): LeafEntry<Uint8Array[]>;
  count(state: WorkingState): number;
  setCount(state: WorkingState, count: number): void;
}

/** All addresses, in the list's order. */
export function listedAddresses(pages: AddressPages, state: WorkingState): Uint8Array[] {
  const count = pages.count(state);
  const addresses: Uint8Array[] = [];
  for (let page = 0; page * PAGE_ADDRESSES < count; page++) {
    addresses.push(...(pages.page(state, page).leaf ?? []));
  }
  return addresses;
}

/** Puts an address at the list's end; gives its place. */
export function appendAddress(pages: AddressPages, state: WorkingState, address: Uint8Array): number {
  const place = pages.count(state);
  const page = pages.page(state, Math.floor(place / PAGE_ADDRESSES));
  state.set(page, [...(page.leaf ?? []), address]);
  pages.setCount(state, place + 1);
  return place;
}

/** Takes the address at `place` off the list; gives the one that stands there now, if another was moved. */
export function removeAddress(pages: AddressPages, state: WorkingState, place: number): Uint8Array | undefined {
  const lastPlace = pages.count(state) - 1;
  const lastPage = pages.page(state, Math.floor(lastPlace / PAGE_ADDRESSES));
  const addresses = lastPage.leaf ?? [];
  const moved = addresses[lastPlace % PAGE_ADDRESSES];
  const rest = addresses.slice(0, -1);
  state.set(lastPage, rest.length === 0 ? undefined : rest);
  pages.setCount(state, lastPlace);
  if (place === lastPlace) {
    return undefined;
  }
  const page = pages.page(state, Math.floor(place / PAGE_ADDRESSES));
  const changed = [...(page.leaf ?? [])];
  changed[place % PAGE_ADDRESSES] = moved;
  state.set(page, changed);
  return moved;
}
