// Where webhooks may go. A gateway stands inside its operator's network, and whoever may register a webhook must not reach that
// network through it: addresses are checked after the name is resolved, at the moment of connecting, so that a name that
// changes its address between check and use gains nothing.

import { lookup as resolveName } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { addressList, plainAddress } from "../../http/door/addressGroup.js";
import { CodedError } from "../../protocol/errors.js";

const URL_CHARACTERS_MAX = 500;

/** Networks that are no public unicast ones, by the registries of special-purpose addresses. */
const isSpecial = addressList([
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/128",
  "::1/128",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
  "5f00::/16",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
]);

/** Whether an address is one of the public Internet. */
export function isPublicAddress(address: string): boolean {
  const plain = plainAddress(address);
  return plain !== undefined && !isSpecial(plain);
}

/** The URL of a webhook; throws WEBHOOK_ADDRESS. */
export function parseWebhookUrl(text: string, allowPrivate: boolean): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new CodedError("WEBHOOK_ADDRESS", `expected a URL, got "${text.slice(0, 80)}"`);
  }
  const schemes = allowPrivate ? ["https:", "http:"] : ["https:"];
  if (
    !schemes.includes(url.protocol) ||
    text.length > URL_CHARACTERS_MAX ||
    url.username !== "" ||
    url.password !== ""
  ) {
    throw new CodedError("WEBHOOK_ADDRESS", `expected a URL with ${schemes.join(" or ")} and without a password`);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) {
    throw new CodedError("WEBHOOK_ADDRESS", `expected a public address, got ${host}`);
  }
  return url;
}

/** Resolves a name for a connection, and refuses it where one of its addresses is not public. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolveName(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, "", 0);
      return;
    }
    const refused = addresses.find(({ address }) => !isPublicAddress(address));
    if (refused !== undefined || addresses.length === 0) {
      callback(new Error(`${hostname} has the address ${refused?.address}, which is not public`), "", 0);
    } else if (options.all === true) {
      callback(null, addresses);
    } else {
      callback(null, addresses[0].address, addresses[0].family);
    }
  });
};
