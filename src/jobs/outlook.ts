import { coerceError } from "../errors.ts";
import { ANSWER_WITHIN_MS, settleWithin } from "./enqueue.ts";
import { type OutOfSight, type QueueDepth, type QueueName, queueNames } from "./queue.ts";

/** Whatever becomes of `look`, an answer within the time that a webhook has. */
export function inSight<T>(look: Promise<T>): Promise<T | OutOfSight> {
  return settleWithin<T | OutOfSight>(
    ANSWER_WITHIN_MS,
    look.catch((thrown) => ({ kind: "unavailable", reason: coerceError(thrown).message })),
    () => ({ kind: "unavailable", reason: "no answer in time" }),
  );
}

export async function countAll(
  count: (queue: QueueName) => Promise<QueueDepth>,
): Promise<{ kind: "counted"; depths: Record<QueueName, QueueDepth> }> {
  const counted = await Promise.all(queueNames.map(async (queue) => [queue, await count(queue)] as const));
  const none = { waiting: 0, active: 0 };
  return { kind: "counted", depths: { lookups: none, investigations: none, ...Object.fromEntries(counted) } };
}
