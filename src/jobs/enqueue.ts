import type { IQueueBackend } from "bullmq";
import type { Job } from "./contract.ts";

/** Discord waits 3 s for an answer, and the interface promises one within 1.5 s, on a busy machine too. */
export const ANSWER_WITHIN_MS = 1_250;

/**
 * How long after its start an `enqueue` may still add the job, by the clock of the database. The distance to
 * `ANSWER_WITHIN_MS` is the time that the confirmation has to arrive: an `unavailable` must not be followed by a run.
 */
export const ADD_WITHIN_MS = 900;

// A repeated id is recognised only while its first job is kept: one hour, and an interaction lives 15 minutes.
// Failed jobs stay longer, so that a worker that was away for days still finds whom to tell.
const RETENTION = {
  removeOnComplete: { age: 3_600, count: 1_000 },
  removeOnFail: { age: 7 * 86_400, count: 1_000 },
};

/**
 * Puts a job into a queue, through the backend that BullMQ's own `Queue#add` uses. A `Queue` would cost an INFO and a
 * HMSET per instance (the edge has one per request), cannot be built while Redis is away without staying broken, and
 * weighs twice as much in the bundle.
 * @param startedAt - In the database's own clock, milliseconds since 1970. Past `ADD_WITHIN_MS` it refuses the job.
 * @see https://api.docs.bullmq.io/interfaces/v6.IQueueBackend.html
 */
export async function addJob(
  backend: Pick<IQueueBackend, "addJob">,
  job: Job,
  startedAt: number,
): Promise<void> {
  await backend.addJob(
    {
      id: job.id,
      name: job.work.kind,
      data: JSON.stringify(job),
      opts: { ...RETENTION, attempts: 1, jobId: job.id },
      progress: 0,
      attemptsMade: 0,
      attemptsStarted: 0,
      stalledCounter: 0,
      timestamp: startedAt,
      delay: 0,
      priority: 0,
      failedReason: "null",
      returnvalue: "null",
    },
    job.id,
    {},
  );
}

/** What `work` resolves to, or `onTimeout()` if that takes longer than `ms`. */
export function settleWithin<T>(ms: number, work: Promise<T>, onTimeout: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // A process that was busy sees the timer before the answer that lies in its socket: let it read that first.
      setTimeout(() => resolve(onTimeout()), 0);
    }, ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
