import { randomUUID } from "node:crypto";
import { expect, test, vi } from "vitest";
import { openSession } from "../../../../worker/discord/gateway/session.ts";
import { useEmbeddedJobs } from "../../../embedded-store.ts";
import { collectLog } from "../../../log.ts";

const jobs = useEmbeddedJobs();
const info = (sequence: number) => ({
  ...{ sessionId: "session", sequence, shardId: 0, shardCount: 1 },
  resumeURL: "wss://gateway.discord.gg",
});
const open = (key: string, saveEveryMs = 60_000) =>
  openSession({ store: jobs().store, key, log: collectLog().log, saveEveryMs });
/** What the next process would find. */
const left = async (key: string) => (await open(key)).current();

test("the next process goes on where this one saved", async () => {
  const key = randomUUID();
  const session = await open(key);
  session.update(info(7));
  await session.save();
  expect(await left(key)).toEqual(info(7));
});

test("what is not dealt with yet counts as not heard", async () => {
  const key = randomUUID();
  const session = await open(key);
  session.update(info(7));
  const first = session.begin(5);
  const second = session.begin(6);
  second();
  await session.save();
  expect(await left(key)).toEqual(info(4));
  first();
  await session.save();
  expect(await left(key)).toEqual(info(7));
});

test("a session that Discord ended is forgotten", async () => {
  const key = randomUUID();
  const session = await open(key);
  session.update(info(7));
  await session.save();
  session.update(null);
  await session.save();
  expect(await left(key)).toBeNull();
});

test("a thousand events are written a few times, not a thousand", async () => {
  const set = vi.spyOn(jobs().store, "set");
  const key = randomUUID();
  const session = await open(key, 20);
  for (let sequence = 1; sequence <= 1_000; sequence += 1) session.update(info(sequence));
  await expect.poll(() => left(key)).toEqual(info(1_000));
  expect(set.mock.calls.filter(([written]) => written === key).length).toBeLessThan(5);
  set.mockRestore();
});

test("a session that another process has now is not written over", async () => {
  const key = randomUUID();
  const session = await open(key);
  session.update(info(7));
  session.abandon();
  await session.save();
  expect(await left(key)).toBeNull();
});

test.for<[title: string, value: object]>([
  ["an address without TLS", { ...info(7), resumeURL: "ws://gateway.discord.gg" }],
  ["an address that only looks like ours", { ...info(7), resumeURL: "ws://127.0.0.1.evil.example" }],
  ["another shape", { session: 7 }],
])("%s in the store is a session anew: the bot token would go there", async ([, value]) => {
  const key = randomUUID();
  await jobs().store.set(key, JSON.stringify(value), { ttlMs: 60_000 });
  expect(await left(key)).toBeNull();
});
