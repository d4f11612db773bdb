import { expect, test } from "vitest";
import { createLimit } from "../../../../worker/toolkit/builtin/limits.ts";
import { createRunClock } from "../../../../worker/toolkit/builtin/run-clock.ts";

/** A clock that waiting turns forward. */
function virtualClock(deadlineMs = 600_000) {
  let clockMs = 0;
  return createRunClock({
    stop: new AbortController().signal,
    deadlineMs,
    now: () => clockMs,
    sleep: async (ms) => {
      clockMs += ms;
    },
  });
}

test("five places that rest ten seconds let five requests through in any ten seconds", async () => {
  const clock = virtualClock();
  const limit = createLimit(clock, { places: 5, restMs: 10_000 });
  const startedAt: number[] = [];
  for (let count = 0; count < 12; count++) await limit.pass(async () => startedAt.push(clock.now()));
  for (const time of startedAt) {
    expect(startedAt.filter((other) => other >= time && other < time + 10_000).length).toBeLessThanOrEqual(5);
  }
  expect(clock.now()).toBe(20_000);
});

test("four places without rest never hold five at once, and everybody gets through", async () => {
  const limit = createLimit(virtualClock(), { places: 4, restMs: 0 });
  let inside = 0;
  let most = 0;
  const results = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      limit
        .pass(async () => {
          inside += 1;
          most = Math.max(most, inside);
          await new Promise(setImmediate);
          inside -= 1;
          if (index % 7 === 0) throw new Error("failed");
          return index;
        })
        .catch(() => index),
    ),
  );
  expect(results).toEqual(Array.from({ length: 40 }, (_, index) => index));
  expect(most).toBe(4);
});

test("a place that rests beyond the deadline is not waited for", async () => {
  const clock = virtualClock(5_000);
  const limit = createLimit(clock, { places: 1, restMs: 10_000 });
  await limit.pass(async () => {});
  await expect(limit.pass(async () => {})).rejects.toMatchObject({ code: "THROTTLED", status: "throttled" });
  expect(clock.now()).toBe(0);
});

test("a closed limit opens for everyone at the time named", async () => {
  const clock = virtualClock();
  const limit = createLimit(clock, { places: 3, restMs: 0 });
  limit.closeUntil(7_000);
  expect(await limit.pass(async () => clock.now())).toBe(7_000);
});
