import type { Redis } from "ioredis";
import { storeKey } from "./redis-key.ts";
import type { Store } from "./store.ts";

const RENEW = `if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("PEXPIRE", KEYS[1], ARGV[2]) end return 0`;
const RELEASE = `if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end return 0`;
// In one step, so that a crash between the two commands leaves no number that never expires.
const INCREMENT = `local sum = redis.call("INCRBY", KEYS[1], ARGV[1]) if redis.call("PTTL", KEYS[1]) < 0 then redis.call("PEXPIRE", KEYS[1], ARGV[2]) end return sum`;

interface RedisStoreOptions {
  /** Opened by the first command. */
  client(): Redis;
  prefix: string;
}

/** The store on Redis 6.2 or newer. A command rejects when the server is away; nothing waits for ever. */
export function createRedisStore({ client, prefix }: RedisStoreOptions): Store {
  const toKey = (key: string) => storeKey(prefix, key);
  return {
    async get(key) {
      return (await client().get(toKey(key))) ?? undefined;
    },
    async getMany(keys) {
      if (keys.length === 0) return [];
      return (await client().mget(keys.map(toKey))).map((value) => value ?? undefined);
    },
    async set(key, value, { ttlMs }) {
      await client().set(toKey(key), value, "PX", ttlMs);
    },
    async add(key, value, { ttlMs }) {
      return (await client().set(toKey(key), value, "PX", ttlMs, "NX")) === "OK";
    },
    async take(key) {
      return (await client().getdel(toKey(key))) ?? undefined;
    },
    async renew(key, value, { ttlMs }) {
      return (await client().eval(RENEW, 1, toKey(key), value, ttlMs)) === 1;
    },
    async release(key, value) {
      await client().eval(RELEASE, 1, toKey(key), value);
    },
    async delete(key) {
      await client().del(toKey(key));
    },
    async increment(key, by, { ttlMs }) {
      return Number(await client().eval(INCREMENT, 1, toKey(key), by, ttlMs));
    },
    async keys(prefix) {
      const found = new Set<string>();
      let cursor = "0";
      do {
        const [next, page] = await client().scan(
          cursor,
          "MATCH",
          `${escapePattern(toKey(prefix))}*`,
          "COUNT",
          1_000,
        );
        for (const key of page) found.add(key.slice(toKey("").length));
        cursor = next;
      } while (cursor !== "0");
      return [...found];
    },
  };
}

/** @see https://redis.io/docs/latest/commands/keys/ */
function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]^-]/g, "\\$&");
}
