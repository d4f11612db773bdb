import type { Job as BullJob, IQueueBackend, Processor, WorkerListener, WorkerOptions } from "bullmq";
import { coerceError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import { cancelKey, withdrawnKey } from "./keys.ts";
import {
  type Consumer,
  type ConsumerOptions,
  type CrashPolicy,
  JobCancelled,
  JobInterrupted,
  type QueueName,
} from "./queue.ts";
import { createTeller } from "./tell-interrupted.ts";

/** Shortened by tests; nothing else changes them. */
export interface Timings {
  /** A worker that did not renew a job's lock for so long is taken for dead. */
  lockMs: number;
  /** How often to look for such jobs; the second look acts. */
  stalledEveryMs: number;
  /** How often to look for cancellations of running jobs. */
  cancelEveryMs: number;
  /** How often to look for interrupted jobs that nobody was told about. */
  tellEveryMs: number;
  /** How long one attempt to tell keeps other processes from trying the same. */
  tellLeaseMs: number;
  /** How long an idle worker waits for a job in one command. */
  drainDelayMs: number;
}

export const defaultTimings: Timings = {
  lockMs: 15_000,
  stalledEveryMs: 7_500,
  cancelEveryMs: 500,
  tellEveryMs: 30_000,
  tellLeaseMs: 60_000,
  drainDelayMs: 5_000,
};

/** What BullMQ writes as the reason when it gives a job up because its worker died. */
const CRASH_REASONS = new Set([
  "job stalled more than allowable limit",
  "job started more than allowable limit",
]);

/** How long a close waits for BullMQ once no job runs any more; an unreachable database would hold it for ever. */
const CLOSE_WITHIN_MS = 3_000;
/** How long `progress` may keep a job waiting. */
const PROGRESS_WITHIN_MS = 2_000;
const REPEAT_WARNING_AFTER_MS = 60_000;

/** What we use of a BullMQ worker, whatever its backend. */
interface BullWorker {
  on<E extends keyof WorkerListener>(event: E, listener: WorkerListener[E]): unknown;
  waitUntilReady(): Promise<void>;
  close(): Promise<void>;
}

export interface ConsumeQueueOptions extends ConsumerOptions {
  queue: QueueName;
  policy: CrashPolicy;
  backend: Pick<IQueueBackend, "getJobData" | "getRanges" | "remove">;
  store: Store;
  log: Log;
  timings: Timings;
  createWorker(processor: Processor, options: Omit<WorkerOptions, "connection">): BullWorker;
  /** Ends what `createWorker` opened, without waiting for the other side. */
  disconnect(): void;
}

interface RunningJob {
  jobId: string;
  controller: AbortController;
  renewedAt: number;
  ended: Promise<void>;
}

/** The worker's half of a queue, the same over Redis and over the embedded database. */
export function consumeQueue({
  queue,
  policy,
  backend,
  store,
  log,
  timings,
  createWorker,
  disconnect,
  concurrency,
  run,
  onInterrupted,
}: ConsumeQueueOptions): Consumer {
  const running = new Set<RunningJob>();
  const dropped = new Set<string>();
  let stopping: JobInterrupted | undefined;

  const teller = createTeller({ backend, store, log, timings, onInterrupted, isCrash });
  const starts = policy.kind === "interrupt" ? 1 : policy.attempts;

  const worker = createWorker(
    async (job: BullJob) => {
      const jobId = job.id ?? "";
      let end = () => {};
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      const entry = { jobId, controller: new AbortController(), renewedAt: performance.now(), ended };
      running.add(entry);
      if (stopping) entry.controller.abort(stopping);
      const progress = newestOnly((value: object) => job.updateProgress(value));
      try {
        if ((await whatIsWanted(entry)) === "withdrawn") {
          dropped.add(jobId);
          log.warn({ jobId, queue }, "job dropped: its sender was told that it would not run");
          return;
        }
        await run(job.data, {
          signal: entry.controller.signal,
          attempt: job.attemptsStarted,
          progress: progress.write,
        });
      } finally {
        await progress.settled();
        running.delete(entry);
        end();
      }
    },
    {
      concurrency,
      lockDuration: timings.lockMs,
      stalledInterval: timings.stalledEveryMs,
      drainDelay: timings.drainDelayMs / 1_000,
      // After a failed fetch. The default of 15 s would be most of the time to recover from an outage.
      runRetryDelay: 1_000,
      maxStalledCount: starts - 1,
      maxStartedAttempts: starts,
    },
  );

  /** Reads what was decided about a job before it starts. A cancelled one still runs, aborted, to end in words. */
  async function whatIsWanted({ jobId, controller }: RunningJob): Promise<"run" | "withdrawn"> {
    while (!controller.signal.aborted) {
      try {
        const [cancelled, withdrawn] = await store.getMany([cancelKey(jobId), withdrawnKey(jobId)]);
        if (withdrawn !== undefined) return "withdrawn";
        if (cancelled !== undefined) controller.abort(new JobCancelled("A person stopped the job."));
        return "run";
      } catch {
        // Without an answer a cancelled job could start. Losing the lock meanwhile ends the wait.
        await new Promise((resolve) => setTimeout(resolve, timings.cancelEveryMs));
      }
    }
    return "run";
  }

  let watching = false;
  async function watchRunning() {
    const expired = performance.now() - timings.lockMs;
    for (const { controller, renewedAt } of running) {
      // A worker cut off from the database learns of the loss only by itself; another may have the job by now.
      if (renewedAt < expired) controller.abort(new JobInterrupted("The job's lock expired."));
    }
    const jobs = [...running].filter(({ controller }) => !controller.signal.aborted);
    if (watching || jobs.length === 0) return;
    watching = true;
    try {
      const wishes = await store.getMany(jobs.map(({ jobId }) => cancelKey(jobId)));
      for (const [index, { controller }] of jobs.entries()) {
        if (wishes[index] !== undefined) controller.abort(new JobCancelled("A person stopped the job."));
      }
    } catch {
      // The next look comes soon; the outage itself is logged by its connection.
    } finally {
      watching = false;
    }
  }
  const watch = setInterval(watchRunning, timings.cancelEveryMs);

  const warn = withoutRepeats((error: string) => log.warn({ queue, error }, "queue worker had an error"));
  worker.on("error", (error) => warn(error.message));
  worker.on("locksRenewed", ({ jobIds }) => {
    for (const entry of running) if (jobIds.includes(entry.jobId)) entry.renewedAt = performance.now();
  });
  worker.on("lockRenewalFailed", (jobIds) => {
    for (const { jobId, controller } of running) {
      if (jobIds.includes(jobId)) controller.abort(new JobInterrupted("The job's lock was lost."));
    }
  });
  worker.on("completed", ({ id = "" }) => {
    // A dropped job must not make a later one of the same id look like a repetition.
    if (dropped.delete(id)) backend.remove(id, false).catch((error) => warn(coerceError(error).message));
  });
  worker.on("stalled", (jobId) => {
    log.warn({ jobId, queue }, "job stalled: its worker died or lost the lock");
    // Not only when it is moved to failed: with every slot busy that can take as long as a job does.
    if (policy.kind === "interrupt") teller.tell(jobId);
  });
  worker.on("failed", (job, error) => {
    if (!job?.id) return;
    if (isCrash(error.message)) teller.tell(job.id);
    else log.error({ jobId: job.id, queue, error: error.message }, "job failed");
  });
  worker.waitUntilReady().then(teller.start, () => {});

  return {
    ready: () => worker.waitUntilReady(),
    running: () => running.size,
    async close({ graceMs }) {
      teller.close();
      const closed = worker.close();
      if ((await Promise.race([closed.then(() => "closed"), pause(graceMs)])) !== "closed") {
        stopping = new JobInterrupted("The process stops.");
        for (const { controller } of running) controller.abort(stopping);
        while (running.size > 0) await Promise.all([...running].map(({ ended }) => ended));
        await Promise.race([closed, pause(CLOSE_WITHIN_MS)]);
      }
      clearInterval(watch);
      disconnect();
    },
  };
}

function isCrash(failedReason: string): boolean {
  return CRASH_REASONS.has(failedReason);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

/** Writes one value at a time and, of those that came meanwhile, only the newest. */
function newestOnly(save: (value: object) => Promise<void>) {
  let next: object | undefined;
  let writing: Promise<void> | undefined;

  async function writeAll() {
    while (next) {
      const value = next;
      next = undefined;
      // Progress is a courtesy: a job does not fail because it could not be shown.
      await save(value).catch(() => {});
    }
    writing = undefined;
  }
  const settled = async () => {
    if (writing !== undefined) await Promise.race([writing, pause(PROGRESS_WITHIN_MS)]);
  };
  return {
    settled,
    write(value: object) {
      next = value;
      writing ??= writeAll();
      return settled();
    },
  };
}

/** An outage makes the same error many times a second. */
function withoutRepeats(report: (message: string) => void): (message: string) => void {
  const reportedAt = new Map<string, number>();
  return (message) => {
    const now = performance.now();
    if (now - (reportedAt.get(message) ?? -Infinity) < REPEAT_WARNING_AFTER_MS) return;
    reportedAt.clear();
    reportedAt.set(message, now);
    report(message);
  };
}
