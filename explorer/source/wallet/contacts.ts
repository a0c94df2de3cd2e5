// People one pays, by names that only this device knows.

import { createStore } from "../store.js";

export interface Contact {
  name: string;
  /** ttc1… text. */
  address: string;
}

const STORAGE_KEY = "ttchain.contacts";

function read(): Contact[] {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
  } catch {
    return [];
  }
}

export const contacts = createStore<Contact[]>(read());

function write(list: Contact[]): void {
  localStorage.setItem(STORAGE_KEY, JSON.stringify(list));
  contacts.set(list);
}

/** Adds a contact, in place of an earlier one of the same name. */
export function saveContact(contact: Contact): void {
  const others = read().filter(({ name }) => name !== contact.name);
  write([...others, contact].sort((a, b) => a.name.localeCompare(b.name)));
}

export function deleteContact(name: string): void {
  write(read().filter((contact) => contact.name !== name));
}

export function contactNamed(name: string): Contact | undefined {
  const wanted = name.trim().toLowerCase();
  return read().find((contact) => contact.name.toLowerCase() === wanted);
}
