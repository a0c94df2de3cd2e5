// Who an address counts as, and whom a proxy speaks for.

import { describe, expect, test } from "vitest";
import {
  addressGroup,
  addressList,
  clientAddress,
  isLoopback,
  plainAddress,
} from "../../../src/http/door/addressGroup.js";

describe("an address", () => {
  test.each([
    ["192.0.2.7", "192.0.2.7"],
    ["192.0.2.7:4711", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["0000:0000:0000:0000:0000:ffff:c000:0207", "192.0.2.7"],
    ["[2001:db8::1]:4711", "2001:db8:0:0:0:0:0:1"],
    ["2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8:0:0:0:0:0:1"],
    ["fe80::1%eth0", "fe80:0:0:0:0:0:0:1"],
    ["::", "0:0:0:0:0:0:0:0"],
  ])("%s is %s", (text, plain) => {
    expect(plainAddress(text)).toBe(plain);
  });

  test.each(["", "unknown", "1.2.3", "1.2.3.4.5", "::g", "<script>", "127.0.0.1, 8.8.8.8"])("%s is none", (text) => {
    expect(plainAddress(text)).toBeUndefined();
  });

  test("counts by itself in IPv4, by its network of 64 bits in IPv6", () => {
    expect(addressGroup("192.0.2.7")).toBe("192.0.2.7");
    expect(addressGroup("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
    expect(addressGroup("2001:db8:1:2:ffff::1")).toBe(addressGroup("2001:db8:1:2::"));
    expect(addressGroup("2001:db8:1:3::1")).not.toBe(addressGroup("2001:db8:1:2::1"));
    expect(addressGroup("nonsense")).toBe("unknown");
  });
});

describe("a list", () => {
  test("holds addresses and networks of both families", () => {
    const has = addressList(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"]);
    expect(["10.255.0.1", "192.0.2.1", "2001:db8:9::1"].every(has)).toBe(true);
    expect(["11.0.0.1", "192.0.2.2", "2001:db9::1", "nonsense"].some(has)).toBe(false);
    expect(["127.0.0.1", "127.9.9.9", "::1"].every(isLoopback)).toBe(true);
  });

  test.each(["10.0.0.0/33", "10.0.0.0/x", "proxy.example", "", "10.0.0/8"])("refuses %s", (entry) => {
    expect(() => addressList([entry])).toThrow(/expected an address or a network/);
  });
});

describe("the client behind a proxy", () => {
  const isProxy = addressList(["127.0.0.1", "10.0.0.0/8"]);

  test("is the last address that no proxy has", () => {
    expect(clientAddress("127.0.0.1", "192.0.2.7", isProxy)).toBe("192.0.2.7");
    expect(clientAddress("127.0.0.1", "192.0.2.7, 10.1.1.1", isProxy)).toBe("192.0.2.7");
    expect(clientAddress("127.0.0.1", "6.6.6.6, 192.0.2.7, 10.1.1.1", isProxy)).toBe("192.0.2.7");
    expect(clientAddress("127.0.0.1", "", isProxy)).toBe("127.0.0.1");
    expect(clientAddress("127.0.0.1", "garbage", isProxy)).toBe("unknown");
  });

  test("is the connection's own where that is no proxy's, whatever the header says", () => {
    expect(clientAddress("192.0.2.9", "127.0.0.1", isProxy)).toBe("192.0.2.9");
  });
});
