import type { Redis } from "ioredis";
import { coerceError } from "../errors.ts";
import { storeKey } from "../store/redis-key.ts";
import { ANSWER_WITHIN_MS, settleWithin } from "./enqueue.ts";
import { cancelKey, KEY_TTL_MS } from "./keys.ts";
import type { EnqueueOutcome } from "./queue.ts";

interface CancelOptions {
  client: Redis;
  prefix: string;
  /** Resolves when `client` can be used. */
  connected?: Promise<unknown>;
}

/** `Producer.cancel` on Redis. */
export function cancelOnRedis(
  jobId: string,
  { client, prefix, connected = Promise.resolve() }: CancelOptions,
): Promise<EnqueueOutcome> {
  const written = connected
    .then(() => client.set(storeKey(prefix, cancelKey(jobId)), "1", "PX", KEY_TTL_MS))
    .then(
      (): EnqueueOutcome => ({ kind: "queued" }),
      (error): EnqueueOutcome => ({ kind: "unavailable", reason: coerceError(error).message }),
    );
  return settleWithin(ANSWER_WITHIN_MS, written, () => ({
    kind: "unavailable",
    reason: "no answer in time",
  }));
}
