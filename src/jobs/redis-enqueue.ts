import type { IQueueBackend } from "bullmq";
import { coerceError } from "../errors.ts";
import type { Job } from "./contract.ts";
import { ANSWER_WITHIN_MS, addJob, settleWithin } from "./enqueue.ts";
import type { EnqueueOutcome } from "./queue.ts";
import { isTooLate } from "./redis-backend.ts";
import type { RedisClock } from "./redis-clock.ts";

export interface RedisEnqueueOptions {
  backend: Pick<IQueueBackend, "addJob">;
  /** The server's clock once the connection can be used, `undefined` if it can't. */
  clock(): Promise<RedisClock | undefined>;
  /** Asks the server for its time again. */
  readClock(): Promise<RedisClock | undefined>;
  /** Called when the `add` was sent and nobody knows whether it took place. */
  onUnknown?(cause: "timeout" | "connection lost"): void;
}

/**
 * `Producer.enqueue` on Redis, for a connection of whatever life span. The outcome is decided by the server, see
 * `defineGuardedAdd`; what is left is an answer that gets lost on its way, and that is `onUnknown`.
 */
export function enqueueOnRedis(
  job: Job,
  { backend, clock, readClock, onUnknown }: RedisEnqueueOptions,
): Promise<EnqueueOutcome> {
  const startedAt = performance.now();
  let sent = false;

  async function add(now: RedisClock | undefined): Promise<"added" | "too late" | "no connection"> {
    if (!now) return "no connection";
    sent = true;
    try {
      await addJob(backend, job, now.at(startedAt));
      return "added";
    } catch (thrown) {
      const error = coerceError(thrown);
      sent = false;
      if (isTooLate(error)) return "too late";
      // An answer of the server, such as "out of memory": nothing was added.
      if (error.name !== "ReplyError") onUnknown?.("connection lost");
      throw error;
    }
  }

  async function attempt(): Promise<EnqueueOutcome> {
    let added = await add(await clock());
    // The server's clock may have been set since we read it; once is enough to find out.
    if (added === "too late") added = await add(await readClock());
    return added === "added" ? { kind: "queued" } : { kind: "unavailable", reason: added };
  }

  return settleWithin<EnqueueOutcome>(
    ANSWER_WITHIN_MS,
    attempt().catch((error) => ({ kind: "unavailable", reason: coerceError(error).message })),
    () => {
      if (sent) onUnknown?.("timeout");
      return { kind: "unavailable", reason: "no answer in time" };
    },
  );
}
