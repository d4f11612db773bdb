import { QueueKeys } from "bullmq/dist/cjs/classes/queue-keys.js";
import type { Redis } from "ioredis";
import { storeKey } from "../store/redis-key.ts";
import { countAll } from "./outlook.ts";
import type { Outlook, OutOfSight } from "./queue.ts";

interface RedisOutlookOptions {
  prefix: string;
  /** Runs `use` with a connection, and answers in time whatever becomes of it. */
  look<T>(use: (client: Redis) => Promise<T>): Promise<T | OutOfSight>;
}

/** `Outlook` on Redis, for a connection of whatever life span. */
export function createRedisOutlook({ prefix, look }: RedisOutlookOptions): Outlook {
  const queueKeys = new QueueKeys(prefix);
  return {
    read: (keys) =>
      look(async (client) => {
        const values = await client.mget(keys.map((key) => storeKey(prefix, key)));
        return { kind: "read", values: values.map((value) => value ?? undefined) };
      }),
    depths: () =>
      look((client) =>
        countAll(async (queue) => {
          const [waiting, active] = await Promise.all([
            client.llen(queueKeys.toKey(queue, "wait")),
            client.llen(queueKeys.toKey(queue, "active")),
          ]);
          return { waiting, active };
        }),
      ),
  };
}
