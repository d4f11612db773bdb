import { beforeEach, expect, test } from "vitest";
import { startHeartbeat, watchAttendance } from "../../../src/jobs/heartbeat.ts";
import type { Outlook } from "../../../src/jobs/queue.ts";
import { useEmbeddedJobs } from "../../embedded-store.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const opened = useEmbeddedJobs();
beforeEach(async () => {
  for (const key of await opened().store.keys("worker:")) await opened().store.delete(key);
});

function start(now = NOW) {
  return startHeartbeat({
    store: opened().store,
    processId: "one",
    now: () => now,
    onError: (thrown) => expect.unreachable(String(thrown)),
  });
}

test("a worker is there from its first beat on, which comes before anything else", async () => {
  const heartbeat = await start();
  expect(await watchAttendance(opened().outlook)()).toEqual({ kind: "alive", seenAt: NOW });
  await heartbeat.stop();
});

test("a worker that stopped is away at once, since its last beat", async () => {
  await (await start()).stop();
  expect(await watchAttendance(opened().outlook)()).toEqual({ kind: "away", since: NOW });
});

test("where no worker has ever been, there is no time", async () => {
  expect(await watchAttendance(opened().outlook)()).toEqual({ kind: "away", since: undefined });
});

test("an outlook that sees nothing says nothing about the worker", async () => {
  const blind: Outlook = { ...opened().outlook, read: async () => ({ kind: "unavailable", reason: "down" }) };
  expect(await watchAttendance(blind)()).toEqual({ kind: "unknown", reason: "down" });
});

test("a worker that was seen is believed for five seconds, one that was missed is looked for again", async () => {
  let now = NOW;
  let reads = 0;
  const counting: Outlook = {
    ...opened().outlook,
    read(keys) {
      reads += 1;
      return opened().outlook.read(keys);
    },
  };
  const attendance = watchAttendance(counting, { now: () => now });
  await attendance();
  await attendance();
  expect(reads).toBe(2);

  const heartbeat = await start();
  await attendance();
  now += 4_999;
  await attendance();
  expect(reads).toBe(3);
  now += 1;
  await attendance();
  expect(reads).toBe(4);
  await heartbeat.stop();
});

test("a beat that cannot be written is told, and the worker goes on", async () => {
  const errors: unknown[] = [];
  const store = { ...opened().store, set: async () => Promise.reject(new Error("down")) };
  const heartbeat = await startHeartbeat({
    store,
    processId: "one",
    onError: (thrown) => errors.push(thrown),
  });
  expect(errors).toEqual([new Error("down")]);
  await heartbeat.stop();
});
