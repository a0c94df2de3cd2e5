// Whom a person means: a contact, an address, or a name of the chain, which is looked up and shown as the address that it stands for.

import { formatAddress, isNameText, parseAddress } from "ttchain";
import { client } from "../node.js";
import { contactNamed } from "./contacts.js";

/** The address as text. Throws a coded error for what is no address and no name that stands for one. */
export async function payeeOf(text: string): Promise<string> {
  const contact = contactNamed(text);
  if (contact !== undefined) {
    return contact.address;
  }
  const trimmed = text.trim();
  if (isNameText(trimmed)) {
    return formatAddress(await client.resolveName(trimmed));
  }
  parseAddress(trimmed);
  return trimmed.toLowerCase();
}
