// Who a network address counts as. IPv4 addresses count one by one; of IPv6 the first 64 bits, for whoever has one address of
// such a network has all of them. An IPv4 address in IPv6's clothes counts as what it is.

import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";

const GROUPS = 8;
const GROUPS_OF_NETWORK = 4;
const GROUP_BITS = 16;
const GROUP_MAX = 0xffff;
const BYTE_BITS = 8;
const BYTE_MAX = 0xff;
/** The first six groups of ::ffff:0:0/96. */
const MAPPED_IPV4 = "0:0:0:0:0:ffff";

/** The eight groups of an IPv6 address that has no dotted part. */
function groupsOf(address: string): number[] {
  const [head, tail] = address.split("::");
  const parse = (part: string | undefined): number[] =>
    part ? part.split(":").map((group) => Number.parseInt(group, GROUP_BITS)) : [];
  const before = parse(head);
  const after = parse(tail);
  return tail === undefined
    ? before
    : [...before, ...new Array(GROUPS - before.length - after.length).fill(0), ...after];
}

/** The IPv4 address that an IPv6 one stands for; undefined for others. */
function mappedIPv4(groups: readonly number[]): string | undefined {
  const [high, low] = groups.slice(GROUPS - 2);
  const isMapped =
    groups
      .slice(0, GROUPS - 2)
      .map((group) => group.toString(GROUP_BITS))
      .join(":") === MAPPED_IPV4;
  return isMapped ? [high >> BYTE_BITS, high & BYTE_MAX, low >> BYTE_BITS, low & BYTE_MAX].join(".") : undefined;
}

/** The address without port, brackets, zone or clothes; undefined for what is none. */
export function plainAddress(text: string): string | undefined {
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, "$1")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1")
    .split("%")[0];
  if (isIPv4(bare) || !isIPv6(bare)) {
    return isIP(bare) === 0 ? undefined : bare;
  }
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(bare);
  const hex =
    dotted === null
      ? bare
      : `${dotted[1]}${((Number(dotted[2]) << BYTE_BITS) | Number(dotted[3])).toString(GROUP_BITS)}:${((Number(dotted[4]) << BYTE_BITS) | Number(dotted[5])).toString(GROUP_BITS)}`;
  const groups = groupsOf(hex);
  return mappedIPv4(groups) ?? groups.map((group) => (group & GROUP_MAX).toString(GROUP_BITS)).join(":");
}

/** What an address is counted under: itself, or its /64 network. */
export function addressGroup(address: string): string {
  const plain = plainAddress(address);
  if (plain === undefined || isIPv4(plain)) {
    return plain ?? "unknown";
  }
  return `${plain.split(":").slice(0, GROUPS_OF_NETWORK).join(":")}::/64`;
}

/** The addresses and networks ("10.0.0.0/8") of a list. Throws Error for what is neither. */
export function addressList(entries: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const [network, bits] = entry.split("/");
    const family = isIPv6(network) ? "ipv6" : "ipv4";
    const bitsMax = family === "ipv6" ? 128 : 32;
    if (isIP(network) === 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax))) {
      throw new Error(`expected an address or a network such as 10.0.0.0/8, got "${entry}"`);
    }
    list.addSubnet(network, bits === undefined ? bitsMax : Number(bits), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** The machine's own addresses. */
export const isLoopback = addressList(["127.0.0.0/8", "::1"]);

/**
 * The client's address: the connection's own, or, where that is a trusted proxy's, the last one of X-Forwarded-For that is not.
 * What stands before it the client may have written itself.
 */
export function clientAddress(connected: string, forwardedFor: string, isProxy: (address: string) => boolean): string {
  let address = plainAddress(connected) ?? "unknown";
  const hops = forwardedFor === "" ? [] : forwardedFor.split(",");
  for (let hop = hops.pop(); hop !== undefined && isProxy(address); hop = hops.pop()) {
    address = plainAddress(hop) ?? "unknown";
  }
  return address;
}
