import { expect, test } from "vitest";
import { createRunClock } from "../../../../worker/toolkit/builtin/run-clock.ts";

function open({ deadlineMs = 10_000 } = {}) {
  const stopper = new AbortController();
  let clockMs = 0;
  const waits: number[] = [];
  const clock = createRunClock({
    stop: stopper.signal,
    deadlineMs,
    now: () => clockMs,
    sleep: async (ms) => {
      waits.push(ms);
      clockMs += ms;
    },
  });
  const passTo = (ms: number) => {
    clockMs = ms;
  };
  return { clock, stopper, waits, passTo };
}

test("waits as long as the deadline allows, and not at all if it does not", async () => {
  const { clock, waits } = open();
  expect(await clock.pause(9_999)).toBe(true);
  expect(await clock.pause(1)).toBe(false);
  expect(waits).toEqual([9_999]);
});

test("after the deadline everything ends in a timeout", async () => {
  const { clock, passTo } = open();
  passTo(10_000);
  await expect(clock.pause(1)).rejects.toMatchObject({ code: "OUT_OF_TIME", status: "timeout" });
  expect(() => clock.check()).toThrow("The run's 10 seconds were over.");
});

test("a stop is told apart from a deadline, also while waiting and while a request is under way", async () => {
  const { stopper } = open();
  const clock = createRunClock({ stop: stopper.signal });
  const request = clock.forOneAnswer();
  const waiting = clock.pause(60_000);
  stopper.abort();
  await expect(waiting).rejects.toMatchObject({ code: "STOPPED", status: "skipped" });
  expect(request.aborted).toBe(true);
});
