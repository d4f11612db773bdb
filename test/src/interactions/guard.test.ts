import { expect, test } from "vitest";
import { createGuard } from "../../../src/interactions/guard.ts";
import { createDiscordKeys } from "../../discord-keys.ts";

const keys = createDiscordKeys();
const NOW = 1_800_000_000_000;
const SECONDS = String(NOW / 1000);
const guard = createGuard({ publicKeys: [keys.publicKey], now: () => NOW });

function post(body: BodyInit, headers: Record<string, string>): Request {
  const init = { method: "POST", body, headers, duplex: "half" };
  return new Request("http://localhost/interactions", init);
}
const signed = (body: string, timestamp = SECONDS) => keys.headers(body, timestamp);

test("a signed request is admitted with its raw bytes", async () => {
  const admission = await guard(post('{"type":1}', signed('{"type":1}')));
  expect(admission).toEqual({ kind: "admitted", body: new TextEncoder().encode('{"type":1}') });
});

test("an upper-case signature that verifies is admitted", async () => {
  const headers = signed("{}");
  const upper = { ...headers, "x-signature-ed25519": String(headers["x-signature-ed25519"]).toUpperCase() };
  expect((await guard(post("{}", upper))).kind).toBe("admitted");
});

test("any of several keys will do, so that keys can be rotated", async () => {
  const next = createDiscordKeys();
  const both = createGuard({ publicKeys: [keys.publicKey, next.publicKey], now: () => NOW });
  expect((await both(post("{}", next.headers("{}", SECONDS)))).kind).toBe("admitted");
  expect((await both(post("{}", signed("{}")))).kind).toBe("admitted");
});

const without = (name: string) =>
  Object.fromEntries(Object.entries(signed("{}")).filter(([header]) => header !== name));
const altered = (change: Record<string, string>) => ({ ...signed("{}"), ...change });
const flipped = (hex: string) => (hex.startsWith("0") ? "1" : "0") + hex.slice(1);

test.for<[title: string, headers: Record<string, string>]>([
  ["without a signature", without("x-signature-ed25519")],
  ["without a timestamp", without("x-signature-timestamp")],
  ["signed with another key", createDiscordKeys().headers("{}", SECONDS)],
  ["with a signature of another body", signed('{"type":2}')],
  [
    "with a signature of another timestamp",
    altered({ "x-signature-ed25519": keys.sign("{}", "1799999999") }),
  ],
  ["with one digit altered", altered({ "x-signature-ed25519": flipped(keys.sign("{}", SECONDS)) })],
  ["with a short signature", altered({ "x-signature-ed25519": keys.sign("{}", SECONDS).slice(0, 126) })],
  ["with a signature that is not hexadecimal", altered({ "x-signature-ed25519": "z".repeat(128) })],
  ["with an empty signature", altered({ "x-signature-ed25519": "" })],
  ["with a timestamp that is not a number", keys.headers("{}", "now")],
  ["with a negative timestamp", keys.headers("{}", "-1800000000")],
  ["with a timestamp in milliseconds", keys.headers("{}", String(NOW))],
  ["signed 301 seconds ago", keys.headers("{}", String(NOW / 1000 - 301))],
  ["signed 301 seconds in the future", keys.headers("{}", String(NOW / 1000 + 301))],
])("a request %s is rejected with 401", async ([, headers]) => {
  expect(await guard(post("{}", headers))).toMatchObject({ kind: "rejected", status: 401 });
});

test.for([-300, 300])("a request signed %i seconds from now is admitted", async (offset) => {
  expect((await guard(post("{}", signed("{}", String(NOW / 1000 + offset))))).kind).toBe("admitted");
});

test("a stale request is rejected before its body is read", async () => {
  const request = post("{}", keys.headers("{}", String(NOW / 1000 - 301)));
  await guard(request);
  expect(request.bodyUsed).toBe(false);
});

test("a body over the limit is rejected with 413 while it is being read", async () => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 10_000;
      controller.enqueue(new Uint8Array(10_000));
    },
  });
  expect(await guard(post(endless, signed("{}")))).toMatchObject({ kind: "rejected", status: 413 });
  expect(sent).toBeLessThan(200_000);
});

test("a content-length over the limit is rejected with 413 without reading", async () => {
  const request = post("x".repeat(200_000), altered({ "content-length": "200000" }));
  expect(await guard(request)).toMatchObject({ kind: "rejected", status: 413 });
  expect(request.bodyUsed).toBe(false);
});

test("a body that never ends is given up with 408", async () => {
  const impatient = createGuard({ publicKeys: [keys.publicKey], now: () => NOW, bodyTimeoutMs: 20 });
  const stuck = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(2)),
  });
  expect(await impatient(post(stuck, signed("{}")))).toMatchObject({ kind: "rejected", status: 408 });
});

test("a body of declared length that does not arrive is given up with 408", async () => {
  const impatient = createGuard({ publicKeys: [keys.publicKey], now: () => NOW, bodyTimeoutMs: 20 });
  const stuck = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(2)),
  });
  const headers = { ...signed("{}"), "content-length": "50" };
  expect(await impatient(post(stuck, headers))).toMatchObject({ kind: "rejected", status: 408 });
});

test("a body that is longer than it was declared is rejected with 413", async () => {
  const headers = { ...signed("{}"), "content-length": "2" };
  expect(await guard(post("x".repeat(200_000), headers))).toMatchObject({ kind: "rejected", status: 413 });
});
