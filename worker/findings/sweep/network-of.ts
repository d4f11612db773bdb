/**
 * What counts as one place of an attacker: an IPv4 address, or the /64 that a provider gives to one customer, in which
 * addresses are free to choose. What is no address stays as it is.
 */
export function networkOf(ip: string): string {
  const [address = ""] = ip.toLowerCase().split("%");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!/^[0-9a-f:]{2,39}$/.test(address) || !address.includes(":")) return ip.slice(0, 64);
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const behind = tail === undefined || tail === "" ? [] : tail.split(":");
  const middle = tail === undefined ? 0 : Math.max(0, 8 - groups.length - behind.length);
  const whole = [...groups, ...Array<string>(middle).fill("0"), ...behind];
  const prefix = whole.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ""));
  return `${prefix.join(":")}::/64`;
}
