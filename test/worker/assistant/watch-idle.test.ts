import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchIdle } from "../../../worker/assistant/watch-idle.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("every byte counts as a sign of life, a ping too, and silence ends it", async () => {
  const watch = watchIdle(1_000);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const request = { url: "https://api.anthropic.com/v1/messages", method: "POST", headers: new Headers() };
  const options = {
    logger: console,
    options: undefined,
    parse: () => Promise.reject(new Error("not asked for")),
  };
  const response = await watch.middleware(request, async () => new Response(readable), options);
  const reader = response.body?.getReader();
  const writer = writable.getWriter();

  for (let i = 0; i < 5; i++) {
    vi.advanceTimersByTime(900);
    void writer.write(new TextEncoder().encode("event: ping\n\n"));
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("event: ping\n\n");
    expect(watch.signal.aborted).toBe(false);
  }
  vi.advanceTimersByTime(1_000);
  expect(watch.signal.aborted).toBe(true);
});

test("after its stop it is never too late", () => {
  const watch = watchIdle(1_000);
  watch.stop();
  vi.advanceTimersByTime(5_000);
  expect(watch.signal.aborted).toBe(false);
});
