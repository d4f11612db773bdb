import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEmbeddedStore } from "../../../src/store/embedded.ts";
import { createRedisStore } from "../../../src/store/redis.ts";
import type { Store } from "../../../src/store/store.ts";
import { layOutQueue } from "../../lay-out-queue.ts";
import { createRedisServer, redisMissing } from "../../redis-server.ts";

const ttlMs = 60_000;
let count = 0;
const newKey = () => `key:${++count}`;

/** What `Store` promises, whatever is behind it. */
function describeStore(open: () => Promise<{ store: Store; close(): Promise<void> }>) {
  let opened: Awaited<ReturnType<typeof open>>;
  let store: Store;
  beforeAll(async () => {
    opened = await open();
    store = opened.store;
  });
  afterAll(() => opened.close());

  test("what was set is read back, whatever characters it has", async () => {
    const key = newKey();
    await store.set(key, "ä \u{1f600} '\"\\ {}", { ttlMs });
    expect(await store.get(key)).toBe("ä \u{1f600} '\"\\ {}");
    await store.set(key, "", { ttlMs });
    expect(await store.get(key)).toBe("");
  });

  test("a key that was never set, or was deleted, has no value", async () => {
    const key = newKey();
    expect(await store.get(key)).toBeUndefined();
    await store.set(key, "a", { ttlMs });
    await store.delete(key);
    expect(await store.get(key)).toBeUndefined();
  });

  test("an expired key is never returned, and can be added again", async () => {
    const key = newKey();
    await store.set(key, "a", { ttlMs: 30 });
    await expect.poll(() => store.get(key)).toBeUndefined();
    expect(await store.getMany([key])).toEqual([undefined]);
    expect(await store.keys(key)).toEqual([]);
    expect(await store.renew(key, "a", { ttlMs })).toBe(false);
    expect(await store.take(key)).toBeUndefined();
    expect(await store.add(key, "b", { ttlMs })).toBe(true);
    expect(await store.get(key)).toBe("b");
  });

  test("setting again prolongs", async () => {
    const key = newKey();
    await store.set(key, "a", { ttlMs: 30 });
    await store.set(key, "b", { ttlMs });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await store.get(key)).toBe("b");
  });

  test("many keys come in the order of the question", async () => {
    const [a, b, missing] = [newKey(), newKey(), newKey()];
    await store.set(a, "A", { ttlMs });
    await store.set(b, "B", { ttlMs });
    expect(await store.getMany([b, missing, a, b])).toEqual(["B", undefined, "A", "B"]);
    expect(await store.getMany([])).toEqual([]);
  });

  test("of ten who add the same key one succeeds", async () => {
    const key = newKey();
    const added = await Promise.all(
      Array.from({ length: 10 }, (_, i) => store.add(key, String(i), { ttlMs })),
    );
    expect(added.filter(Boolean)).toHaveLength(1);
    expect(await store.get(key)).toBe(String(added.indexOf(true)));
  });

  test("of ten who take the same key one gets the value", async () => {
    const key = newKey();
    await store.set(key, "a", { ttlMs });
    const taken = await Promise.all(Array.from({ length: 10 }, () => store.take(key)));
    expect(taken.filter((value) => value !== undefined)).toEqual(["a"]);
    expect(await store.get(key)).toBeUndefined();
  });

  test("a lease is renewed by its owner alone", async () => {
    const key = newKey();
    await store.set(key, "mine", { ttlMs: 200 });
    expect(await store.renew(key, "another's", { ttlMs })).toBe(false);
    expect(await store.renew(key, "mine", { ttlMs })).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await store.get(key)).toBe("mine");
  });

  test("a lease is released by its owner alone", async () => {
    const key = newKey();
    await store.set(key, "mine", { ttlMs });
    await store.release(key, "another's");
    expect(await store.get(key)).toBe("mine");
    await store.release(key, "mine");
    expect(await store.get(key)).toBeUndefined();
  });

  test("additions at the same time all count, beyond 32 bits too", async () => {
    const key = newKey();
    const sums = await Promise.all(
      Array.from({ length: 20 }, () => store.increment(key, 3_000_000_000, { ttlMs })),
    );
    expect(Math.max(...sums)).toBe(60_000_000_000);
    expect(new Set(sums).size).toBe(20);
    expect(await store.increment(key, -1, { ttlMs })).toBe(59_999_999_999);
    expect(await store.get(key)).toBe("59999999999");
  });

  test("a sum expires when its first addition does, and begins anew", async () => {
    const key = newKey();
    await store.increment(key, 5, { ttlMs: 60 });
    await store.increment(key, 5, { ttlMs });
    await expect.poll(() => store.get(key)).toBeUndefined();
    expect(await store.increment(key, 2, { ttlMs })).toBe(2);
  });

  test("what is no number is not added to", async () => {
    const key = newKey();
    await store.set(key, "a lease", { ttlMs });
    await expect(store.increment(key, 1, { ttlMs })).rejects.toThrow();
    expect(await store.get(key)).toBe("a lease");
  });

  test("keys are listed by their beginning, taken literally", async () => {
    const prefix = `${newKey()}[*?]:`;
    const names = Array.from({ length: 30 }, (_, i) => `${prefix}${i}`);
    for (const name of names) await store.set(name, "a", { ttlMs });
    await store.set(`${prefix.replace("*", "x")}0`, "a", { ttlMs });
    await store.set(`x${prefix}`, "a", { ttlMs });
    expect((await store.keys(prefix)).sort()).toEqual(names.sort());
  });
}

describe.skipIf(redisMissing)("the store on Redis", () => {
  describeStore(async () => {
    const server = await createRedisServer();
    const client = new Redis(server.url);
    return {
      store: createRedisStore({ client: () => client, prefix: "test" }),
      async close() {
        client.disconnect();
        await server.stop();
      },
    };
  });
});

describe("the embedded store", () => {
  let folder: string;
  let db: PGlite;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "store-"));
    await layOutQueue(folder);
    db = await PGlite.create(join(folder, "database"));
  });
  afterAll(async () => {
    await db.close();
    await rm(folder, { recursive: true, force: true });
  });
  const query = (text: string, params?: readonly unknown[]) =>
    db.query<Record<string, unknown>>(text, params && [...params]);

  describeStore(async () => ({ store: await createEmbeddedStore({ query }), close: async () => {} }));

  test("a write removes what expired, now and then", async () => {
    let now = Date.now();
    const store = await createEmbeddedStore({ query, now: () => now });
    const key = newKey();
    await store.set(key, "a", { ttlMs: 10 });
    now += 3_600_000;
    await store.set(newKey(), "b", { ttlMs });
    expect((await query("SELECT 1 FROM public.store WHERE key = $1", [key])).rows).toEqual([]);
  });
});
