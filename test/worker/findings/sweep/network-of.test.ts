import { expect, test } from "vitest";
import { networkOf } from "../../../../worker/findings/sweep/network-of.ts";

test.for<[ip: string, network: string]>([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:0001:0002::9", "2001:db8:1:2::/64"],
  ["2001:db8::9", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["not an address", "not an address"],
])("%s counts as %s", ([ip, network]) => {
  expect(networkOf(ip)).toBe(network);
});
