import type { QueueOptions, RedisConnection } from "bullmq";
import { createIORedisClient } from "bullmq/dist/cjs/classes/ioredis-client.js";
import { QueueKeys } from "bullmq/dist/cjs/classes/queue-keys.js";
import { RedisQueueBackend } from "bullmq/dist/cjs/classes/redis-queue-backend.js";
import { addStandardJob } from "bullmq/dist/cjs/scripts/addStandardJob-9.js";
import { version } from "bullmq/dist/cjs/version.js";
import type { Redis } from "ioredis";
import { storeKey } from "../store/redis-key.ts";
import { ADD_WITHIN_MS } from "./enqueue.ts";
import { withdrawnKey } from "./keys.ts";
import type { QueueName } from "./queue.ts";

const TOO_LATE = "TOOLATE";

/** A Lua script as BullMQ keeps them. */
interface Script {
  name: string;
  keys: number;
  content: string;
}

/**
 * Makes `client` refuse an `add` that reaches the server too late. A frozen Redis accepts commands and runs them
 * when it thaws, long after the caller was told "unavailable"; only the server itself can tell that it is late, so
 * the check is part of the script that adds the job: one round trip, and no moment between check and addition.
 *
 * BullMQ defines a script only if the client has none of that name, so this one takes the place of its own.
 * `args[4]` is the job's timestamp, by Redis's clock, and `args[2]` its id.
 * @see https://github.com/taskforcesh/bullmq/blob/master/src/classes/redis-connection.ts (`loadCommands`)
 * @see https://github.com/taskforcesh/bullmq/blob/master/src/commands/addStandardJob-9.lua
 */
export function defineGuardedAdd(client: Redis, prefix: string): void {
  const guard = `do
  local time = redis.call("TIME")
  local args = cmsgpack.unpack(ARGV[1])
  if time[1] * 1000 + time[2] / 1000 > args[4] + ${ADD_WITHIN_MS} then
    return redis.error_reply("${TOO_LATE} the caller has been told that the job will not run")
  end
  redis.call("DEL", "${storeKey(prefix, withdrawnKey(""))}" .. args[2])
end
`;
  defineScript(client, { ...addStandardJob, content: guard + addStandardJob.content });
}

export function defineScript(client: Redis, { name, keys, content }: Script): void {
  client.defineCommand(`${name}:${version}`, { numberOfKeys: keys, lua: content });
}

/** Has the server refused the `add` because it came too late? */
export function isTooLate(error: Error): boolean {
  return error.message.startsWith(TOO_LATE);
}

interface RedisBackendOptions {
  client: Redis;
  queue: QueueName;
  prefix: string;
}

/** BullMQ's view of one queue, over a connection that stays ours. Its scripts must have been defined on `client`. */
export function createRedisBackend({ client, queue, prefix }: RedisBackendOptions): RedisQueueBackend {
  const queueKeys = new QueueKeys(prefix);
  // BullMQ's RedisConnection waits for the server when it is built and stays broken when that fails; of it, the
  // backend reads only these three for what we call.
  const connection = {
    client: Promise.resolve(createIORedisClient(client)),
    redisVersion: "7.0.0",
    databaseType: "redis",
  };
  const options: QueueOptions = { connection: {}, prefix };
  return new RedisQueueBackend(
    // A class with private members has no structural type.
    connection as unknown as RedisConnection,
    queue,
    queueKeys.getKeys(queue),
    (type) => queueKeys.toKey(queue, type),
    options,
    undefined,
    false,
  );
}
