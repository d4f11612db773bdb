import { randomUUID } from "node:crypto";
import { expect, test, vi } from "vitest";
import { JobInterrupted } from "../../src/jobs/queue.ts";
import { tryLease, withLease } from "../../worker/lease.ts";
import { useEmbeddedJobs } from "../embedded-store.ts";

const jobs = useEmbeddedJobs();
const options = () => ({ store: jobs().store, signal: new AbortController().signal, pollMs: 5 });

/** Holds the lease until `release` is called. */
function occupy(key: string, ttlMs?: number) {
  const { promise, resolve: release } = gate();
  const signals: AbortSignal[] = [];
  const done = withLease(key, { ...options(), ...(ttlMs === undefined ? {} : { ttlMs }) }, async (signal) => {
    signals.push(signal);
    await promise;
  });
  const entered = vi.waitFor(() => expect(signals).toHaveLength(1));
  return { release, done, entered, signals };
}

function gate() {
  let resolve = () => {};
  const promise = new Promise<void>((open) => {
    resolve = open;
  });
  return { promise, resolve };
}

test("two runs under one key come one after the other, and the second is told that it waits", async () => {
  const key = randomUUID();
  const first = occupy(key);
  await first.entered;
  const order: string[] = [];
  const onWait = vi.fn(() => {
    order.push("waits");
    first.release();
  });
  const second = withLease(key, { ...options(), onWait }, async () => void order.push("runs"));
  await Promise.all([first.done, second]);
  expect(order).toEqual(["waits", "runs"]);
  expect(onWait).toHaveBeenCalledTimes(1);
});

test("different keys do not wait for each other", async () => {
  const first = occupy(randomUUID());
  await first.entered;
  await expect(withLease(randomUUID(), options(), async () => "ran")).resolves.toBe("ran");
  first.release();
  await first.done;
});

test("a lease is free again after a run that failed", async () => {
  const key = randomUUID();
  await expect(withLease(key, options(), () => Promise.reject(new Error("boom")))).rejects.toThrow("boom");
  await expect(withLease(key, options(), async () => "ran")).resolves.toBe("ran");
});

test("waiting ends with the signal", async () => {
  const key = randomUUID();
  const first = occupy(key);
  await first.entered;
  const controller = new AbortController();
  const onWait = () => controller.abort(new JobInterrupted("stop"));
  await expect(
    withLease(key, { ...options(), signal: controller.signal, onWait }, async () => "ran"),
  ).rejects.toThrow();
  first.release();
  await first.done;
});

test("a lease outlives its time as long as its process renews it", async () => {
  const key = randomUUID();
  // Renewed every 100 ms, so that a busy machine has 200 to be late in.
  const first = occupy(key, 300);
  await first.entered;
  const renew = vi.spyOn(jobs().store, "renew");
  await vi.waitFor(() => expect(renew.mock.calls.length).toBeGreaterThanOrEqual(6), { timeout: 10_000 });
  expect(await jobs().store.add(key, "thief", { ttlMs: 1_000 })).toBe(false);
  first.release();
  await first.done;
});

test("a run whose lease was taken away is told to stop", async () => {
  const key = randomUUID();
  const first = occupy(key, 60);
  await first.entered;
  await jobs().store.delete(key);
  await vi.waitFor(() => expect(first.signals[0]?.reason).toBeInstanceOf(JobInterrupted));
  first.release();
  await first.done;
});

test("tryLease does nothing while another holds the lease", async () => {
  const key = randomUUID();
  const first = occupy(key);
  await first.entered;
  const use = vi.fn(async () => {});
  await tryLease(key, options(), use);
  expect(use).not.toHaveBeenCalled();
  first.release();
  await first.done;
  await tryLease(key, options(), use);
  expect(use).toHaveBeenCalledTimes(1);
});

test("a store that is away for a moment is waited for, not taken for an end", async () => {
  const { store } = jobs();
  let failures = 2;
  const flaky = {
    ...store,
    add: async (...args: Parameters<typeof store.add>) => {
      if (failures-- > 0) throw new Error("Command timed out");
      return store.add(...args);
    },
  };
  await expect(withLease(randomUUID(), { ...options(), store: flaky }, async () => "ran")).resolves.toBe(
    "ran",
  );
});
