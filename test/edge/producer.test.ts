/// <reference types="@cloudflare/vitest-pool-workers/types" />
import { SELF } from "cloudflare:test";
import { describe, expect, inject, test } from "vitest";

const redisUrl = inject("redisUrl");
const frozenRedisUrl = inject("frozenRedisUrl");
const absentRedisUrl = inject("absentRedisUrl");

async function ask(path: string, redis: string): Promise<unknown> {
  const response = await SELF.fetch(`https://edge.test${path}?redis=${encodeURIComponent(redis)}`);
  return response.json();
}

describe.skipIf(redisUrl === undefined)("the producer in workerd", () => {
  test("enqueues in one request after the other", async () => {
    for (let request = 0; request < 5; request += 1) {
      expect(await ask("/enqueue", redisUrl ?? "")).toMatchObject({ outcome: { kind: "queued" } });
    }
  });

  test("enqueues in many requests at once", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask("/enqueue", redisUrl ?? "")));
    for (const answer of answers) expect(answer).toMatchObject({ outcome: { kind: "queued" } });
  });

  test("the same job five times at once is queued five times", async () => {
    expect(await ask("/enqueue-five-times", redisUrl ?? "")).toMatchObject({
      outcomes: Array.from({ length: 5 }, () => ({ kind: "queued" })),
    });
  });

  test("sees the store and the queues, in one request after the other", async () => {
    for (let request = 0; request < 3; request += 1) {
      expect(await ask("/outlook", redisUrl ?? "")).toMatchObject([
        { kind: "read", values: [null] },
        { kind: "counted", depths: { lookups: { active: 0 } } },
      ]);
    }
  });

  test("is ready, and cancels", async () => {
    expect(await ask("/ready", redisUrl ?? "")).toBe(true);
    expect(await ask("/cancel", redisUrl ?? "")).toEqual({ kind: "queued" });
  });

  test.for(["/enqueue", "/ready", "/cancel", "/outlook"])(
    "%s answers in time when Redis is frozen",
    async (path) => {
      const startedAt = Date.now();
      const answer = JSON.stringify(await ask(path, frozenRedisUrl ?? ""));
      expect(Date.now() - startedAt).toBeLessThan(2_000);
      expect(answer).toMatch(/unavailable|false/);
    },
  );

  test.for(["/enqueue", "/ready", "/cancel", "/outlook"])(
    "%s answers in time when nothing listens",
    async (path) => {
      const startedAt = Date.now();
      const answer = JSON.stringify(await ask(path, absentRedisUrl));
      expect(Date.now() - startedAt).toBeLessThan(2_000);
      expect(answer).toMatch(/unavailable|false/);
    },
  );
});
